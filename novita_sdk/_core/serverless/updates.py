"""Updates: changes laid over a record as it was read, so that nothing in it is lost."""

from __future__ import annotations

import copy
import hashlib
import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final, NamedTuple, cast

from novita_sdk._core.marker import MARKER_ENV
from novita_sdk._core.narrowing import is_array, is_mapping
from novita_sdk._core.scalars import is_object
from novita_sdk._core.wire import problem
from novita_sdk.errors import Problem, ValidationError
from novita_sdk.models.json_types import JSON

Record = Mapping[str, JSON]

SERVER_OWNED: Final = frozenset({"state", "url", "workers", "log", "createdAt", "updatedAt"})
"""Keys of a record that are the service's own and never sent back."""

_KNOWN: Final = frozenset(
    {
        *("id", "name", "appName", "workerConfig", "ports", "policy", "image", "products", "rootfsSize"),
        *("volumeMounts", "clusterID", "envs", "healthy"),
    }
)
_DIGITS: Final = re.compile("[0-9]{1,18}")
_NUMBERS: Final = {
    ("workerConfig", key)
    for key in ("minNum", "maxNum", "freeTimeout", "maxConcurrent", "gpuNum", "requestTimeout")
} | {
    ("policy", "value"),
    ("ports", "port"),
    ("rootfsSize",),
    *(
        ("healthy", key)
        for key in ("initialDelay", "period", "timeout", "successThreshold", "failureThreshold")
    ),
}
_SINGLE: Final = ("workerConfig", "policy", "image", "healthy", "state")
"""Objects that older answers hold in an array of one."""


class Place(NamedTuple):
    """Where a setting stands in a record.

    Attributes:
        keys: The keys that lead to it.
        clears_to: What stands there once it is cleared; None if the key goes away.
    """

    keys: tuple[str, ...]
    clears_to: JSON = None


PLACES: Final[Mapping[str, Place]] = {
    "name": Place(("name",)),
    "image": Place(("image", "image")),
    "command": Place(("image", "command"), ""),
    "registry_auth": Place(("image", "authId"), ""),
    "min_replicas": Place(("workerConfig", "minNum")),
    "max_replicas": Place(("workerConfig", "maxNum")),
    "idle_timeout": Place(("workerConfig", "freeTimeout")),
    "request_timeout": Place(("workerConfig", "requestTimeout")),
    "max_concurrent": Place(("workerConfig", "maxConcurrent")),
    "gpu_count": Place(("workerConfig", "gpuNum")),
    "cuda_version": Place(("workerConfig", "cudaVersion")),
    "policy": Place(("policy",)),
    "port": Place(("ports",)),
    "health": Place(("healthy",)),
    "envs": Place(("envs",), []),
    "cluster_id": Place(("clusterID",)),
    "volume_mounts": Place(("volumeMounts",), []),
    "product_id": Place(("products",)),
    "rootfs_size": Place(("rootfsSize",)),
}
"""Where each setting stands."""

_DIVIDED: Final = ("workerConfig", "image")
"""Blocks of which each key is a setting of its own."""

_PLACED: Final = {".".join(place.keys) for place in PLACES.values()}


def writable(record: Record, *, echo_unknown: bool = True) -> dict[str, JSON]:
    """Return what of a record is sent back: a deep copy without what the service owns, digits as numbers.

    Args:
        record: The record as it was read.
        echo_unknown: Whether keys this release does not know are sent back.
    """
    kept: dict[str, JSON] = {
        key: copy.deepcopy(value)
        for key, value in record.items()
        if key not in SERVER_OWNED and value is not None and (echo_unknown or key in _KNOWN)
    }
    for key in _SINGLE:
        value: object = kept.get(key)
        if is_array(value) and len(value) == 1:
            kept[key] = value[0]
    for keys in _NUMBERS:
        _as_number(kept, keys)
    volumes: object = kept.get("volumeMounts")
    if is_array(volumes):
        for volume in volumes:
            _as_number(cast("dict[str, JSON]", volume), ("size",))
    config = kept.get("workerConfig")
    if is_object(config) and not config.get("cudaVersion", "x"):
        config.pop("cudaVersion")  # the service refuses an empty one
    return kept


def _as_number(record: dict[str, JSON], keys: Sequence[str]) -> None:
    inner: JSON = record
    for key in keys[:-1]:
        inner = inner.get(key) if is_object(inner) else None
        if is_array(inner) and len(inner) == 1:
            inner = cast("JSON", inner[0])
    if not is_object(inner):
        return
    value = inner.get(keys[-1])
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        inner[keys[-1]] = int(value)


def setting(record: Record, name: str) -> JSON:
    """Return one setting of a record in its writable form; None if it has none.

    Args:
        record: The record.
        name: A name of `PLACES`, or as `differing` gives it the key of a setting this release does not know.
    """
    found: JSON = record
    for key in PLACES[name].keys if name in PLACES else name.split("."):
        found = found.get(key) if is_object(found) else None
    return found


def settings_of(endpoint: Record) -> dict[str, JSON]:
    """Return the settings that the body of a create has, so that they can be laid over another endpoint."""
    record = writable(endpoint)
    found = {name: setting(record, name) for name in PLACES}
    return {name: value for name, value in found.items() if value is not None}


def overlaid(base: Record, changes: Mapping[str, JSON]) -> dict[str, JSON]:
    """Return the body of an update: the record with changes laid over it.

    Args:
        base: The writable record.
        changes: New values by the names of `PLACES`; None clears. `envs` is a list of pairs without marks.
    """
    body = {key: copy.deepcopy(value) for key, value in base.items()}
    for name, value in changes.items():
        place = PLACES[name]
        wanted = place.clears_to if value is None else value
        if name == "envs":
            wanted = [*(pair for pair in wanted if pair.get("key") != MARKER_ENV), *marks(base)]
        _put(body, place.keys, wanted)
    return body


def _put(body: dict[str, Any], keys: Sequence[str], value: JSON) -> None:
    inner = body
    for key in keys[:-1]:
        inner = inner.setdefault(key, {})
    if value is None:
        inner.pop(keys[-1], None)
    else:
        inner[keys[-1]] = copy.deepcopy(value)


def marks(record: Record) -> list[JSON]:
    """Return the SDK's own environment variables of a record: they survive every update."""
    return [pair for pair in _pairs(record) if pair.get("key") == MARKER_ENV]


def _pairs(record: Record) -> list[Mapping[str, JSON]]:
    pairs: object = record.get("envs")
    return [cast("Mapping[str, JSON]", pair) for pair in pairs if is_mapping(pair)] if is_array(pairs) else []


def merged_envs(base: Record, changes: Mapping[str, str | None]) -> list[JSON]:
    """Return the environment of a record with variables added, changed, and removed where None is given."""
    pairs: dict[str, Mapping[str, JSON]] = {
        str(pair.get("key")): pair for pair in _pairs(base) if pair.get("key") != MARKER_ENV
    }
    for name, value in changes.items():
        if value is None:
            pairs.pop(name, None)
        else:
            pairs[name] = {**pairs.get(name, {}), "key": name, "value": value}
    return list(pairs.values())


def check_bounds(body: Record) -> None:
    """Refuse fewer workers at most than at least.

    Raises:
        ValidationError: They are the wrong way round; both are named.
    """
    least, most = setting(body, "min_replicas"), setting(body, "max_replicas")
    if isinstance(least, int) and isinstance(most, int) and least > most:
        raise ValidationError(
            problems=(problem("min_replicas", least, f"must be at most max_replicas ({most})"),)
        )


def differing(one: Record, other: Record, names: Collection[str] | None = None) -> tuple[str, ...]:
    """Return the names of settings in which two writable records differ.

    Args:
        one: A record.
        other: Another.
        names: The names to compare; all if None, keys this release does not know included.
    """
    if names is None:
        names = [*PLACES, *sorted(_unknown(one) | _unknown(other))]
    return tuple(name for name in names if _unlike(one, other, name))


def _unknown(record: Record) -> set[str]:
    """Return the keys of a record that this release does not know; those inside a block after the block's."""
    blocks = ((name, record.get(name)) for name in _DIVIDED)
    inner = {f"{name}.{key}" for name, block in blocks if is_object(block) for key in block}
    return (record.keys() - _KNOWN - SERVER_OWNED) | (inner - _PLACED)


def lacking(found: Record, wanted: Record, names: Collection[str]) -> tuple[str, ...]:
    """Return the settings of `wanted` that a record does not show; what the service adds to a block is no fault.

    Args:
        found: The record.
        wanted: What was sent.
        names: The settings that count.
    """
    return tuple(name for name in differing(found, wanted, names) if not _is_part(found, wanted, name))


def _is_part(found: Record, wanted: Record, name: str) -> bool:
    theirs, ours = setting(found, name), setting(wanted, name)
    if is_array(theirs) and is_array(ours) and name != "envs":
        return len(theirs) == len(ours) and all(map(_holds, theirs, ours))
    return _holds(theirs, ours)


def _holds(theirs: object, ours: object) -> bool:
    """Tell whether an object has all that another has."""
    return is_mapping(theirs) and is_mapping(ours) and ours.items() <= theirs.items()


def with_health_kept(base: Record, settings: Mapping[str, JSON]) -> dict[str, JSON]:
    """Return settings in which everything stays that is not said of the health check."""
    if settings.get("health") is None:
        return dict(settings)
    return {**settings, "health": {**(setting(base, "health") or {}), **settings["health"]}}


_EQUAL_TO_NOTHING: Final[tuple[JSON, ...]] = (None, "", [])


def _unlike(one: Record, other: Record, name: str) -> bool:
    mine, theirs = setting(one, name), setting(other, name)
    shaped: Callable[[JSON], object] = _as_set if name == "envs" else _same
    return shaped(mine) != shaped(theirs) and not (mine in _EQUAL_TO_NOTHING and theirs in _EQUAL_TO_NOTHING)


def _same(value: JSON) -> object:
    return value


def _as_set(value: JSON) -> object:
    pairs: object = value
    if not is_array(pairs):
        return {}
    return {pair.get("key"): pair.get("value") for pair in pairs if is_mapping(pair)}


def fingerprint(record: Record) -> str:
    """Return a digest of everything in a record that can be written."""
    text = json.dumps(writable(record), sort_keys=True, default=str, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def nothing_to_update() -> ValidationError:
    """Return the error for an update in which everything was left out."""
    return ValidationError(
        problems=(Problem("changes", "<missing>", f"give at least one of {', '.join(PLACES)}"),)
    )
