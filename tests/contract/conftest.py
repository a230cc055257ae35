"""The contract of the API, read once, and its schemas as validators."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator


@pytest.fixture(scope="session")
def contract() -> dict[str, Any]:
    """The whole file."""
    text = (Path(__file__).parent / "gpu-v1.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


@pytest.fixture(scope="session")
def described(contract: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Every operation by id, with `path`, `method` and `server` added and references resolved."""
    found: dict[str, dict[str, Any]] = {}
    for path, item in contract["paths"].items():
        for method, operation in item.items():
            if method in {"get", "post", "put", "patch", "delete"}:
                servers = item.get("servers", contract["servers"])
                found[operation["operationId"]] = {
                    **operation,
                    "path": path,
                    "method": method.upper(),
                    "server": servers[0]["url"],
                    "parameters": [resolve(contract, one) for one in operation.get("parameters", [])],
                    "requestBody": resolve(contract, operation.get("requestBody", {})),
                    "responses": {
                        status: resolve(contract, one) for status, one in operation["responses"].items()
                    },
                }
    return found


@pytest.fixture(scope="session")
def faults(contract: dict[str, Any]) -> Callable[[str, object], list[str]]:
    """What the contract finds wrong with a value, by the name of the schema.

    A new word of an open enumeration is nothing wrong: the service may know more words than the file.
    """

    def check(schema: str, value: object) -> list[str]:
        root = {"$ref": f"#/components/schemas/{schema}", "components": contract["components"]}
        return [
            error.message
            for error in Draft202012Validator(root).iter_errors(value)
            if not (error.validator == "enum" and error.schema.get("x-open-enum"))
        ]

    return check


def resolve(contract: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    """Follow a reference; what stands beside it wins."""
    if "$ref" not in node:
        return node
    target: Any = contract
    for part in node["$ref"].removeprefix("#/").split("/"):
        target = target[part]
    return {**resolve(contract, target), **{key: value for key, value in node.items() if key != "$ref"}}
