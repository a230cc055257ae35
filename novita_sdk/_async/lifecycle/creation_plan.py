"""From what the caller of a create said to the bodies that are tried one after another."""

# For `gpu_instances.create`, which owns what follows: each body is one safe create under an operation id of its own,
# and the next one is tried only after a CapacityError, never after an unclear outcome.

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import attrs

from novita_sdk._core.lifecycle.creation_arguments import (
    CreationArguments,
    body_of,
    check_merged,
    check_rootfs,
    chosen_arguments,
    read_arguments,
    rootfs_size,
)
from novita_sdk._core.lifecycle.template_merge import login_text, merge, of_template
from novita_sdk._core.log_records import log
from novita_sdk.models.json_types import JSON
from novita_sdk.models.template import Template
from novita_sdk.options import CallOptions

if TYPE_CHECKING:
    from novita_sdk._async.caller import AsyncCaller
    from novita_sdk._async.services import AsyncServices
    from novita_sdk.models.product_choice import ProductChoice

_LOGGER: Final = logging.getLogger("novita_sdk.lifecycle")


@attrs.frozen(kw_only=True)
class PlannedCreate:
    """One create that may be tried.

    Attributes:
        body: Its body, without marker.
        choice: The product that was chosen for it; None if the caller named a product id.
    """

    body: dict[str, JSON] = attrs.field(repr=False)
    choice: ProductChoice | None = None


async def planned_creates(
    caller: AsyncCaller,
    services: AsyncServices,
    arguments: Mapping[str, object],
    options: CallOptions | None = None,
) -> Sequence[PlannedCreate]:
    """Work out which creates to try.

    Args:
        caller: Makes the calls that are needed for it.
        services: What the client shares.
        arguments: The keyword arguments of `create` but its options; those left out missing or UNSET.
        options: What these calls do differently.

    Returns:
        At least one; several only if products were to be chosen from.

    Raises:
        ValidationError: Arguments, or the template, are wrong; nothing was sent for the former.
        NotFoundError: Template, registry login or product does not exist.
        CapacityError: Nothing can be rented.
    """
    said = read_arguments(arguments)
    planning = _Planning(caller, services, said, options)
    await planning.take_template()
    await planning.take_login()
    return await planning.take_products()


class _Planning:
    """One create on its way from arguments to bodies."""

    def __init__(
        self,
        caller: AsyncCaller,
        services: AsyncServices,
        said: CreationArguments,
        options: CallOptions | None,
    ) -> None:
        self._caller = caller
        self._services = services
        self._said = said
        self._options = options
        self._arguments: dict[str, object] = dict(said.body)
        self._template_auth: str | None = None

    async def take_template(self) -> None:
        """Read the template, and lay the arguments over it."""
        from novita_sdk._async.resources.templates import AsyncTemplates  # noqa: PLC0415 - only where it is used

        template = self._said.template
        if template is None:
            return
        if not isinstance(template, Template):
            templates = AsyncTemplates(self._caller, self._services)
            template = await templates.get(template, options=self._options)
        merged = merge(template, self._said.body, with_login=not self._said.names_login)
        self._arguments, self._template_auth = merged.arguments, merged.template_auth
        for left_out in merged.warnings:
            log(
                _LOGGER,
                logging.WARNING,
                "of template %(template)s was left out: %(left_out)s",
                template=template.id,
                left_out=left_out,
            )
        problems = check_merged(self._said, merged.arguments)
        if problems:
            raise of_template(problems, self._said.body)

    async def take_login(self) -> None:
        """Look up the registry login that is named, by the caller or by the template."""
        from novita_sdk._async.resources.registry_auths import AsyncRegistryAuths  # noqa: PLC0415 - the same

        auths = AsyncRegistryAuths(self._caller, self._services)
        found: str | None = None
        if self._template_auth is not None:
            found = (await auths.get(self._template_auth, options=self._options)).id
        elif self._said.registry_auth is not None:
            found = (await auths.resolve(self._said.registry_auth, options=self._options)).id
        if found is None:
            return
        if not self._said.inline:
            self._arguments["image_auth_id"] = found
            return
        login = await auths.get(found, options=self._options)
        self._arguments["image_auth"] = login_text(login.username, login.password)

    async def take_products(self) -> Sequence[PlannedCreate]:
        """Find the products to try, and build the bodies."""
        from novita_sdk._async.lifecycle.product_choice import AsyncProductChooser  # noqa: PLC0415 - the same

        said, chooser = self._said, AsyncProductChooser(self._caller, self._services, self._options)
        if said.choice is not None:
            check_rootfs(said.choice, self._arguments)
            return (self._planned(said.choice),)
        if said.query is None:
            if said.region is not None:
                self._arguments["cluster_id"] = await chooser.cluster_of(said.region)
            return (PlannedCreate(body=body_of(self._arguments)),)
        size = rootfs_size(self._arguments)
        found = await chooser.choices(said.query, most=said.max_candidates, rootfs_size=size)
        creatable = [choice for choice in found[1:] if choice.cluster_id is not None]
        return [self._planned(choice) for choice in (found[0], *creatable)]

    def _planned(self, choice: ProductChoice) -> PlannedCreate:
        return PlannedCreate(body=body_of({**self._arguments, **chosen_arguments(choice)}), choice=choice)
