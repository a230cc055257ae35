"""Bodies of template creation, and of its update, which replaces the whole template."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypedDict, Unpack

import attrs

from novita_sdk._core.arguments import Draft, Given, argument_name, check_fields, nothing_to_change
from novita_sdk._core.nearest import refuse_unexpected
from novita_sdk._core.operations.operation import Field
from novita_sdk._core.operations.templates import TEMPLATE_FIELDS, UPDATED_TEMPLATE_FIELDS
from novita_sdk._core.requests.environment import EnvArgument, read_envs
from novita_sdk._core.requests.ports import PortArgument, port_groups, read_ports
from novita_sdk._core.scalars import Unreadable, read_int, read_text
from novita_sdk.errors import Problem, ValidationError
from novita_sdk.models.enums import TemplateType
from novita_sdk.models.json_types import JSON
from novita_sdk.models.unset import UNSET

DEFAULT_ROOTFS_SIZE: Final = 60
"""GB of root disk where nothing is said."""

_BUILT: Final = frozenset({"ports", "envs", "channel"})
_ARGUMENTS: Final[Mapping[str, str]] = {
    argument_name(field.name): field.name for field in TEMPLATE_FIELDS if field.name != "channel"
}


class TemplateArguments(TypedDict, total=False):
    """What can be said about a template.

    `image_auth` is the id of a stored registry login, `rootfs_size` is in GB, `readme` is Markdown.
    """

    name: Given[str]
    image: Given[str]
    readme: Given[str]
    type: Given[str | TemplateType]
    image_auth: Given[str | int]
    start_command: Given[str]
    entrypoint: Given[str]
    rootfs_size: Given[int]
    ports: Given[Sequence[PortArgument]]
    envs: Given[EnvArgument]
    min_cuda_version: Given[str]


def _take(draft: Draft, given: Mapping[str, object], *, changing: bool) -> None:
    refuse_unexpected(given, _ARGUMENTS)
    for argument, wire_name in _ARGUMENTS.items():
        value = given.get(argument, UNSET)
        if wire_name not in _BUILT:
            (draft.change if changing else draft.put)(wire_name, value)
        elif value is not UNSET and (changing or value is not None):
            items, problems = _BUILDERS[wire_name](value)
            draft.place(wire_name, items, problems)


def _groups(value: object) -> tuple[list[JSON], list[Problem]]:
    ports, problems = read_ports(value)
    return port_groups(ports), problems


_BUILDERS: Final[Mapping[str, Callable[[object], tuple[list[JSON], list[Problem]]]]] = {
    "ports": _groups,
    "envs": read_envs,
}


def create_template_body(**arguments: Unpack[TemplateArguments]) -> dict[str, JSON]:
    """Build the body that creates a private template.

    Args:
        **arguments: `name` and `image` are needed; `type` is "instance" and `rootfs_size` 60 unless given.

    Raises:
        ValidationError: Something is wrong; `problems` lists everything.
    """
    draft = Draft(TEMPLATE_FIELDS)
    draft.put("type", TemplateType.INSTANCE)
    draft.put("rootfsSize", DEFAULT_ROOTFS_SIZE)
    draft.put("channel", "private")
    _take(draft, arguments, changing=False)
    return {"template": {key: value for key, value in draft.finish().items() if value != []}}


def template_changes(**arguments: Unpack[TemplateArguments]) -> dict[str, JSON]:
    """Check the changes of a template before anything is read or sent.

    Args:
        **arguments: UNSET leaves a field alone, None clears it.

    Returns:
        The changed keys as they will be sent; hand them to `overlay_template`.

    Raises:
        ValidationError: Something is wrong, or nothing was given to change.
    """
    draft = Draft([attrs.evolve(field, required=False) for field in TEMPLATE_FIELDS])
    _take(draft, arguments, changing=True)
    if draft.is_empty:
        raise nothing_to_change(*_ARGUMENTS)
    return draft.finish()


def _as_written(field: Field, value: JSON) -> JSON:
    """Numbers and ids may be read in more spellings than may be written; others stay as they are."""
    try:
        if field.type == "int":
            return read_int(value)
        if field.type == "id":
            return read_text(value)
    except Unreadable:
        pass  # the check of the whole tells about it
    return value


def overlay_template(current: Mapping[str, JSON], changes: Mapping[str, JSON]) -> dict[str, JSON]:
    """Lay changes over a template as it was read; the whole of it is sent, unknown keys too.

    Args:
        current: The template as decoded JSON.
        changes: What `template_changes` returned.

    Returns:
        The body of the update.

    Raises:
        ValidationError: The template cannot be updated: it is not a private one, or lacks something the
            service insists on and the changes do not give.
    """
    template = dict(current)
    for field in UPDATED_TEMPLATE_FIELDS:
        value = template.get(field.name)
        if value is None:
            template.pop(field.name, None)
        else:
            template[field.name] = _as_written(field, value)
    template |= changes
    needed = [field for field in UPDATED_TEMPLATE_FIELDS if field.required and field.name not in changes]
    problems = check_fields(needed, template)
    if problems:
        raise ValidationError(problems=tuple(problems))
    return {"template": template}
