"""What a test may do to the simulated cloud behind the client's back."""

from __future__ import annotations

from collections.abc import Mapping

from novita_sdk.models.json_types import JSON
from novita_sdk.testing.cloud import jobs, lifecycle, metrics, migrations, ports
from novita_sdk.testing.cloud.cloud import BillingResource
from novita_sdk.testing.cloud.lookups import living
from novita_sdk.testing.cloud.ports import PortAnswer, PortBehaviour, PortFailure, Visit
from novita_sdk.testing.cloud.records import Cluster, Job, Product, Stock, Trouble, Utilisation
from novita_sdk.testing.cloud.settings import Limits, Quirks, Timings
from novita_sdk.testing.cloud.world import Failure
from novita_sdk.testing.endpoint_controls import EndpointControls

_WORK = ("boot", "saveImage", "instanceMigrate", "autoInstanceMigrate", "imagePrewarm", "worker", "job")
_LISTED_LEAKS = 20


class Controls(EndpointControls):
    """Events, settings and accounts of a simulated cloud. Everything is safe to call from any thread."""

    # ----------------------------------------------------------------------------- behaviour

    @property
    def quirks(self) -> Quirks:
        """The oddities in force; assign a new `Quirks` to change them at any time."""
        return self.cloud.world.quirks

    @quirks.setter
    def quirks(self, value: Quirks) -> None:
        self.cloud.world.quirks = value

    @property
    def timings(self) -> Timings:
        """How long things take; a new value holds for what begins after it was assigned."""
        return self.cloud.world.timings

    @timings.setter
    def timings(self, value: Timings) -> None:
        self.cloud.world.timings = value

    @property
    def limits(self) -> Limits:
        """What the account may have."""
        return self.cloud.world.limits

    @limits.setter
    def limits(self, value: Limits) -> None:
        self.cloud.world.limits = value

    def fail_next(
        self, work: str, *, error: str = "UNKNOWN", message: str = "simulated", times: int = 1
    ) -> None:
        """Let the next pieces of work of a kind fail.

        Args:
            work: `boot` (the instance hangs in `pulling` with a statusError), `saveImage`, `instanceMigrate`,
                `autoInstanceMigrate` (the instance hangs in `migrating`), `imagePrewarm`, `worker` (of an endpoint)
                or `job` (of its queue).
            error: The error name.
            message: The error text.
            times: How many of them.
        """
        if work not in _WORK:
            msg = f"work={work!r}: give one of {', '.join(_WORK)}"
            raise ValueError(msg)
        with self._lock:
            self.cloud.world.failures[work].extend([Failure(error, message)] * times)

    # ---------------------------------------------------------------------------- instances

    def reclaim(self, instance_id: str) -> None:
        """Give a running spot instance notice: notified, reclaiming, then exited."""
        with self._lock:
            migrations.reclaim(self.cloud.world, instance_id, self._now())

    def fail_node(self, instance_id: str) -> None:
        """Let the node of an instance fail: it goes down, or moves if auto-migrate is on."""
        with self._lock:
            migrations.fail_node(self.cloud.world, instance_id, self._now())

    def set_status(self, instance_id: str, status: str, *, spot_status: str | None = None) -> None:
        """Put an instance into a status, any word, for good."""
        with self._lock:
            now = self._now()
            instance = living(self.cloud.world, instance_id, now)
            part = lifecycle.segment(instance, now, status, spot_status)
            lifecycle.replan(self.cloud.world, instance, now, [part])

    def set_status_error(self, instance_id: str, state: str, message: str) -> None:
        """Report trouble with an instance; two empty texts end it."""
        with self._lock:
            now = self._now()
            trouble = Trouble(now, state, message) if state or message else None
            living(self.cloud.world, instance_id, now).trouble = trouble

    def add_job(
        self, instance_id: str, kind: str, state: str, *, age: float = 0, error: str = "", message: str = ""
    ) -> str:
        """Add a job that was begun earlier and stays as it is; the instance is left alone.

        Args:
            instance_id: The instance.
            kind: `saveImage`, `instanceMigrate` or `autoInstanceMigrate`.
            state: Its state on the public host: `pulling`, `running`, `success`, `fail` or `break`.
            age: Seconds since it began.
            error: The error name of a failed one.
            message: The error text of a failed one.

        Returns:
            The job's id.
        """
        with self._lock:
            now = self._now()
            instance = living(self.cloud.world, instance_id, now)
            job = Job(
                id=self.cloud.world.long_id(16),
                type=kind,
                instance_id=instance_id,
                created=now - round(age * 1000),
                states=[(now - round(age * 1000), state)],
                error=error,
                message=message,
                before=instance.timeline.at(now),
            )
            jobs.register(self.cloud.world, instance, job)
            return job.id

    def set_utilisation(self, instance_id: str, **utilisation: Utilisation) -> None:
        """Set what the metrics of an instance say.

        Args:
            instance_id: The instance.
            **utilisation: `gpu`, `gpu_memory`, `cpu`, `memory`, `disk`: a number, or a function of server
                time in seconds that returns a number, or None for a missing point.
        """
        unknown = utilisation.keys() - metrics.METRICS
        if unknown:
            msg = f"{', '.join(sorted(unknown))}: give {', '.join(sorted(metrics.METRICS))}"
            raise ValueError(msg)
        with self._lock:
            living(self.cloud.world, instance_id, self._now()).utilisation |= utilisation

    def show(self, instance_id: str, **wire: JSON) -> None:
        """Show these wire values of an instance instead of the true ones, in lists and alone."""
        with self._lock:
            living(self.cloud.world, instance_id, self._now()).shown |= wire

    # --------------------------------------------------------------------------------- ports

    def set_port(
        self,
        instance_id: str,
        port: int,
        *,
        status: int = 200,
        greeting: bytes = b"",
        delay: float = 0.0,
        failure: PortFailure | None = None,
        times: int | None = None,
    ) -> None:
        """Say how a port of an instance answers while the instance is running, at once and without a warm-up.

        Args:
            instance_id: The instance.
            port: Port inside the container; 22 is there even if it is not exposed.
            status: The status of its pages.
            greeting: What it says to who connects; an SSH server begins with `SSH-`.
            delay: Seconds until it says anything.
            failure: What it does instead of answering: `refused`, `reset`, `unreachable`, `unknown_name`,
                `bad_certificate` or `silent`.
            times: How many visits that holds for, after which it answers as usual; None for ever.
        """
        behaviour = PortBehaviour(status=status, greeting=greeting, delay=delay, failure=failure, left=times)
        with self._lock:
            instance = living(self.cloud.world, instance_id, self._now())
            ports.behave(self.cloud.world, instance, port, behaviour)

    def visits(self, instance_id: str | None = None) -> list[Visit]:
        """Return who came to the ports of an instance, or of all; they are no requests to the API.

        Args:
            instance_id: The instance; None for all.
        """
        with self._lock:
            return [one for one in self.cloud.world.visits if instance_id in {None, one.instance_id}]

    def visit(self, host: str, number: int, headers: Mapping[str, str], *, page: bool) -> PortAnswer:
        """Let somebody come to a public address; the transports do it for the client's probes.

        Args:
            host: The name in the address.
            number: The public port.
            headers: What came with the request.
            page: Whether a page is asked for; else somebody only connects.
        """
        plain = {name.lower(): value for name, value in headers.items()}
        with self._lock:
            return ports.visit(self.cloud.world, host, number, plain, self._now(), page=page)

    # ------------------------------------------------------------------------------ products

    def add_cluster(self, cluster_id: str, name: str, *, storage: bool = True, network: bool = True) -> None:
        """Add a data centre."""
        with self._lock:
            self.cloud.world.clusters[cluster_id] = Cluster(
                id=cluster_id, name=name, storage=storage, network=network
            )

    def add_product(
        self,
        product_id: str,
        name: str,
        *,
        price: int,
        stock: Mapping[str, int | None],
        spot_price: int | None = None,
        monthly: Mapping[int, int] | None = None,
        cpu: int = 16,
        memory: int = 62,
        max_rootfs: int = 6144,
    ) -> None:
        """Add a GPU product, or replace the one of that id.

        Args:
            product_id: Its id.
            name: Its display name.
            price: Price per GPU and hour, in 1/100000 USD.
            stock: GPUs by cluster id; None means without end.
            spot_price: Likewise for spot; None means not sold so.
            monthly: Price of a term by its months.
            cpu: CPU cores per GPU.
            memory: Memory per GPU in GB.
            max_rootfs: Largest root disk in GB.
        """
        with self._lock:
            self.cloud.world.products[product_id] = Product(
                id=product_id,
                name=name,
                kind="gpu",
                cpu=cpu,
                memory=memory,
                disk=max_rootfs,
                min_rootfs=10,
                max_rootfs=max_rootfs,
                price=price,
                spot_price=spot_price,
                monthly=dict(monthly or {}),
                stock={cluster: Stock(units) for cluster, units in stock.items()},
            )

    def remove_products(self) -> None:
        """Take every product out of the catalogue, to begin with one's own."""
        with self._lock:
            self.cloud.world.products.clear()

    def set_stock(self, product_id: str, units: int | None, cluster_id: str | None = None) -> None:
        """Set how many units of a product are left.

        Args:
            product_id: The product.
            units: Units left; None means without end.
            cluster_id: In this cluster; None means in each cluster that offers it.
        """
        with self._lock:
            now = self._now()
            for cluster, stock in self.cloud.world.products[product_id].stock.items():
                if cluster_id in {None, cluster}:
                    stock.limit = None if units is None else stock.used.level(now) + units

    def set_price(self, product_id: str, *, price: int | None = None, spot_price: int | None = None) -> None:
        """Change prices (1/100000 USD per unit and hour) for what is created from now on."""
        with self._lock:
            product = self.cloud.world.products[product_id]
            if price is not None:
                product.price = price
            if spot_price is not None:
                product.spot_price = spot_price

    # ------------------------------------------------------------------------------- account

    def set_balance(self, balance: int) -> None:
        """Set what is left on the account, in 1/10000 USD."""
        with self._lock:
            self.cloud.set_balance(balance, self.server_time())

    def spent_usd(self) -> str:
        """Return everything charged so far, as text in USD."""
        with self._lock:
            return self.cloud.spent_usd(self.server_time())

    def billing_resources(self) -> list[BillingResource]:
        """Return what still costs money: instances that are not removed, shared volumes, networks."""
        with self._lock:
            return self.cloud.billing_resources(self.server_time())

    def assert_no_leaks(self) -> None:
        """Fail if anything is left that costs money.

        Raises:
            AssertionError: It lists what is left.
        """
        left = self.billing_resources()
        if not left:
            return
        lines = [
            f"  {item.kind} {item.id} {item.name!r}: {item.state}, {_usd(item.hourly)} USD/h"
            for item in left[:_LISTED_LEAKS]
        ]
        if len(left) > _LISTED_LEAKS:
            lines.append(f"  and {len(left) - _LISTED_LEAKS} more")
        raise AssertionError("\n".join([f"{len(left)} resources still exist and may be billed:", *lines]))

    def _now(self) -> int:
        return self.cloud.at(self.server_time())


def _usd(price: int) -> str:
    return f"{price // 100_000}.{price % 100_000:05d}"
