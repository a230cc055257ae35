"""Templates: browse what others published, keep one of your own, change it, delete it.

Run it with `python examples/templates.py`.
"""

from __future__ import annotations

import connect

from novita_sdk import Novita, Template


def main() -> None:
    """Look at the official templates, then make, change and delete a private one."""
    sim = connect.simulator(needs_consent=True)
    connect.ask(sim, "Make a private template in this account, and delete it again?")
    with connect.client(sim) as client:
        print("official templates:")
        for template in client.templates.list(channel="official"):
            show(template)
        template_id = client.templates.create(
            name="novita-sdk-example",
            image="docker.io/library/nginx:1.27-alpine",
            readme="Made by an example.",
            ports=["80/http", "22/tcp"],
            envs={"GREETING": "hello"},
        )
        try:
            change(client, template_id)
        finally:
            client.templates.delete(template_id, missing_ok=True)
        print("deleted")


def change(client: Novita, template_id: str) -> None:
    """Change one field: the service replaces templates whole, so the SDK reads first and sends everything."""
    print("a private one:")
    show(client.templates.get(template_id))
    client.templates.update(template_id, readme=None, rootfs_size=80)  # None clears, what is left out stays
    changed = client.templates.get(template_id)
    show(changed)
    print(f"  readme {changed.readme!r}, root disk {changed.rootfs_size} GB, environment {list(changed.env)}")


def show(template: Template) -> None:
    """Print one template."""
    ports = ", ".join(map(str, template.ports)) or "no ports"
    print(f"  {template.id}  {template.name}: {template.image}, {ports}")


if __name__ == "__main__":
    main()
