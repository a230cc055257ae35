"""Redaction: what is taken out of values, texts, URLs and bodies, and what stays."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novita_sdk._core.redact import REDACTED, body_for_log, redact, redact_body, redact_text, redact_url
from novita_sdk.models.json_types import JSON

# Without the letters of the marker, lest a secret be found in what replaced it.
SECRETS = st.text(st.sampled_from('bfghz0123456789-_/+="\\ü'), min_size=4, max_size=12)
SCALARS = st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False) | st.text()


def texts(value: JSON) -> Iterator[str]:
    """Every text and number of a JSON value as it would be shown, names included."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield name
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)
    elif not isinstance(value, bool) and value is not None:
        yield str(value)


# ----------------------------------------------------------------------------------------- values


@pytest.mark.case("OB-02")
@pytest.mark.parametrize("key", ["PASSWORD", "ApiKey", "X_AUTH_TOKEN", "authorization", "webhookUrl"])
def test_values_of_telling_names_are_hidden_at_every_level(key: str) -> None:
    value = {key: "hunter2", "list": [{key: "hunter2"}], "deep": {"deeper": {key: {"a": 1}}}}
    before = copy.deepcopy(value)
    assert redact(value) == {key: REDACTED, "list": [{key: REDACTED}], "deep": {"deeper": {key: REDACTED}}}
    assert value == before


@pytest.mark.case("OB-02")
def test_a_value_that_holds_itself_is_cut_there() -> None:
    value: dict[str, JSON] = {"name": "box", "imageAuthId": "auth-1"}
    value["self"] = value
    assert redact(value) == {"name": "box", "imageAuthId": "auth-1", "self": "[Circular Reference]"}


def test_a_value_that_occurs_twice_is_no_cycle() -> None:
    shared = {"a": 1}
    assert redact([shared, shared]) == [{"a": 1}, {"a": 1}]


@pytest.mark.parametrize(
    "key", ["x-api-key", "private key", "Set-Cookie", "credentials", "imageAuth", "refresh_token", "passwd"]
)
def test_names_are_compared_without_case_dashes_and_blanks(key: str) -> None:
    assert redact({key: "hunter2"}) == {key: REDACTED}


@pytest.mark.parametrize("key", ["imageAuthId", "name", "image", "keyName", "value", "commands"])
def test_ordinary_names_keep_their_values(key: str) -> None:
    assert redact({key: "plain"}) == {key: "plain"}


@pytest.mark.parametrize("key", ["command", "entrypoint", "startCommand", "start_command"])
def test_commands_are_hidden(key: str) -> None:
    assert redact({key: "run --password hunter2"}) == {key: REDACTED}


@pytest.mark.parametrize(
    ("envs", "shown"),
    [
        ([{"key": "A", "value": "hunter2"}], [{"key": "A", "value": REDACTED}]),
        ([{"key": "A"}], [{"key": "A"}]),
        ({"A": "hunter2", "B": {"c": "hunter2"}}, {"A": REDACTED, "B": REDACTED}),
        (["A=hunter2", "hunter2"], [f"A={REDACTED}", REDACTED]),
        ("A=hunter2", REDACTED),
    ],
)
def test_environment_variables_keep_their_names_only(envs: JSON, shown: JSON) -> None:
    assert redact({"envs": envs}) == {"envs": shown}
    assert redact({"outer": [{"env": envs}]}) == {"outer": [{"env": shown}]}


def test_deep_nesting_is_cut() -> None:
    value: JSON = "core"
    for _ in range(200):
        value = [value]
    shown = redact(value)
    for _ in range(21):
        assert isinstance(shown, list)
        shown = shown[0]
    assert shown == "[Depth Limit]"


def test_numbers_and_words_stay_what_they_are() -> None:
    value = {"a": 1, "b": Decimal("1.50"), "c": True, "d": None, "e": 0.5}
    assert redact(value) == value


def test_a_number_that_is_a_secret_is_hidden() -> None:
    assert redact([12345678, 5], partial(redact_text, secrets=["12345678"])) == [REDACTED, 5]


@given(
    secret=SECRETS,
    value=st.recursive(
        SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8
    ),
    before=st.text(max_size=5),
    after=st.text(max_size=5),
)
def test_no_configured_secret_survives(secret: str, value: JSON, before: str, after: str) -> None:
    planted = before + secret + after
    holder = {"note": planted, planted: value, "list": [[planted], value], "number": value}
    shown = redact(holder, partial(redact_text, secrets=[secret]))
    assert not [text for text in texts(shown) if secret in text]


# ------------------------------------------------------------------------------------------ texts


@given(secrets=st.lists(SECRETS, min_size=1, max_size=4), parts=st.lists(st.text(max_size=4), min_size=5))
def test_no_configured_secret_survives_in_text(secrets: list[str], parts: list[str]) -> None:
    text = "".join(part + secret for part, secret in zip(parts, secrets, strict=False))
    shown = redact_text(text, secrets)
    assert not [secret for secret in secrets if secret in shown]


@given(secret=SECRETS)
def test_a_secret_is_found_in_its_escaped_forms_too(secret: str) -> None:
    for ensure_ascii in (True, False):
        shown = redact_text(json.dumps({"a": secret}, ensure_ascii=ensure_ascii), [secret])
        assert shown == json.dumps({"a": REDACTED})
    assert redact_text(f"q={quote(secret, safe='')}", [secret]) == f"q={REDACTED}"


def test_a_secret_inside_a_longer_one_leaves_no_rest() -> None:
    assert redact_text("key abcd-efgh", ["abcd", "abcd-efgh"]) == f"key {REDACTED}"
    assert redact_text("nothing to hide", ["", "abcd"]) == "nothing to hide"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://h.example/p", "https://h.example/p"),
        ("https://h.example:8443/p?a=b&c", f"https://h.example:8443/p?{REDACTED}"),
        ("https://u:p@h.example", f"https://{REDACTED}@h.example"),
        ("rediss://default:tok@h:6379/0#x", f"rediss://{REDACTED}@h:6379/0#{REDACTED}"),
        ("https://u:p@ss@h/a@b", f"https://{REDACTED}@h/a@b"),
    ],
)
def test_a_url_loses_userinfo_query_and_fragment(url: str, shown: str) -> None:
    assert redact_url(url) == shown
    assert redact_text(f'see "{url}" and <{url}>') == f'see "{shown}" and <{shown}>'
    assert redact({"a": [f"see {url}"]}) == {"a": [f"see {shown}"]}


# ----------------------------------------------------------------------------------------- bodies


def test_a_body_of_the_greatest_size_is_cut_and_one_byte_more_is_left_out() -> None:
    body = b"x" * 10240
    assert body_for_log(body, "text/plain", 500) == "x" * 500 + "...(+9740)"
    assert body_for_log(body, None, 1000) == "x" * 1000 + "...(+9240)"
    assert body_for_log(body + b"x", "text/plain", 1000) == "[OMITTED 10241 bytes]"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"abc", "multipart/form-data; boundary=x"),
        (b"abc", "Application/Octet-Stream"),
        (b"abc", "image/png"),
        (b"abc", "audio/ogg"),
        (b"abc", "video/mp4"),
        (b"a\xff\xfe", "application/json"),
    ],
)
def test_a_body_that_is_no_text_is_not_shown(body: bytes, content_type: str) -> None:
    assert body_for_log(body, content_type, 500) == "[BINARY 3 bytes]"


def test_a_json_body_is_redacted_by_its_names() -> None:
    body = json.dumps({"name": "ü", "password": "hunter2", "tokenUrl": "x", "link": "https://h/p?k=hunter2"})
    shown = body_for_log(body.encode(), "application/json", 500)
    assert (
        shown
        == f'{{"name":"ü","password":"{REDACTED}","tokenUrl":"{REDACTED}","link":"https://h/p?{REDACTED}"}}'
    )


def test_a_json_body_that_is_cut_off_is_not_shown() -> None:
    body = b'{"name": "box", "password": "hunt'
    assert body_for_log(body, "application/json", 500) == "[UNREADABLE 33 characters]"
    assert redact_body('\ufeff {"password": "hunter2"}') == f'{{"password":"{REDACTED}"}}'


def test_job_payloads_are_shown_by_their_size_only() -> None:
    body = json.dumps({"input": {"a": "ü"}, "id": "job-1"}).encode()
    assert body_for_log(body, None, 500, omit=("input", "output")) == (
        '{"input":"[OMITTED 11 bytes]","id":"job-1"}'
    )
    assert body_for_log(b'["input"]', None, 500, omit=("input",)) == '["input"]'
    assert body_for_log(b"input", None, 500, omit=("input",)) == "input"


@given(body=st.binary(max_size=200) | st.text(max_size=200).map(str.encode), secret=SECRETS)
def test_any_body_can_be_logged_without_its_secret(body: bytes, secret: str) -> None:
    for whole in (body + secret.encode(), json.dumps({"a": secret}).encode(), json.dumps(secret).encode()):
        shown = body_for_log(whole, None, 10_000, [secret])
        assert secret not in shown
        shown.encode()


def test_lone_surrogates_in_a_body_do_not_reach_the_log() -> None:
    assert body_for_log(b'{"a":"\\ud800"}', None, 500) == '{"a":"?"}'
