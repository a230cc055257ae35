"""Loading specs: from files and mappings, with every problem told and nothing half loaded."""

from __future__ import annotations

import json
from typing import Any

import pytest

from novita_sdk.errors import ConfigurationError, SpecFileError, ValidationError
from novita_sdk.testing import Simulator

pytestmark = pytest.mark.anyio

SPEC: dict[str, Any] = {
    "name": "novita-5090-single",
    "resources": {"gpu": "1", "ephemeralStorage": "100"},
    "platforms": {
        "novita": {"productId": "SL-serverless-3", "region": "us-dallas-nas-2", "cudaVersion": "any"}
    },
}


@pytest.mark.case("SV-16")
@pytest.mark.case("SV-12")
async def test_a_load_that_fails_leaves_what_was_loaded(tmp_path: Any) -> None:
    good, bad = tmp_path / "good.json", tmp_path / "bad.yaml"
    good.write_text(json.dumps({"specs": [SPEC]}))
    bad.write_text("specs: [{name: x}")
    async with Simulator().async_client() as client:
        specs = client.serverless_endpoints.specs
        specs.load(good)
        with pytest.raises(SpecFileError) as caught:
            specs.load([bad, tmp_path / "missing.json"])
        assert [problem.code for problem in caught.value.problems] == ["bad_syntax", "missing_file"]
        assert [spec.name for spec in specs.list()] == ["novita-5090-single"]


@pytest.mark.case("SV-12")
@pytest.mark.parametrize("path", ["no\0path.yaml", "{folder}", "{folder}/specs.toml", "{folder}/large.json"])
async def test_what_is_no_spec_file_is_a_problem_and_never_a_crash(tmp_path: Any, path: str) -> None:
    (tmp_path / "specs.toml").write_text("specs = []")
    (tmp_path / "large.json").write_text('{"specs": []}' + " " * (1 << 20))
    async with Simulator().async_client() as client:
        with pytest.raises(SpecFileError) as caught:
            client.serverless_endpoints.specs.load(path.format(folder=tmp_path))
    assert [problem.code for problem in caught.value.problems] == ["unreadable"]


@pytest.mark.parametrize("source", [5, None, b"specs.yaml", [None]])
async def test_what_is_no_source_of_specs_is_refused(source: Any) -> None:
    async with Simulator().async_client() as client:
        with pytest.raises(ValidationError, match="path or a mapping"):
            client.serverless_endpoints.specs.load(source)


async def test_a_setting_of_a_spec_that_the_service_lacks_is_a_warning(
    caplog: pytest.LogCaptureFixture,
) -> None:
    spec = {**SPEC, "resources": {**SPEC["resources"], "shmSize": "8Gi"}}
    async with Simulator().async_client() as client:
        client.serverless_endpoints.specs.load({"specs": [spec]})
    assert [record.levelname for record in caplog.records if "resources.shmSize" in record.getMessage()] == [
        "WARNING"
    ]


@pytest.mark.case("SV-15")
async def test_without_the_extra_only_yaml_cannot_be_read(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "yaml", None)
    path = tmp_path / "specs.yaml"
    path.write_text("specs: []")
    async with Simulator().async_client() as client:
        with pytest.raises(ConfigurationError, match="yaml"):
            client.serverless_endpoints.specs.load(path)
        assert client.serverless_endpoints.specs.load({"specs": [SPEC]})
