"""Logins of private container registries: store one, find it, delete it. The password never shows.

Run it with `python examples/registry_auths.py`.
"""

from __future__ import annotations

import secrets

import connect

from novita_sdk import NotFoundError, Novita


def main() -> None:
    """Store a login, look at it, and delete it again."""
    sim = connect.simulator(needs_consent=True)
    connect.ask(sim, "Store an invented registry login in this account, and delete it again?")
    with connect.client(sim) as client:
        password = secrets.token_urlsafe()
        auth_id = client.registry_auths.create(name="novita-sdk-example", username="robot", password=password)
        try:
            show(client, auth_id)
        finally:
            client.registry_auths.delete(auth_id, missing_ok=True)
        try:
            client.registry_auths.get(auth_id)
        except NotFoundError as error:
            print(f"looking for it after the deletion: {error.code}")


def show(client: Novita, auth_id: str) -> None:
    """Print all logins as programs and logs see them, and what it takes to see a password."""
    for auth in client.registry_auths.list():
        print(
            f"{'*' if auth.id == auth_id else ' '} {auth.name} ({auth.id}): {auth.username}, {auth.password}"
        )
    stored = client.registry_auths.get(auth_id)
    if stored.password is not None:
        print(f"only reveal() gives the password itself: {len(stored.password.reveal())} characters")
    print(f"for an instance: create(..., image_auth_id={auth_id!r})")


if __name__ == "__main__":
    main()
