"""Deploying serverless endpoints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Unpack

from novita_sdk._async.resources.endpoint_basics import AsyncEndpointBasics
from novita_sdk._async.serverless.deployer import IF_EXISTS, AsyncDeployer, IfExists, already_there
from novita_sdk._core.lifecycle.create_terms import CreateTerms, operation_id_problems
from novita_sdk._core.marker import Marker
from novita_sdk._core.narrowing import is_mapping
from novita_sdk._core.nearest import refuse_unexpected
from novita_sdk._core.serverless.create_arguments import CreateEndpointArguments, create_endpoint_body
from novita_sdk._core.serverless.deploy_request import DeployRequest
from novita_sdk._core.serverless.deployment import DeployArguments, deployment_body, given_settings
from novita_sdk._core.serverless.endpoint_plan import EndpointPlan
from novita_sdk._core.serverless.specs import no_platform
from novita_sdk._core.serverless.unsupported import PlanWarning, refuse_unsupported, unsupported
from novita_sdk._core.wire import problem
from novita_sdk.errors import ValidationError
from novita_sdk.models.results import EndpointRef
from novita_sdk.models.serverless_spec import ServerlessSpec
from novita_sdk.options import CallOptions

if TYPE_CHECKING:
    from novita_sdk._async.serverless.spec_shelf import AsyncServerlessSpecs


class AsyncEndpointDeployment(AsyncEndpointBasics):
    """Deploying endpoints."""

    @property
    def specs(self) -> AsyncServerlessSpecs:
        """Named descriptions of hardware: `load`, `list`, `get`, `add`."""
        return self._services.serverless_specs

    async def create(
        self,
        *,
        operation_id: str | None = None,
        marker: Marker = "env",
        options: CallOptions | None = None,
        **arguments: Unpack[CreateEndpointArguments],
    ) -> EndpointRef:
        """Create an endpoint with every setting the service has; never twice. Operation `create_endpoint`.

        It carries a mark of its own, and a lost answer is looked for by that mark, as for instances.

        Args:
            operation_id: Your own identity for it, 8-64 letters, digits, "_" and "-".
            marker: `"env"`, `"env+name"` or `"none"`.
            options: What this call does differently. Its deadline is 120 s unless set.
            **arguments: `name`, `product_id` and `image` (text or an `EndpointImage`) are needed. Further:
                `worker_config` (a `WorkerConfig`), `port` (8000), `policy` (queue, 60 s), `rootfs_size` (100 GB),
                `app_name`, `cluster_id`, `envs`, `health` (`"/health"`), `volume_mounts`.

        Returns:
            Its id and names. It does not serve yet: see `wait`.

        Raises:
            ValidationError: Arguments are wrong; all problems at once, nothing was sent.
            AppNameTakenError: Another endpoint has the name in its URL.
            OutcomeUnknownError: Nothing tells whether it was made; `reconcile()` looks again.
            DuplicateCreateError: Several endpoints carry the mark.
        """
        _check_operation_id(operation_id)
        plan = self._deployer.plan(create_endpoint_body(arguments), operation_id)
        return await self._deployer.send(
            plan, CreateTerms(operation_id=plan.operation_id, marker=marker), options
        )

    async def deploy(
        self,
        name: str | EndpointPlan | DeployRequest,
        *,
        spec: str | ServerlessSpec | Mapping[str, object] | None = None,
        registry_auth: str | None = None,
        if_exists: IfExists = "error",
        validate: bool = False,
        operation_id: str | None = None,
        options: CallOptions | None = None,
        **arguments: Unpack[DeployArguments],
    ) -> EndpointRef:
        """Deploy an endpoint from a spec; never twice. Operation `create_endpoint`.

        Args:
            name: Its name; or a plan of `preview`, or a `DeployRequest`, and then nothing else about it.
            spec: The name of a loaded spec, a spec, or a mapping such as a spec file holds. An argument beats it.
            registry_auth: Id or name of a stored registry login.
            if_exists: What becomes of a name that is in use: `"error"`, `"adopt"` it unchanged, `"update"` the
                settings that an argument or the spec gives, or `"create"` another one without looking.
            validate: Whether the settings are held against `limits()` before anything is sent.
            operation_id: Your own identity for the deployment.
            options: What these calls do differently.
            **arguments: `image` is needed, without a spec also `product_id`. Further: `replicas` (1), or
                `min_replicas` and `max_replicas`; `envs`, `idle_timeout` (300 s; also `task_timeout`),
                `request_timeout` (3600 s), `max_concurrent` (1), `scale_up_threshold` or `policy` (queue, 60 s),
                `gpu_count` (1), `cluster_id`, `cuda_version`, `rootfs_size` (100 GB), `port` (8000),
                `health_path` (`"/health"`), `command`, `app_name`.

        Returns:
            Its id and names, as soon as the id is known; it does not serve yet.

        Raises:
            ValidationError: Arguments are wrong; all problems at once, nothing was sent.
            UnsupportedFeatureError: The service has no such settings; the alternatives are named.
            SpecNotFoundError: No spec of that name is loaded.
            EndpointExistsError: The name is in use.
            AppNameTakenError: Another endpoint has the name in its URL.
            OutcomeUnknownError: Nothing tells whether it was made; `reconcile()` looks again.
        """
        if if_exists not in IF_EXISTS:
            message = f"must be one of {', '.join(IF_EXISTS)}"
            raise ValidationError(problems=(problem("if_exists", if_exists, message),))
        if isinstance(name, EndpointPlan):
            _refuse_more(arguments, spec, registry_auth, operation_id)
            plan = name
        else:
            plan = await self._planned(name, spec, registry_auth, operation_id, arguments, options)
        deployer = self._deployer
        deployer.tell_warnings(plan)
        if validate:
            await deployer.check(plan, options)
        if if_exists != "create" and (found := await self._directory.named(plan.name)):
            if if_exists == "error":
                raise already_there(plan.name, found)
            ref = await deployer.adopted(found, plan.name)
            if if_exists == "update":
                await self._deploy_over(ref, plan, options)
            return ref
        return await deployer.send(plan, CreateTerms(operation_id=plan.operation_id), options)

    async def preview(
        self,
        name: str | DeployRequest,
        *,
        spec: str | ServerlessSpec | Mapping[str, object] | None = None,
        registry_auth: str | None = None,
        operation_id: str | None = None,
        options: CallOptions | None = None,
        **arguments: Unpack[DeployArguments],
    ) -> EndpointPlan:
        """Return what `deploy` would send, byte for byte. Nothing is asked but for a login given by name.

        Args:
            name: As for `deploy`.
            spec: As for `deploy`.
            registry_auth: As for `deploy`.
            operation_id: As for `deploy`; with it two previews are equal, without it their marks differ.
            options: What these calls do differently.
            **arguments: As for `deploy`.

        Returns:
            A plan; `deploy(plan)` sends it, once.

        Raises:
            ValidationError: As `deploy`.
        """
        return await self._planned(name, spec, registry_auth, operation_id, arguments, options)

    # ------------------------------------------------------------------- what the service cannot do

    def logs(self, *_args: object, **_options: object) -> None:
        """Raise `UnsupportedFeatureError`: logs are in the web console."""
        raise unsupported(["logs"])

    def list_pods(self, *_args: object, **_options: object) -> None:
        """Raise `UnsupportedFeatureError`: workers are in `status()` and `get().workers`."""
        raise unsupported(["list_pods"])

    def describe_pod(self, *_args: object, **_options: object) -> None:
        """Raise `UnsupportedFeatureError`: workers are in `status()` and `get().workers`."""
        raise unsupported(["describe_pod"])

    def pod_yaml(self, *_args: object, **_options: object) -> None:
        """Raise `UnsupportedFeatureError`: workers are in `status()` and `get().workers`."""
        raise unsupported(["pod_yaml"])

    def list_pvcs(self, *_args: object, **_options: object) -> None:
        """Raise `UnsupportedFeatureError`: volumes are in `network_storages`."""
        raise unsupported(["list_pvcs"])

    # ------------------------------------------------------------------------------------- parts

    @property
    def _deployer(self) -> AsyncDeployer:
        return AsyncDeployer(self._services, self._caller, self._serverless)

    async def _planned(
        self,
        name: str | DeployRequest,
        spec: str | ServerlessSpec | Mapping[str, object] | None,
        registry_auth: str | None,
        operation_id: str | None,
        arguments: Mapping[str, object],
        options: CallOptions | None,
    ) -> EndpointPlan:
        _check_operation_id(operation_id)
        refuse_unsupported(arguments)
        warnings: tuple[PlanWarning, ...] = ()
        if isinstance(name, DeployRequest):
            _refuse_more(arguments, spec, None, None)
            request = name
            name, spec = request.name, request.spec
            arguments, warnings = request.arguments, request.warnings
        refuse_unexpected(arguments, DeployArguments.__annotations__)
        chosen = self._chosen(spec)
        body = deployment_body(name, arguments, chosen)
        if registry_auth is not None:
            body = deployment_body(name, arguments, chosen, await self._login_id(registry_auth, options))
        plan = self._deployer.plan(body, operation_id)
        plan.warnings = warnings
        plan.given = given_settings({**arguments, "registry_auth": registry_auth}, chosen)
        return plan

    def _chosen(self, spec: str | ServerlessSpec | Mapping[str, object] | None) -> ServerlessSpec | None:
        if spec is None:
            return None
        if isinstance(spec, str):
            spec = self.specs.get(spec)
        elif is_mapping(spec):
            from novita_sdk._async.serverless.spec_shelf import read_mapping  # noqa: PLC0415 - seldom needed

            spec = read_mapping(spec)
        if not isinstance(spec, ServerlessSpec):
            raise ValidationError(
                problems=(problem("spec", spec, "must be a name, a ServerlessSpec or a mapping"),)
            )
        if not spec.deployable:
            raise no_platform(spec)
        return spec

    async def _deploy_over(self, ref: EndpointRef, plan: EndpointPlan, options: CallOptions | None) -> None:
        """Bring an endpoint that exists to the settings that were given for a plan."""
        from novita_sdk._async.serverless.updater import UpdateTerms  # noqa: PLC0415 - seldom needed
        from novita_sdk._core.serverless.updates import settings_of, with_health_kept  # noqa: PLC0415 - the same

        all_settings = settings_of(plan.endpoint)
        given = all_settings.keys() if plan.given is None else plan.given
        if "app_name" in given and plan.endpoint.get("appName") != ref.app_name:
            raise unsupported(["app_name"])
        settings = {name: value for name, value in all_settings.items() if name in given}
        await self._updater.update(
            ref.id, UpdateTerms(changes=lambda base: with_health_kept(base, settings)), options
        )


def _check_operation_id(operation_id: str | None) -> None:
    problems = tuple(operation_id_problems(operation_id))
    if problems:
        raise ValidationError(problems=problems)


def _refuse_more(arguments: Mapping[str, object], *others: object) -> None:
    """Refuse further words about something that says everything itself."""
    if arguments or any(other is not None for other in others):
        message = "a plan or request says everything: give nothing else"
        raise ValidationError(problems=(problem("arguments", sorted(arguments), message),))
