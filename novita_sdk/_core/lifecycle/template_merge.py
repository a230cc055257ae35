"""Creating from a template: what the caller says goes before what the template says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import attrs

from novita_sdk._core.narrowing import is_mapping
from novita_sdk._core.wire import problem
from novita_sdk.errors import Problem, ValidationError
from novita_sdk.models.port import Port
from novita_sdk.models.secret import Secret
from novita_sdk.models.template import Template
from novita_sdk.models.unset import UNSET

_DEFAULT_HOST: Final = "docker.io"
_LONGEST_LOGIN: Final = 10_239

# argument of a create -> attribute of a template
_PLAIN: Final[Mapping[str, str]] = {
    "image_url": "image",
    "command": "start_command",
    "entrypoint": "entrypoint",
    "rootfs_size": "rootfs_size",
    "min_cuda_version": "min_cuda_version",
}


@attrs.frozen(kw_only=True)
class Merged:
    """What a caller and a template say together.

    Attributes:
        arguments: The arguments of the create.
        template_auth: Id of the registry login that the template brings, if it applies.
        warnings: What was left out of the template.
    """

    arguments: dict[str, object] = attrs.field(repr=False)
    template_auth: str | None = attrs.field(default=None, repr=False)
    warnings: tuple[str, ...] = ()


def merge(template: Template, given: Mapping[str, object], *, with_login: bool) -> Merged:
    """Lay a caller's arguments over a template.

    An argument replaces what the template says, None clears it; `envs` are merged variable by variable, and None
    removes one.

    Args:
        template: The template.
        given: The arguments; UNSET ones count as left out.
        with_login: Whether the template's registry login is wanted.

    Raises:
        ValidationError: The template holds something that cannot be sent.
    """
    explicit = {name: value for name, value in given.items() if value is not UNSET}
    problems: list[Problem] = []
    told: dict[str, object] = {
        argument: value for argument, name in _PLAIN.items() if (value := getattr(template, name))
    }
    told["ports"] = list(dict.fromkeys(template.ports))
    told["envs"] = template.env
    if "tools" not in explicit:
        told["tools"], problems = _tools(template)
    merged = {**told, **explicit}
    if is_mapping(explicit.get("envs")):
        merged["envs"] = merged_envs(template, explicit["envs"])  # type: ignore[arg-type]  # checked there
    auth, warnings = template.image_auth if with_login else None, list[str]()
    if auth and not _same_host(template.image, merged.get("image_url")):
        auth = None
        warnings.append("its registry login, because the image is on another host")
    elif auth and ":" in auth:
        message = "must be the id of a stored registry login"
        problems.append(problem("template.image_auth", Secret(auth), message))
    if template.volumes:
        warnings.append("its volumes, which belong to an older form of templates")
    if problems:
        raise invalid_template(problems)
    return Merged(arguments=merged, template_auth=auth or None, warnings=tuple(warnings))


def merged_envs(template: Template, given: Mapping[object, object]) -> dict[object, object]:
    """Merge environments variable by variable; None removes one."""
    together: dict[object, object] = {variable.key: variable.value for variable in template.envs}
    together.update(given)
    return {key: value for key, value in together.items() if value is not None}


def of_template(problems: Iterable[Problem], given: Mapping[str, object]) -> ValidationError:
    """Name the problems of a merged create after the template, but for what the caller gave himself."""
    own = {name for name, value in given.items() if value is not UNSET}
    return invalid_template(
        [
            found if found.field.partition("[")[0].partition(".")[0] in own else _renamed(found)
            for found in problems
        ]
    )


def invalid_template(problems: list[Problem]) -> ValidationError:
    """Make the error for a template that nothing can be created from."""
    return ValidationError(problems=tuple(problems), code="INVALID_TEMPLATE")


def registry_host(image: str) -> str:
    """Return the registry that an image comes from."""
    first, slash, _ = image.strip().partition("/")
    is_host = bool(slash) and ("." in first or ":" in first or first == "localhost")
    return first.casefold() if is_host else _DEFAULT_HOST


def login_text(username: str | None, password: Secret | None) -> Secret:
    """Spell a registry login as a create takes it in clear.

    Raises:
        ValidationError: It cannot be spelled that way.
    """
    text = f"{username}:{password.reveal() if password is not None else ''}"
    fault = None
    if not username or password is None or not password.reveal():
        fault = "has no username or no password, which auth_mode='inline' needs"
    elif ":" in username:
        fault = "has a username with ':', which auth_mode='inline' cannot spell"
    elif len(text) > _LONGEST_LOGIN:
        fault = f"is longer than {_LONGEST_LOGIN} characters, the most that auth_mode='inline' can send"
    if fault is not None:
        raise ValidationError(problems=(problem("registry_auth", Secret(text), fault),))
    return Secret(text)


def _same_host(template_image: str | None, image: object) -> bool:
    return isinstance(image, str) and registry_host(image) == registry_host(template_image or "")


def _tools(template: Template) -> tuple[dict[str, Port], list[Problem]]:
    tools: dict[str, Port] = {}
    problems: list[Problem] = []
    for index, tool in enumerate(template.tools):
        label = f"template.tools[{index}]"
        if not tool.name or tool.port is None:
            problems.append(problem(label, tool.name, "has no name or no port; give tools= to replace them"))
        elif tool.name in tools:
            problems.append(problem(label, tool.name, "has a name that another tool has"))
        else:
            tools[tool.name] = Port(tool.port, tool.type)
    return tools, problems


def _renamed(found: Problem) -> Problem:
    return Problem(f"template.{found.field}", found.value_repr, found.message)
