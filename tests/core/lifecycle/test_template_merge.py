"""Laying arguments over a template."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novita_sdk._core.lifecycle.template_merge import merge, merged_envs, registry_host
from novita_sdk.models import EnvVar, Template

NAMES = st.sampled_from("ABCDE")


@pytest.mark.parametrize(
    ("image", "host"),
    [
        ("nginx", "docker.io"),
        ("nginx:1.27", "docker.io"),
        ("team/app:v1", "docker.io"),
        ("docker.io/team/app", "docker.io"),
        ("GHCR.io/team/app", "ghcr.io"),
        ("localhost/app", "localhost"),
        ("registry:5000/app", "registry:5000"),
        ("", "docker.io"),
    ],
)
def test_the_registry_is_read_from_the_first_part(image: str, host: str) -> None:
    assert registry_host(image) == host


@given(
    st.dictionaries(NAMES, st.text(max_size=3)),
    st.dictionaries(NAMES, st.one_of(st.none(), st.text(max_size=3))),
)
def test_a_variable_of_the_caller_wins_and_none_removes_it(
    told: dict[str, str], given_envs: dict[str, str | None]
) -> None:
    template = Template(id="1", envs=tuple(EnvVar(key=key, value=value) for key, value in told.items()))
    found = merged_envs(template, dict(given_envs.items()))
    for name in "ABCDE":
        expected = given_envs[name] if name in given_envs else told.get(name)
        assert found.get(name) == expected


def test_the_secrets_of_a_merge_are_not_shown() -> None:
    template = Template(id="1", image="x", image_auth="a-login", envs=(EnvVar(key="K", value="hidden"),))
    shown = repr(merge(template, {}, with_login=True))
    assert "a-login" not in shown
    assert "hidden" not in shown
