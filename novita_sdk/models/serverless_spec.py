"""What an endpoint is deployed from: a named description of hardware."""

from __future__ import annotations

import attrs


@attrs.frozen(kw_only=True)
class ServerlessSpec:
    """A named description of what workers run on.

    Attributes:
        name: Its name.
        display_name: A name for people.
        category: Free text.
        resource_type: Kind of resource; as a rule `serverless`.
        gpu_num: GPUs of each worker.
        rootfs_size: System disk of each worker in GB.
        product_id: Id of the product; None if the description is for other platforms only.
        region: Where workers run; None leaves it to the service.
        cuda_version: CUDA version that is asked for.
        gpu_type: The GPU's name; for people.
        cpu: CPUs; for people.
        memory: Memory; for people.
        shm_size: Shared memory; the service cannot set it.
        disk: Disk; for people.
    """

    name: str
    display_name: str | None = None
    category: str | None = None
    resource_type: str = "serverless"
    gpu_num: int | None = None
    rootfs_size: int | None = None
    product_id: str | None = None
    region: str | None = None
    cuda_version: str | None = None
    gpu_type: str | None = None
    cpu: str | None = None
    memory: str | None = None
    shm_size: str | None = None
    disk: str | None = None

    @property
    def deployable(self) -> bool:
        """Whether an endpoint can be deployed from it."""
        return self.product_id is not None
