# Generated from novita_sdk/_async/resources/registry_auths.py by tools/unasync.py; edit the source.
"""Registry logins stored with the service."""

from __future__ import annotations

from novita_sdk._core import operations
from novita_sdk._core.paging import DEFAULT_PAGE_SIZE
from novita_sdk._core.requests.plain import body_values
from novita_sdk._core.wire import check_id
from novita_sdk._sync.pager import Pager
from novita_sdk._sync.resources.resource import Resource, not_in_list
from novita_sdk.errors import AmbiguousNameError
from novita_sdk.models.registry_auth import RegistryAuth
from novita_sdk.models.secret import Secret
from novita_sdk.options import CallOptions


class RegistryAuths(Resource):
    """Logins for private container registries. Passwords are `Secret`s: shown only by `reveal()`."""

    def list(self, *, options: CallOptions | None = None) -> Pager[RegistryAuth]:
        """List registry logins. Operation `list_repository_auths`.

        The service answers with every password; the SDK keeps them hidden.

        Args:
            options: What this call does differently.

        Returns:
            A pager over one page.
        """
        return self._pager(operations.LIST_REPOSITORY_AUTHS, {}, DEFAULT_PAGE_SIZE, options)

    def get(self, registry_auth_id: str | int, *, options: CallOptions | None = None) -> RegistryAuth:
        """Read one registry login; the list is read and searched. Operation `list_repository_auths`.

        Args:
            registry_auth_id: Its id.
            options: What this call does differently.

        Raises:
            NotFoundError: There is none of this id; code `REGISTRY_AUTH_NOT_FOUND`.
            PagingError: The list was not complete, so nothing tells whether there is one.
        """
        wanted = check_id("registry_auth_id", registry_auth_id)
        found = self._search(operations.LIST_REPOSITORY_AUTHS, self.list(options=options), "id", wanted)
        if found is None:
            raise not_in_list(operations.LIST_REPOSITORY_AUTHS, wanted)
        return found

    def resolve(self, ref: str | int, *, options: CallOptions | None = None) -> RegistryAuth:
        """Find a registry login by its id, else by its exact name, without its user and password.

        Operation `list_repository_auths`.

        Args:
            ref: Id or name; capitals count.
            options: What this call does differently.

        Returns:
            The login with nothing but id and name.

        Raises:
            NotFoundError: There is none; code `REGISTRY_AUTH_NOT_FOUND`.
            AmbiguousNameError: Several bear the name; `ids` are theirs.
            PagingError: The list was not complete, so nothing tells whether there is one.
        """
        wanted = check_id("ref", ref)
        operation, pager = operations.LIST_REPOSITORY_AUTHS, self.list(options=options)
        every = [RegistryAuth(id=login.id, name=login.name) for login in pager.collect()]
        named = [login for login in every if login.id == wanted] or [
            login for login in every if login.name == wanted
        ]
        if len(named) > 1:
            ids = tuple(login.id for login in named)
            raise AmbiguousNameError(
                f"{len(ids)} registry logins bear the name {wanted!r}", name=wanted, ids=ids
            )
        if not named:
            self._prove_absence(operation, pager, wanted, by_name=True)
            raise not_in_list(operation, wanted, ("id", "name"))
        return named[0]

    def create(
        self, *, name: str, username: str, password: str | Secret, options: CallOptions | None = None
    ) -> str:
        """Store a registry login. Operation `save_repository_auth`.

        The service does not tell the id, so the list is read before and after. Names need not be unique.

        Args:
            name: A name for it.
            username: Login name.
            password: Password or token.
            options: What this call does differently.

        Returns:
            The id of the new login.

        Raises:
            ValidationError: Arguments are wrong; the password is not shown.
            OutcomeUnknownError: Nothing tells whether it was stored.
        """
        values = {"name": name, "username": username, "password": password}
        body = body_values(operations.SAVE_REPOSITORY_AUTH, values)
        found, _ = self._caller.create(operations.SAVE_REPOSITORY_AUTH, body, options)
        return found

    def delete(
        self, registry_auth_id: str | int, *, missing_ok: bool = False, options: CallOptions | None = None
    ) -> None:
        """Delete a registry login. Operation `delete_repository_auth`.

        Args:
            registry_auth_id: Its id.
            missing_ok: Whether it is fine if there is none of this id.
            options: What this call does differently.

        Raises:
            NotFoundError: There is none of this id, and `missing_ok` is off.
            ConflictError: A template or instance still uses it.
        """
        body = {"id": check_id("registry_auth_id", registry_auth_id)}
        self._caller.write(operations.DELETE_REPOSITORY_AUTH, body, options, missing_ok=missing_ok)
