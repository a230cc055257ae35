"""Stored logins to container registries."""

from __future__ import annotations

from novita_sdk.models.base import Model, model
from novita_sdk.models.secret import Secret


@model
class RegistryAuth(Model):
    """A stored login to a container registry.

    Attributes:
        id: Id of the login.
        name: Name; several logins may share one.
        username: User at the registry.
        password: Password there; the service sends it in clear.
    """

    id: str
    name: str | None = None
    username: str | None = None
    password: Secret | None = None
