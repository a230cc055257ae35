"""The arguments of a create before anything is asked: which product, which region, and every problem at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import attrs

from novita_sdk._core.lifecycle.create_terms import PLANNED
from novita_sdk._core.lifecycle.product_query import billing_of, check_query
from novita_sdk._core.lifecycle.products import takes_rootfs
from novita_sdk._core.narrowing import is_mapping
from novita_sdk._core.operations.fields import BILLING_SPELLINGS
from novita_sdk._core.requests.instances import DEFAULT_ROOTFS_SIZE, create_instance_body
from novita_sdk._core.wire import UnfitError, id_text, problem
from novita_sdk.errors import Problem, ValidationError
from novita_sdk.models.enums import BillingMode
from novita_sdk.models.json_types import JSON
from novita_sdk.models.product_choice import ProductChoice, ProductQuery
from novita_sdk.models.template import Template
from novita_sdk.models.unset import UNSET

DEFAULT_MAX_CANDIDATES: Final = 3
MOST_CANDIDATES: Final = 100

AUTH_MODES: Final = ("id", "inline")

_LOGINS: Final = ("registry_auth", "image_auth_id", "image_auth")

_STAND_IN: Final = "x"  # for what is only known once the service was asked


@attrs.frozen(kw_only=True)
class CreationArguments:
    """The arguments of a create, checked as far as that is possible without asking.

    Attributes:
        body: Those that the body is built from, as given.
        implied: What the product to look for, or the chosen one, says about the body.
        names_login: Whether the caller says which registry login to use, even if none.
        query: Which product to look for, None if one is named.
        choice: The product that was chosen before.
        template: The template, or its id.
        region: The region for a product that is named by its id.
        registry_auth: Id or name of a registry login.
        inline: Whether its user and password are sent in clear.
        max_candidates: How many products may be tried.
    """

    body: dict[str, object] = attrs.field(repr=False)
    implied: dict[str, object]
    names_login: bool
    query: ProductQuery | None
    choice: ProductChoice | None
    template: Template | str | None
    region: str | None
    registry_auth: str | int | None
    inline: bool
    max_candidates: int


def read_arguments(arguments: Mapping[str, object]) -> CreationArguments:
    """Check the arguments of a create.

    Args:
        arguments: As the caller gave them; UNSET ones count as left out.

    Raises:
        ValidationError: Something is wrong; `problems` lists everything.
        TypeError: There is no such argument.
    """
    given: dict[str, Any] = {name: value for name, value in arguments.items() if value is not UNSET}
    body = {name: value for name, value in given.items() if name not in PLANNED}
    problems: list[Problem] = []
    template = given.get("template")
    if template is not None and not isinstance(template, Template):
        template = _identity("template", template, problems)
    query, choice = _product(given, problems)
    _regions(given, problems)
    _auths(given, problems)
    most = given.get("max_candidates", DEFAULT_MAX_CANDIDATES)
    if type(most) is not int or not 1 <= most <= MOST_CANDIDATES:
        problems.append(problem("max_candidates", most, f"must be 1-{MOST_CANDIDATES}"))
    implied = _said(query, choice)
    problems += _body_problems({**implied, **body}, has_template=given.get("template") is not None)
    if problems:
        raise ValidationError(problems=tuple(problems))
    return CreationArguments(
        body=body,
        implied=implied,
        names_login=any(name in given for name in _LOGINS),
        query=query,
        choice=choice,
        template=template,
        region=given.get("region"),
        registry_auth=given.get("registry_auth"),
        inline=given.get("auth_mode") == "inline",
        max_candidates=most,
    )


def body_of(arguments: Mapping[str, object], **more: object) -> dict[str, JSON]:
    """Build the body of a create from its arguments and what was found out since."""
    return create_instance_body(**{**arguments, **more})  # type: ignore[arg-type]  # checked there


def chosen_arguments(choice: ProductChoice) -> dict[str, object]:
    """Return what a choice says about a create.

    Raises:
        ValidationError: Its region has no cluster, and without one the service would take any.
    """
    if choice.cluster_id is None:
        message = "is a region without a cluster, in which nothing can be created"
        raise ValidationError(problems=(problem("region", choice.region, message),))
    return {"product_id": choice.product.id, "cluster_id": choice.cluster_id, **_said(None, choice)}


def check_rootfs(choice: ProductChoice, arguments: Mapping[str, object]) -> None:
    """Refuse a root disk that a chosen product does not take.

    Raises:
        ValidationError: It is too small or too large.
    """
    size = rootfs_size(arguments)
    if not takes_rootfs(choice.product, size):
        message = (
            f"must be {choice.product.min_root_fs}-{choice.product.max_root_fs} GB for {choice.product.id}"
        )
        raise ValidationError(problems=(problem("rootfs_size", size, message),))


def rootfs_size(arguments: Mapping[str, object]) -> int:
    """Return the GB of root disk that a create will ask for."""
    size = arguments.get("rootfs_size")
    return size if isinstance(size, int) else DEFAULT_ROOTFS_SIZE


# ------------------------------------------------------------------------------------------- the parts


def _product(
    given: Mapping[str, Any], problems: list[Problem]
) -> tuple[ProductQuery | None, ProductChoice | None]:
    product = given.get("product")
    if (product is None) == (given.get("product_id") is None):
        message = "give exactly one of product and product_id"
        problems.append(problem("product" if product is not None else "product_id", product, message))
        return None, None
    if product is None:
        return None, None
    if given.get("cluster_id") is not None:
        message = "goes with product_id only; region= takes a cluster id too"
        problems.append(problem("cluster_id", given["cluster_id"], message))
    if isinstance(product, ProductChoice):
        _same(given, {**_said(None, product), "region": product.region}, problems)
        return None, product
    if isinstance(product, ProductQuery):
        return _query(product, given, problems), None
    return _named(product, given, problems), None


def _query(query: ProductQuery, given: Mapping[str, Any], problems: list[Problem]) -> ProductQuery | None:
    found = check_query(query)
    problems += [problem._replace(field=f"product.{problem.field}") for problem in found]
    if found:
        return None
    said = _said(query, None)
    has_region = query.region is not None or query.regions is not None
    _same(given, {**said, "region": query.region} if has_region else said, problems)
    return query if has_region else attrs.evolve(query, region=given.get("region"))


def _said(query: ProductQuery | None, choice: ProductChoice | None) -> dict[str, object]:
    """Return what a query or choice says about the body of a create."""
    if choice is not None:
        return {"gpu_num": choice.gpu_num, "billing_mode": choice.billing, "month": choice.months}
    if query is None:
        return {}
    billing = billing_of(query)
    months = query.months if billing is BillingMode.MONTHLY else None
    return {"gpu_num": query.gpu_num, "billing_mode": billing, "month": months}


def _named(name: object, given: Mapping[str, Any], problems: list[Problem]) -> ProductQuery | None:
    query = ProductQuery(name=name, region=given.get("region"))  # type: ignore[arg-type]  # checked below
    found = check_query(query)
    if found:
        words = {"name": ("product", name, "must be a name, a ProductQuery or a ProductChoice")}
        problems += [problem(*words[one.field]) if one.field in words else one for one in found]
        return None
    wanted = {
        "gpu_num": given.get("gpu_num"),
        "billing": given.get("billing_mode"),
        "months": given.get("month"),
    }
    query = attrs.evolve(query, **{name: value for name, value in wanted.items() if value})
    return None if check_query(query) else query  # what is wrong is told of the body


def _same(given: Mapping[str, Any], said: Mapping[str, object], problems: list[Problem]) -> None:
    for name, value in said.items():
        other = given.get(name)
        spelled = dict(BILLING_SPELLINGS).get(other, other) if isinstance(other, str) else other
        if other is not None and spelled != value:
            problems.append(problem(name, other, f"must be what product= says ({value}), or be left out"))


def _regions(given: Mapping[str, Any], problems: list[Problem]) -> None:
    region = given.get("region")
    if region is None or given.get("product") is not None:
        return
    if not isinstance(region, str) or not region.strip():
        problems.append(problem("region", region, "must be a code, display name or cluster id"))
    elif given.get("cluster_id") is not None:
        problems.append(problem("region", region, "must not be given beside cluster_id"))


def _auths(given: Mapping[str, Any], problems: list[Problem]) -> None:
    mode = given.get("auth_mode", "id")
    if mode not in AUTH_MODES:
        problems.append(problem("auth_mode", mode, f"must be one of {', '.join(AUTH_MODES)}"))
    elif mode == "inline" and given.get("image_auth_id") is not None:
        message = "goes with auth_mode='id' only; registry_auth= takes the id too"
        problems.append(problem("image_auth_id", given["image_auth_id"], message))
    if given.get("registry_auth") is None:
        return
    _identity("registry_auth", given["registry_auth"], problems)
    for name in ("image_auth", "image_auth_id"):
        if given.get(name) is not None:
            message = "must not be given beside registry_auth"
            problems.append(problem(name, given[name], message, secret=name == "image_auth"))


def _identity(name: str, value: object, problems: list[Problem]) -> str | None:
    try:
        return id_text(value)
    except UnfitError as fault:
        problems.append(problem(name, value, str(fault)))
        return None


def check_merged(said: CreationArguments, merged: Mapping[str, object]) -> list[Problem]:
    """Return what is wrong with the arguments once a template was taken in."""
    return _body_problems({**said.implied, **merged}, has_template=False)


def _body_problems(body: Mapping[str, object], *, has_template: bool) -> list[Problem]:
    """Check what is known of the body already, with something harmless in place of the rest."""
    known = dict(body)
    if known.get("product_id") is None:
        known["product_id"] = _STAND_IN  # that it is missing was told
    if has_template:
        if known.get("image_url") is None:
            known["image_url"] = _STAND_IN
        envs = known.get("envs")
        if is_mapping(envs):  # None removes a variable of the template
            known["envs"] = {key: value for key, value in envs.items() if value is not None}
    try:
        body_of(known)
    except ValidationError as error:
        return list(error.problems)
    return []
