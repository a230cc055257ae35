"""Products: what can be rented, where, and for how much."""

from __future__ import annotations

from novita_sdk._async.pager import AsyncPager
from novita_sdk._async.resources.resource import AsyncResource
from novita_sdk._core import operations
from novita_sdk._core.paging import DEFAULT_PAGE_SIZE
from novita_sdk.models.enums import BillingMode
from novita_sdk.models.product import CpuProduct, GpuProduct
from novita_sdk.options import CallOptions


class AsyncProducts(AsyncResource):
    """GPU and CPU products with prices and stock."""

    def list(
        self,
        *,
        cluster_id: str | None = None,
        gpu_num: int | None = None,
        product_name: str | None = None,
        min_cpu_per_gpu: int | None = None,
        min_memory_per_gpu: int | None = None,
        min_root_fs_size: int | None = None,
        billing_method: BillingMode | str | None = None,
        options: CallOptions | None = None,
    ) -> AsyncPager[GpuProduct]:
        """List GPU products. Operation `list_gpu_products`.

        Args:
            cluster_id: Only what this cluster offers.
            gpu_num: GPUs wanted, 0-8.
            product_name: Only names like this (fuzzy), such as `"4090"`.
            min_cpu_per_gpu: Least CPU cores per GPU.
            min_memory_per_gpu: Least main memory per GPU, GB.
            min_root_fs_size: Least root disk per GPU, GB.
            billing_method: Only what is sold this way; availability then refers to it, as far as is known.
            options: What this call does differently.

        Returns:
            A pager over one page.
        """
        values = {
            "clusterId": cluster_id,
            "gpuNum": gpu_num,
            "productName": product_name,
            "minCpuPerGpu": min_cpu_per_gpu,
            "minMemoryPerGpu": min_memory_per_gpu,
            "minRootFSSize": min_root_fs_size,
            "billingMethod": billing_method,
        }
        return self._pager(operations.LIST_GPU_PRODUCTS, values, DEFAULT_PAGE_SIZE, options)

    def list_cpu(
        self,
        *,
        cluster_id: str | None = None,
        product_name: str | None = None,
        options: CallOptions | None = None,
    ) -> AsyncPager[CpuProduct]:
        """List CPU products. Operation `list_cpu_products`.

        Args:
            cluster_id: Only what this cluster offers.
            product_name: Only names like this (fuzzy).
            options: What this call does differently.

        Returns:
            A pager over one page.
        """
        values = {"clusterId": cluster_id, "productName": product_name}
        return self._pager(operations.LIST_CPU_PRODUCTS, values, DEFAULT_PAGE_SIZE, options)
