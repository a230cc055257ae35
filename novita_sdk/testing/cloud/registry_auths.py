"""Stored registry logins. The service shows the passwords in clear, so the simulator does too."""

from __future__ import annotations

from novita_sdk.models.json_types import JSON
from novita_sdk.testing.cloud.lookups import found
from novita_sdk.testing.cloud.records import RegistryAuth
from novita_sdk.testing.cloud.refusals import Refusal
from novita_sdk.testing.cloud.world import Args, World


def list_repository_auths(world: World, _args: Args, _now: int) -> JSON:
    """Answer list_repository_auths."""
    return {
        "data": [
            {"id": auth.id, "name": auth.name, "username": auth.username, "password": auth.password}
            for auth in world.auths.values()
        ]
    }


def save_repository_auth(world: World, args: Args, _now: int) -> JSON:
    """Answer save_repository_auth: no id comes back, and names may repeat."""
    auth = RegistryAuth(
        id=world.long_id(32), name=args["name"], username=args["username"], password=args["password"]
    )
    world.auths[auth.id] = auth
    return _done(world)


def delete_repository_auth(world: World, args: Args, now: int) -> JSON:
    """Answer delete_repository_auth; one in use is kept."""
    auth = found(world, world.auths, args["id"], "repository auth")
    used = any(
        one.auth_id == auth.id and (one.gone is None or one.gone > now) for one in world.instances.values()
    )
    if used or any(template.content.get("imageAuth") == auth.id for template in world.templates.values()):
        raise Refusal("IMAGE_AUTH_IN_USE", "the login is in use")
    del world.auths[auth.id]
    return _done(world)


def _done(world: World) -> JSON:
    """Answer {} as documented, or nothing (204) as the running service may."""
    return {} if world.quirks.documented_spellings else None
