# Generated from novita_sdk/_async/lifecycle/creation_plan.py by tools/unasync.py; edit the source.
"""From what the caller of a create said to the bodies that are tried one after another."""

# How `gpu_instances.create` uses it (arguments: the keyword arguments of GpuInstanceArguments, as given):
#
#     planned = planned_creates(self._caller, self._services, arguments, options)
#     for plan in planned: safe create of plan.body; the next one, under a new operation id, only after a CapacityError
#
# `arguments` holds product_id | product, template, region, registry_auth, auth_mode, max_candidates and everything
# `create_instance_body` takes; all of it is checked here. Nothing is sent before the arguments are found to be right.

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import attrs

from novita_sdk.models.json_types import JSON
from novita_sdk.options import CallOptions

if TYPE_CHECKING:
    from novita_sdk._sync.caller import Caller
    from novita_sdk._sync.services import Services
    from novita_sdk.models.product_choice import ProductChoice


@attrs.frozen(kw_only=True)
class PlannedCreate:
    """One create that may be tried.

    Attributes:
        body: Its body, without marker.
        choice: The product that was chosen for it; None if the caller named a product id.
    """

    body: dict[str, JSON] = attrs.field(repr=False)
    choice: ProductChoice | None = None


def planned_creates(
    caller: Caller,
    services: Services,
    arguments: Mapping[str, object],
    options: CallOptions | None = None,
) -> Sequence[PlannedCreate]:
    """Work out which creates to try.

    Args:
        caller: Makes the calls that are needed for it.
        services: What the client shares.
        arguments: The keyword arguments of `create`, those left out missing or UNSET.
        options: What these calls do differently.

    Returns:
        At least one; several only if products were to be chosen from.

    Raises:
        ValidationError: Arguments, or the template, are wrong.
        NotFoundError: Template, registry login or product does not exist.
        CapacityError: Nothing can be rented.
    """
    from novita_sdk._core.requests.instances import create_instance_body  # noqa: PLC0415 - until it grows

    return (PlannedCreate(body=create_instance_body(**arguments)),)  # type: ignore[arg-type]  # checked there
