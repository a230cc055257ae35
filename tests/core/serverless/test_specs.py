"""Spec files: what is read from them, and every problem told at once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from novita_sdk._core.serverless.spec_source import Document, read_json, read_yaml
from novita_sdk._core.serverless.specs import Reading, Source, checked, read_sources, spec_named
from novita_sdk.errors import SpecFileError, SpecNotFoundError, SpecProblem

SAMPLE = """
specs:
  - name: "novita-5090-single"
    displayName: "Novita 5090 1x GPU"
    category: "gpu"
    resourceType: "serverless"
    resources: {gpu: "1", gpuType: "NVIDIA GeForce RTX 5090", cpu: "12", memory: "50", ephemeralStorage: "100"}
    platforms: {novita: {productId: "SL-serverless-3", region: "us-dallas-nas-2", cudaVersion: "any"}}
  - name: "novita-4090-single"
    displayName: "Novita 4090 1x GPU"
    category: "gpu"
    resourceType: "serverless"
    resources: {gpu: "1", gpuType: "NVIDIA GeForce RTX 4090", cpu: "8", memory: "32", ephemeralStorage: "50"}
    platforms: {novita: {productId: "1", region: "us-dallas-nas-2", cudaVersion: "any"}}
"""


def spec(**changes: Any) -> dict[str, Any]:
    return {
        "name": "one",
        "resources": {"gpu": 1, "ephemeralStorage": "100"},
        "platforms": {"novita": {"productId": "p"}},
        **changes,
    }


def of_mapping(*specs: Any, strict: bool = False) -> Reading:
    document = Document({"specs": list(specs)}, [], {})
    return read_sources([Source("<mapping>", document)], strict=strict)


def of_yaml(text: str) -> Reading:
    return read_sources([Source("specs.yaml", read_yaml(text))])


def codes(reading: Reading) -> list[tuple[str, str]]:
    return [(problem.field, problem.code) for problem in reading.problems]


@pytest.mark.case("SV-09")
def test_the_sample_of_the_older_provider_is_read() -> None:
    first, second = checked(of_yaml(SAMPLE))
    assert [first.name, second.name] == ["novita-5090-single", "novita-4090-single"]
    assert [(found.gpu_num, found.rootfs_size, found.cuda_version) for found in (first, second)] == [
        (1, 100, "any"),
        (1, 50, "any"),
    ]
    assert first.deployable
    assert second.deployable
    assert first.resource_type == second.resource_type == "serverless"
    assert (first.product_id, first.region) == ("SL-serverless-3", "us-dallas-nas-2")


@pytest.mark.case("SV-10")
def test_every_problem_of_a_file_is_told_at_once_with_its_place() -> None:
    text = """
specs:
  - name: big
    resources: {gpu: 1, ephemeralStorage: 100Gi}
    platforms: {novita: {productId: p}}
  - name: half
    resources: {gpu: 1.5, ephemeralStorage: 100}
    platforms: {novita: {productId: p}}
  - name: odd
    resources: {gpu: 1, ephemeralStorage: 100}
    platforms: {novita: {productId: {id: p}}}
  - name: big
    resources: {gpu: 1, ephemeralStorage: 100}
    platforms: {novita: {productId: p}}
"""
    with pytest.raises(SpecFileError) as caught:
        checked(of_yaml(text))
    assert [tuple(problem[:5]) for problem in caught.value.problems] == [
        ("specs.yaml", 0, "big", "resources.ephemeralStorage", "bad_number"),
        ("specs.yaml", 1, "half", "resources.gpu", "bad_number"),
        ("specs.yaml", 2, "odd", "platforms.novita.productId", "wrong_type"),
        ("specs.yaml", 3, "big", "name", "duplicate_name"),
    ]
    assert [problem.line for problem in caught.value.problems] == [4, 7, 11, 12]


def test_a_size_with_a_unit_is_told_with_the_right_form() -> None:
    (problem,) = of_mapping(spec(resources={"gpu": 1, "ephemeralStorage": "100Gi"})).problems
    assert "'100Gi'" in problem.message
    assert "write 100" in problem.message


@pytest.mark.case("SV-11")
def test_yaml_scalars_stay_text_and_floats_of_a_mapping_are_refused() -> None:
    text = """
specs:
  - name: one
    resources: {gpu: 1, ephemeralStorage: 50}
    platforms: {novita: {productId: 7, cudaVersion: 12.10}}
"""
    (found,) = checked(of_yaml(text))
    assert (found.cuda_version, found.gpu_num, found.product_id) == ("12.10", 1, "7")
    reading = of_mapping(spec(platforms={"novita": {"productId": 7, "cudaVersion": 12.1}}))
    assert codes(reading) == [("platforms.novita.cudaVersion", "wrong_type")]
    assert "quote it" in reading.problems[0].message


@pytest.mark.case("SV-12")
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("specs: [", "bad_syntax"),
        ("- name: one", "wrong_type"),
        ("specs: [null]", "wrong_type"),
        ("specs: []\nspecs: []", "duplicate_key"),
        (
            "specs: [{name: a, resources: {gpu: 1, ephemeralStorage: 1}, platforms: {novita: null}}]",
            "wrong_type",
        ),
        ("specs: &a [*a]", "bad_syntax"),
        ("other: 1", "missing"),
        ("", "wrong_type"),
        ("specs: {}", "wrong_type"),
        ("specs: [{name: ''}]", "empty"),
        ("specs: [{}]", "missing"),
        ("[" * 5000, "bad_syntax"),
        ("specs: []\n? [a]\n: b", "wrong_type"),
        ("specs: [{<<: 3}]", "bad_syntax"),
        ("specs: [{<<: [3]}]", "bad_syntax"),
        ("a: &a {<<: *a}\nspecs: []", "bad_syntax"),
    ],
)
def test_a_broken_file_is_a_problem_and_never_a_crash(text: str, code: str) -> None:
    assert code in [problem.code for problem in of_yaml(text).problems]


@pytest.mark.case("SV-12")
def test_no_spec_is_no_error() -> None:
    assert checked(of_yaml("specs: []")) == ()


def test_aliases_and_merge_keys_are_followed() -> None:
    text = """
base: &base {gpu: 1, ephemeralStorage: 100}
specs:
  - name: a
    resources: {<<: *base, gpu: 2}
    platforms: {novita: {productId: p}}
  - {name: b, resources: *base, platforms: {novita: {productId: p}}}
"""
    assert [found.gpu_num for found in checked(of_yaml(text))] == [2, 1]


def test_of_several_merged_mappings_the_first_counts() -> None:
    text = "{a: &a {x: 1, y: 1}, b: &b {x: 2, z: 2}, c: {<<: [*a, *b], y: 3}}"
    value: Any = read_yaml(text).value
    assert value["c"] == {"x": "1", "y": "3", "z": "2"}


def test_merges_of_merges_cost_nothing() -> None:
    lines = ["x0: &x0 {k: v}"]
    lines += [f"x{n}: &x{n} {{<<: [*x{n - 1}, *x{n - 1}]}}" for n in range(1, 100)]
    value: Any = read_yaml("\n".join(lines)).value
    assert value["x99"] == {"k": "v"}


@pytest.mark.case("SV-13")
def test_a_spec_for_other_platforms_is_listed_without_its_numbers_being_checked() -> None:
    (found,) = checked(of_mapping(spec(platforms={"other": {}}, resources={"gpu": "many"})))
    assert not found.deployable


@pytest.mark.case("SV-14")
def test_an_unknown_key_of_the_platform_is_a_problem_and_ignored_elsewhere() -> None:
    reading = of_mapping(
        spec(platforms={"novita": {"produktId": "p"}}, nodeSelector={"a": "b"}, tolerations=[])
    )
    assert codes(reading) == [
        ("platforms.novita.productId", "missing"),
        ("platforms.novita.produktId", "unknown_key"),
    ]
    assert any("did you mean productId?" in problem.message for problem in reading.problems)


@pytest.mark.parametrize(
    "value",
    [
        "-1",
        -1,
        True,
        "1.5",
        1.5,
        [],
        "many",
        pytest.param(10**5000, id="huge"),
        pytest.param(-(10**5000), id="low"),
    ],
)
def test_a_disk_is_a_whole_number_of_gigabytes(value: object) -> None:
    reading = of_mapping(spec(resources={"gpu": 1, "ephemeralStorage": value}))
    assert codes(reading) == [("resources.ephemeralStorage", "bad_number")]


def test_shared_memory_is_a_warning_or_when_strict_a_problem() -> None:
    wanted = spec(resources={"gpu": 1, "ephemeralStorage": 1, "shmSize": "8Gi"})
    assert len(of_mapping(wanted).warnings) == 1
    assert codes(of_mapping(wanted, strict=True)) == [("resources.shmSize", "wrong_type")]


def test_a_repeated_key_of_json_is_a_problem() -> None:
    reading = read_sources([Source("a.json", read_json('{"specs": [], "specs": []}'))])
    assert [problem.code for problem in reading.problems] == ["duplicate_key"]


def test_broken_json_is_a_problem_with_its_line() -> None:
    (problem,) = read_sources([Source("a.json", read_json('{\n"specs": [}'))]).problems
    assert (problem.code, problem.line) == ("bad_syntax", 2)


@pytest.mark.parametrize(
    "text", ["1" * 5000, "-" + "1" * 5000, '{"a": ' * 100_000], ids=["high", "low", "deep"]
)
def test_json_that_cannot_be_held_is_a_problem_and_never_a_crash(text: str) -> None:
    (problem,) = read_sources([Source("a.json", read_json(text))]).problems
    assert problem.code == "bad_syntax"


def test_a_product_id_is_text_or_a_number_of_usual_size() -> None:
    for wrong in (10**5000, -1):
        reading = of_mapping(spec(platforms={"novita": {"productId": wrong}}))
        assert codes(reading) == [("platforms.novita.productId", "wrong_type")]


def test_one_name_in_two_sources_is_a_problem_of_the_second() -> None:
    document = read_json(json.dumps({"specs": [spec()]}))
    reading = read_sources([Source("a.json", document), Source("b.json", document)])
    assert [(problem.file, problem.code) for problem in reading.problems] == [("b.json", "duplicate_name")]


def test_an_unknown_name_is_told_with_the_nearest_ones() -> None:
    specs = {found.name: found for found in checked(of_yaml(SAMPLE))}
    with pytest.raises(SpecNotFoundError, match="did you mean novita-5090-single") as caught:
        spec_named(specs, "novita-5090-singel")
    assert caught.value.nearest[0] == "novita-5090-single"


def test_problems_have_a_place() -> None:
    (problem,) = of_mapping(None).problems
    assert problem == SpecProblem("<mapping>", 0, None, "specs", "wrong_type", problem.message, None)
