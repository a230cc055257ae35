"""The operation table says what the contract says: names, paths, parameters, bodies, limits, answers."""

from __future__ import annotations

from typing import Any

import pytest

from novita_sdk._core import operations
from novita_sdk._core.arguments import check_fields
from novita_sdk._core.operations import Field, Operation, Safety
from novita_sdk._core.wire import decode_query, encode_query

SERVERS = {
    "https://api.novita.ai/gpu-instance/openapi/v1": "gpu",
    "https://api.novita.ai/openapi/v1": "account",
    "https://api-server.novita.ai": "internal",
    "https://async-public.serverless.novita.ai/v1": "gateway",
    "https://async.novita.ai/v1": "gateway",  # the older one, which alone has counters
}

# Where the table asks for more than the contract: operation, field, what the table adds, why.
STRICTER: dict[tuple[str, str], dict[str, Any]] = {
    # the contract says "at least one property", and this is the only one
    ("delete_image", "id"): {"required": True},
    # a volume without size makes no sense, whichever way the number is spelled
    ("update_network_storage", "storageSize"): {"min": 1},
    # in words the contract says so too: these ports are the service's own
    ("create_endpoint", "endpoint.fields.ports.items.fields.port"): {"forbidden": [2222, 2223, 2224]},
    ("update_endpoint", "ports.items.fields.port"): {"forbidden": [2222, 2223, 2224]},
}

# Keys of the contract that the SDK never sends: the workers of an endpoint are the service's own.
NEVER_SENT = {("update_endpoint", "workers")}

NAMES = sorted(operations.ALL)
WITH_BODY = [name for name in NAMES if operations.ALL[name].body is not None]

# ------------------------------------------------------------ both sides as the same plain description


def _resolve(contract: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in node:
        return node
    target: Any = contract
    for part in node["$ref"].removeprefix("#/").split("/"):
        target = target[part]
    return {**_resolve(contract, target), **{key: value for key, value in node.items() if key != "$ref"}}


def _flat(contract: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    """A schema without references and `allOf`; of two statements about a property both count."""
    schema = dict(_resolve(contract, node))
    properties: dict[str, Any] = {}
    required: list[str] = []
    for part in [*schema.pop("allOf", []), schema]:
        flat = _flat(contract, part) if part is not schema else part
        for name, one in flat.get("properties", {}).items():
            properties[name] = {**_resolve(contract, properties.get(name, {})), **_resolve(contract, one)}
        required += flat.get("required", [])
    if properties:
        schema |= {"type": "object", "properties": properties, "required": required}
    return schema


def _kind(schema: dict[str, Any], unit: str | None) -> str:
    if unit == "Unix seconds":
        return "time"
    if unit == "seconds":
        return "duration"
    kind = schema.get("type", "any")
    if isinstance(kind, list) and "null" in kind:  # the SDK never sends null
        (kind,) = (one for one in kind if one != "null")
    return (
        {"string": "text", "integer": "int", "boolean": "bool"}.get(str(kind), str(kind))
        if isinstance(kind, str)
        else "int_or_str"
    )


def _said(found: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is not stated; 0 is a statement."""
    return {
        key: value
        for key, value in found.items()
        if value not in ([], {}) and value is not None and value is not False
    }


def of_schema(
    contract: dict[str, Any], node: dict[str, Any], *, required: bool, unit: str | None
) -> dict[str, Any]:
    schema = _flat(contract, node)
    kind = _kind(schema, unit or schema.get("x-unit"))
    found: dict[str, Any] = {
        "kind": kind,
        "required": required,
        "min": schema.get("minimum", schema.get("exclusiveMinimum", -1) + 1 or None),
        "max": schema.get("maximum"),
        "min_length": schema.get("minLength"),
        "max_length": schema.get("maxLength"),
        "min_items": schema.get("minItems"),
        "max_items": schema.get("maxItems"),
        "enum": None if "const" in schema else schema.get("enum"),
        "open": schema.get("x-open-enum") if "const" not in schema else None,
        "const": schema.get("const"),
        "forbidden": schema.get("not", {}).get("enum"),
        "pattern": None if kind == "time" else schema.get("pattern"),
        "items": None,
        "fields": None,
    }
    if kind == "array":
        found["items"] = of_schema(contract, schema["items"], required=False, unit=None)
    if kind == "object":
        found["fields"] = {
            name: of_schema(contract, one, required=name in schema["required"], unit=one.get("x-unit"))
            for name, one in schema["properties"].items()
        }
    return _said(found)


def of_field(field: Field) -> dict[str, Any]:
    kinds = {"str": "text", "id": "text"}
    found: dict[str, Any] = {
        "kind": kinds.get(field.type, field.type),
        "required": field.required,
        "enum": list(field.enum),
        "open": field.open,
        "forbidden": list(field.forbidden),
        "items": None if field.items is None else of_field(field.items),
        "fields": {one.name: of_field(one) for one in field.fields},
    }
    for limit in ("min", "max", "min_length", "max_length", "min_items", "max_items", "const", "pattern"):
        found[limit] = getattr(field, limit)
    return _said(found)


def expected_fields(
    contract: dict[str, Any], operation: str, schema: dict[str, Any]
) -> dict[str, dict[str, Any]]:
    fields: dict[str, dict[str, Any]] = of_schema(contract, schema, required=True, unit=None)["fields"]
    for (name, path), more in STRICTER.items():
        if name == operation:
            _at(fields, path).update(more)
    return {name: one for name, one in fields.items() if (operation, name) not in NEVER_SENT}


def _at(fields: dict[str, Any], path: str) -> dict[str, Any]:
    found: dict[str, Any] = fields
    for part in path.split("."):
        found = found[part]
    return found


def answer_schema(contract: dict[str, Any], description: dict[str, Any]) -> dict[str, Any]:
    content = description["responses"]["200"]["content"]
    return _flat(contract, content["application/json"]["schema"])


# ------------------------------------------------------------ requests


def test_the_table_has_the_operations_of_the_contract(described: dict[str, Any]) -> None:
    assert sorted(described) == NAMES
    assert len(NAMES) == 65


@pytest.mark.parametrize("name", NAMES)
def test_method_path_and_base_are_those_of_the_contract(name: str, described: dict[str, Any]) -> None:
    operation, description = operations.ALL[name], described[name]
    assert (operation.method, operation.path) == (description["method"], description["path"])
    assert operation.base == SERVERS[description["server"]]


@pytest.mark.parametrize("name", NAMES)
def test_query_parameters_are_those_of_the_contract_in_their_order(
    name: str, contract: dict[str, Any], described: dict[str, Any]
) -> None:
    expected = [
        (
            one["name"],
            of_schema(contract, one["schema"], required=one.get("required", False), unit=one.get("x-unit")),
        )
        for one in described[name]["parameters"]
        if one["in"] == "query"
    ]
    assert [(field.name, of_field(field)) for field in operations.ALL[name].query] == expected


@pytest.mark.parametrize("name", NAMES)
def test_there_is_a_body_where_the_contract_has_one(name: str, described: dict[str, Any]) -> None:
    assert (operations.ALL[name].body is not None) == bool(described[name]["requestBody"])


@pytest.mark.parametrize("name", [name for name in WITH_BODY if not operations.ALL[name].variants])
def test_body_keys_are_those_of_the_contract(
    name: str, contract: dict[str, Any], described: dict[str, Any]
) -> None:
    schema = described[name]["requestBody"]["content"]["application/json"]["schema"]
    fields = operations.ALL[name].body or ()
    assert {field.name: of_field(field) for field in fields} == expected_fields(contract, name, schema)


@pytest.mark.parametrize("kind", ["gpu", "cpu"])
def test_both_shapes_of_a_create_are_those_of_the_contract(
    kind: str, contract: dict[str, Any], described: dict[str, Any]
) -> None:
    schema = described["create_instance"]["requestBody"]["content"]["application/json"]["schema"]
    shape = {"$ref": schema["discriminator"]["mapping"][kind]}
    fields = operations.CREATE_INSTANCE.body_fields({"kind": kind})
    expected = expected_fields(contract, "create_instance", shape)
    assert {field.name: of_field(field) for field in fields} == expected
    assert sorted(schema["discriminator"]["mapping"]) == sorted(dict(operations.CREATE_INSTANCE.variants))


def test_a_stricter_rule_is_needed_where_it_is_listed(
    contract: dict[str, Any], described: dict[str, Any]
) -> None:
    for (name, path), more in STRICTER.items():
        schema = described[name]["requestBody"]["content"]["application/json"]["schema"]
        stated = _at(of_schema(contract, schema, required=True, unit=None)["fields"], path)
        assert {key: stated.get(key) for key in more} != more


# ------------------------------------------------------------ answers and pages


@pytest.mark.parametrize("name", [name for name in NAMES if operations.ALL[name].result.shape == "list"])
def test_the_items_of_a_list_stand_where_the_table_looks(
    name: str, contract: dict[str, Any], described: dict[str, Any]
) -> None:
    result = operations.ALL[name].result
    properties = answer_schema(contract, described[name])["properties"]
    key = next(key for key in result.keys if key in properties)
    items = _flat(contract, properties[key])
    assert items["type"] == "array"
    assert result.id_key is None or result.id_key in _flat(contract, items["items"])["properties"]


@pytest.mark.parametrize("name", [name for name in NAMES if operations.ALL[name].result.shape == "id"])
def test_an_id_stands_where_the_table_looks(
    name: str, contract: dict[str, Any], described: dict[str, Any]
) -> None:
    schema = answer_schema(contract, described[name])
    shapes = [_flat(contract, one) for one in schema.get("anyOf", [schema])]
    properties = {key for one in shapes for key in one.get("properties", {})}
    if name == "save_repository_auth":  # documented to answer nothing: the id is found by looking
        assert not properties
    else:
        assert set(operations.ALL[name].result.keys) <= properties


@pytest.mark.parametrize("name", NAMES)
def test_pages_are_asked_for_as_the_contract_spells_it(
    name: str, contract: dict[str, Any], described: dict[str, Any]
) -> None:
    pages = {
        one["name"]: _resolve(contract, one["schema"]).get("minimum")
        for one in described[name]["parameters"]
        if one["name"].startswith("page")
    }
    paging = operations.ALL[name].paging
    if paging is None:
        assert pages == {}
    else:
        assert set(pages) == {paging.page_key, paging.size_key}
        assert paging.zero_allowed == (pages[paging.page_key] == 0)
        assert paging.first == 1


# ------------------------------------------------------------ the contract's own examples


@pytest.mark.parametrize("name", WITH_BODY)
def test_the_examples_of_the_contract_pass_the_check(name: str, described: dict[str, Any]) -> None:
    content = described[name]["requestBody"]["content"]["application/json"]
    examples = [one["value"] for one in content.get("examples", {}).values()] or [content["example"]]
    operation: Operation = operations.ALL[name]
    for example in examples:
        assert check_fields(operation.body_fields(example), example) == []


@pytest.mark.parametrize("name", [name for name in NAMES if operations.ALL[name].query])
def test_the_query_of_the_contracts_examples_survives_the_wire(name: str, described: dict[str, Any]) -> None:
    fields = operations.ALL[name].query
    examples = {
        one["name"]: one.get("example", one["schema"].get("default")) for one in described[name]["parameters"]
    }
    query = {key: value for key, value in examples.items() if value is not None}
    values = decode_query(encode_query(query.items()), fields)
    assert {key: str(value) for key, value in values.items()} == {
        key: str(value) for key, value in query.items()
    }
    # An empty text stands for "no filter"; the SDK leaves such a parameter out.
    assert check_fields(fields, {key: value for key, value in values.items() if value != ""}) == []


def test_reads_are_gets_and_writes_are_posts() -> None:
    for operation in operations.ALL.values():
        assert (operation.method == "GET") == (operation.safety is Safety.READ), operation.name
