"""The contracts of the API: the files beside this one, read once, their references followed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import yaml
from jsonschema import Draft202012Validator

from novita_sdk._core.http import Request


def _read(name: str, prefix: str = "") -> dict[str, Any]:
    """Read a file; its components get a prefix, so that those of two files do not meet."""
    text = (Path(__file__).parent / name).read_text(encoding="utf-8")
    text = re.sub(r"(#/components/\w+/)", rf"\1{prefix}", text)
    found: dict[str, Any] = yaml.load(
        text,
        Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader),  # noqa: S506 - both are safe, the first is fast
    )
    for components in found["components"].values():
        for key in list(components):
            components[prefix + key] = components.pop(key)
    return found


CONTRACT = _read("gpu-v1.yaml")
SERVERLESS = _read("serverless-v1.yaml", "Serverless")

for _kind, _components in SERVERLESS["components"].items():
    CONTRACT["components"].setdefault(_kind, {}).update(_components)

_VERBS = {"get", "post", "put", "patch", "delete"}


def resolve(node: Mapping[str, Any]) -> dict[str, Any]:
    """Follow a reference; what stands beside it wins."""
    if "$ref" not in node:
        return dict(node)
    target: Any = CONTRACT
    for part in node["$ref"].removeprefix("#/").split("/"):
        target = target[part]
    return {**resolve(target), **{key: value for key, value in node.items() if key != "$ref"}}


def _described(contract: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for path, item in contract["paths"].items():
        for verb in _VERBS & item.keys():
            operation = item[verb]
            servers = item.get("servers", contract["servers"])
            found[operation["operationId"]] = {
                **operation,
                "path": path,
                "method": verb.upper(),
                "server": servers[0]["url"],
                "parameters": [resolve(one) for one in operation.get("parameters", [])],
                "requestBody": resolve(operation.get("requestBody", {})),
                "responses": {status: resolve(one) for status, one in operation["responses"].items()},
            }
    return found


DESCRIBED = _described(CONTRACT) | {
    name: operation
    for name, operation in _described(SERVERLESS).items()
    if "Account" not in operation["tags"]  # those stand in the other file, with more detail
}
"""Every operation by id, with `path`, `method` and `server` added."""


def documented_answer(operation: str) -> Any:
    """The example of an operation's success."""
    return DESCRIBED[operation]["responses"]["200"]["content"]["application/json"]["example"]


def documented_bodies(operation: str) -> list[Any]:
    """The examples of an operation's body."""
    content = DESCRIBED[operation]["requestBody"]["content"]["application/json"]
    return [one["value"] for one in content.get("examples", {}).values()] or [content["example"]]


def faults(schema: str | Mapping[str, Any], value: object) -> list[str]:
    """What the contract finds wrong with a value.

    A new word of an open enumeration is nothing wrong: the service may know more words than the file.

    Args:
        schema: A schema, or the name of one.
        value: The value.
    """
    root = {"$ref": f"#/components/schemas/{schema}"} if isinstance(schema, str) else schema
    validator = Draft202012Validator({**root, "components": CONTRACT["components"]})
    return [
        f"{error.json_path}: {error.message}"
        for error in validator.iter_errors(value)
        if not (error.validator == "enum" and error.schema.get("x-open-enum"))
    ]


def answer_faults(operation: str, status: int, body: object) -> list[str]:
    """What the contract finds wrong with an answer, whose body is None if it is empty."""
    response = DESCRIBED[operation]["responses"].get(str(status))
    if response is None:
        return [f"{operation} has no status {status}"]
    if "content" not in response:
        return [] if body is None else [f"status {status} has no body"]
    return faults(response["content"]["application/json"]["schema"], body)


def request_faults(request: Request, body: object) -> list[str]:
    """What the contract finds wrong with a request of a listed operation.

    Args:
        request: The request as a transport gets it.
        body: Its decoded body; None if it has none.
    """
    description = DESCRIBED[request.operation]
    url, _, query = request.url.partition("?")
    found = _query_faults([one for one in description["parameters"] if one["in"] == "query"], query)
    form = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(description["server"] + description["path"]))
    if request.method != description["method"] or not re.fullmatch(form, url):
        found.append(f"{request.method} {url}")
    if request.headers.get("Content-Type") != "application/json":
        found.append("the content type is not application/json")
    if not description["requestBody"]:
        return found if body is None else [*found, "it has a body"]
    return found + faults(description["requestBody"]["content"]["application/json"]["schema"], body)


def sent_query(request: Request) -> dict[str, str]:
    """The query parameters of a request, decoded."""
    return dict(parse_qsl(urlsplit(request.url).query, keep_blank_values=True, strict_parsing=True))


def _query_faults(parameters: list[dict[str, Any]], query: str) -> list[str]:
    sent = parse_qsl(query, keep_blank_values=True)
    known = {one["name"]: one for one in parameters}
    names = [name for name, _ in sent]
    found = [f"{name} is sent twice" for name in set(names) if names.count(name) > 1]
    found += [f"{name} is no parameter" for name in names if name not in known]
    found += [
        f"{name} is missing" for name, one in known.items() if one.get("required") and name not in names
    ]
    for name, text in sent:
        if name in known:
            schema = known[name]["schema"]
            found += [f"{name}: {fault}" for fault in faults(schema, _value(text, resolve(schema)["type"]))]
    return found


def _value(text: str, kind: str | list[str]) -> object:
    """Read a query value as the type its schema names; text that does not fit stays text."""
    if kind == "integer" and re.fullmatch(r"-?\d+", text):
        return int(text)
    if kind == "boolean" and text in {"true", "false"}:
        return text == "true"
    return text
