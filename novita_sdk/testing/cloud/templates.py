"""Templates: the official ones and those of the account."""

from __future__ import annotations

from novita_sdk.models.json_types import JSON
from novita_sdk.testing.cloud.lookups import found
from novita_sdk.testing.cloud.pages import matches, page
from novita_sdk.testing.cloud.records import Template
from novita_sdk.testing.cloud.refusals import Refusal
from novita_sdk.testing.cloud.world import DOMAIN, Args, World


def seed(world: World, now: int) -> None:
    """Put the official and community templates in place."""
    notebook = {"name": "Jupyter", "describe": "Start Jupyter Notebook", "port": 8888, "type": "http"}
    for template_id, channel, name, image in (
        ("50", "official", "PyTorch 2.6", f"docker.{DOMAIN}/pytorch:2.6-cuda12.4"),
        ("51", "official", "Ubuntu 22.04", f"docker.{DOMAIN}/ubuntu:22.04"),
        ("52", "community", "ComfyUI", f"docker.{DOMAIN}/comfyui:latest"),
    ):
        content: dict[str, JSON] = {
            "name": name,
            "readme": f"# {name}",
            "type": "instance",
            "image": image,
            "imageAuth": "",
            "startCommand": "",
            "entrypoint": "",
            "rootfsSize": 60,
            "ports": [{"type": "http", "ports": [8188]}, {"type": "tcp", "ports": [22]}],
            "envs": [{"key": "LANG", "value": "C.UTF-8"}],
            "minCudaVersion": "12.4",
        }
        if channel == "official":
            content["tools"] = [notebook]
            content["recommendCards"] = [{"gpuSpecId": "4090.16c96g.v2", "cardNum": "1"}]
        world.templates[template_id] = Template(id=template_id, channel=channel, created=now, content=content)


def list_templates(world: World, args: Args, now: int) -> JSON:
    """Answer list_templates; a new one may take its time to appear."""
    seen_by = now - world.quirks.list_delay * 1000
    rows = [
        template
        for template in world.templates.values()
        if template.created <= seen_by
        and matches(args.get("name"), template.content["name"])
        and args.get("type") in {None, "", template.content["type"]}
        and args.get("channel") in {None, "", template.channel}
    ]
    return page(world.quirks, rows, args, _show, key="template")


def get_template(world: World, args: Args, _now: int) -> JSON:
    """Answer get_template."""
    return {"template": _show(_found(world, args["templateId"]))}


def create_template(world: World, args: Args, now: int) -> JSON:
    """Answer create_template."""
    content = dict(args["template"])
    _check(world, content)
    template = Template(id=world.number_id(), channel=content.pop("channel"), created=now, content=content)
    world.templates[template.id] = template
    return {"templateId": template.id}


def update_template(world: World, args: Args, _now: int) -> JSON:
    """Answer update_template: the whole content is replaced."""
    content = dict(args["template"])
    template = _own(world, content.pop("Id"))
    _check(world, content)
    template.channel = content.pop("channel")
    template.content = content
    return {"templateId": template.id}


def delete_template(world: World, args: Args, _now: int) -> JSON:
    """Answer delete_template."""
    template = _own(world, args["templateId"])
    del world.templates[template.id]
    return {"templateId": template.id}


def _found(world: World, template_id: str) -> Template:
    return found(world, world.templates, template_id, "template", "TEMPLATE_NOT_FOUND")


def _own(world: World, template_id: str) -> Template:
    template = _found(world, template_id)
    if template.channel != "private":
        raise Refusal("FORBIDDEN", "only private templates can be changed")
    return template


def _check(world: World, content: dict[str, JSON]) -> None:
    auth_id = content.get("imageAuth")
    if auth_id:
        found(world, world.auths, auth_id, "image auth")


def _show(template: Template) -> JSON:
    return {
        "Id": template.id,
        "channel": template.channel,
        "createdAt": str(template.created // 1000),
        **template.content,
    }
