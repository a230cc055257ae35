# Generated from novita_sdk/_async/resources/templates.py by tools/unasync.py; edit the source.
"""Templates: reusable definitions of instances."""

from __future__ import annotations

from typing import Unpack, cast

from novita_sdk._core import operations
from novita_sdk._core.paging import DEFAULT_PAGE_SIZE
from novita_sdk._core.requests.templates import (
    TemplateArguments,
    create_template_body,
    overlay_template,
    template_changes,
)
from novita_sdk._core.wire import check_id
from novita_sdk._sync.pager import Pager
from novita_sdk._sync.resources.resource import Resource
from novita_sdk.models.enums import TemplateChannel, TemplateType
from novita_sdk.models.json_types import JSON
from novita_sdk.models.template import Template
from novita_sdk.options import CallOptions


class Templates(Resource):
    """Official, community and private templates; only private ones can be written."""

    def list(
        self,
        *,
        name: str | None = None,
        type: TemplateType | str | None = None,  # noqa: A002 - the wire's word
        channel: TemplateChannel | str | None = None,
        is_my_community: bool | None = None,
        page_size: int = DEFAULT_PAGE_SIZE,
        options: CallOptions | None = None,
    ) -> Pager[Template]:
        """List templates. Operation `list_templates`.

        Args:
            name: Only names like this (fuzzy).
            type: Only this type.
            channel: `"official"`, `"community"` or `"private"`.
            is_my_community: Sent along with `channel`; follows from it if left out.
            page_size: Items asked for at a time, 1-100.
            options: What these calls do differently.

        Returns:
            A pager.
        """
        values = {"name": name, "type": type, "channel": channel, "isMyCommunity": is_my_community}
        return self._pager(operations.LIST_TEMPLATES, values, page_size, options)

    def get(self, template_id: str | int, *, options: CallOptions | None = None) -> Template:
        """Read one template. Operation `get_template`.

        Args:
            template_id: Its id, as text or number.
            options: What this call does differently.

        Raises:
            NotFoundError: There is no such template.
            PermissionDeniedError: It is somebody else's private one.
        """
        query: dict[str, JSON] = {"templateId": check_id("template_id", template_id)}
        found = self._caller.single(operations.GET_TEMPLATE, query=query, options=options)
        return cast("Template", found)

    def create(self, *, options: CallOptions | None = None, **arguments: Unpack[TemplateArguments]) -> str:
        """Create a private template. Operation `create_template`.

        Args:
            options: What this call does differently.
            **arguments: `name` and `image` are needed. Further: `readme` (Markdown), `image_auth` (id of a stored
                login), `start_command`, `entrypoint`, `rootfs_size` (GB, default 60), `ports`, `envs`,
                `min_cuda_version`, `type`.

        Returns:
            The id of the template. Lists may show it a moment later.

        Raises:
            ValidationError: Arguments are wrong; all problems at once.
            OutcomeUnknownError: Nothing tells whether it was made.
        """
        body = create_template_body(**arguments)
        found, _ = self._caller.create(operations.CREATE_TEMPLATE, body, options)
        return found

    def update(
        self,
        template_id: str | int,
        *,
        options: CallOptions | None = None,
        **changes: Unpack[TemplateArguments],
    ) -> None:
        """Change a private template. Operation `update_template`.

        The service replaces the whole template, so it is read first and everything is sent, unknown fields too.

        Args:
            template_id: Its id.
            options: What this call does differently.
            **changes: As for `create`. What is left out stays; None clears.

        Raises:
            ValidationError: Arguments are wrong, or nothing was given to change.
            NotFoundError: There is no such template.
        """
        wanted = template_changes(**changes)
        found_id = check_id("template_id", template_id)
        operation = operations.UPDATE_TEMPLATE
        request = self._caller.request(operation, None, {}, options)
        current = self._caller.document(
            operations.GET_TEMPLATE,
            query={"templateId": found_id},
            options=options,
            parent=request.context,
        )
        self._caller.write(operation, overlay_template(current, wanted), options, parent=request.context)

    def delete(
        self, template_id: str | int, *, missing_ok: bool = False, options: CallOptions | None = None
    ) -> None:
        """Delete a private template. Operation `delete_template`.

        Args:
            template_id: Its id.
            missing_ok: Whether it is fine if there is no such template.
            options: What this call does differently.

        Raises:
            NotFoundError: There is no such template, and `missing_ok` is off.
        """
        body = {"templateId": check_id("template_id", template_id)}
        self._caller.write(operations.DELETE_TEMPLATE, body, options, missing_ok=missing_ok)
