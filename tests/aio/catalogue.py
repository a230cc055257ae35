"""A remote side with products and clusters: shared by the tests about choosing a product."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

import attrs

from novita_sdk._core.http import Request
from novita_sdk.testing import VirtualClock
from tests.aio.remote import AsyncRemote

REGION_NAMES = {
    "AS-SGP-02": "AS-SGP-02 (Singapore)",
    "CN-HK-01": "CN-HK-01 (Hong Kong)",
    "OC-AU-01": "OC-AU-01 (Australia)",
    "US-CA-06": "US-CA-06 (California)",
    "US-WEST-01": "US-WEST-01 (Oregon)",
    "EU-DE-01": "EU-DE-01 (Germany)",
    "EU-WEST-01": "EU-WEST-01 (Ireland)",
    "AS-IN-01": "AS-IN-01 (India)",
}
ORDER = list(REGION_NAMES)


def cluster_id(code: str) -> str:
    """Ids are no lower-case codes, so that nobody derives one from the other."""
    return f"cl-{ORDER.index(code)}" if code in ORDER else f"cl-{code}"


def cluster(code: str, name: str | None = None) -> dict[str, Any]:
    return {"id": cluster_id(code), "name": name or REGION_NAMES[code]}


def product(product_id: str = "p-1", *codes: str, **changes: Any) -> dict[str, Any]:
    """A product as the service shows it, offered in the named regions; without any, everywhere."""
    shown: dict[str, Any] = {
        "id": product_id,
        "name": "RTX 4090 24GB",
        "cpuPerGpu": 16,
        "memoryPerGpu": 62,
        "diskPerGpu": 60,
        "availableDeploy": True,
        "minRootFS": 10,
        "maxRootFS": 600,
        "regions": [REGION_NAMES.get(code, code) for code in codes],
        "price": "35000",
        "spotPrice": "17500",
        "monthlyPrice": [],
        "billingMethods": ["onDemand", "spot", "monthly"],
        "inventoryState": "normal",
    }
    return {**shown, **changes}


@attrs.define
class Catalogue:
    """Products for all regions together, and by cluster where that differs.

    Attributes:
        products: The step that answers a list of products for all regions.
        by_cluster: The step for one cluster, by its id; without one the products that name it.
        clusters: What the list of clusters holds.
    """

    clock: VirtualClock
    products: Any
    by_cluster: dict[str, Any] = attrs.field(factory=dict)
    clusters: Any = attrs.field(factory=lambda: [cluster(code) for code in ORDER])
    others: dict[str, Any] = attrs.field(factory=dict)
    remote: AsyncRemote = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.remote = AsyncRemote(self.clock, self.answer)

    def answer(self, request: Request) -> Any:
        word = request.url.partition("?")[0].rpartition("/")[2]
        if word == "clusters":
            return self.clusters if isinstance(self.clusters, int) else {"data": self.clusters}
        if word != "products":
            return self.others[word]
        wanted = parse_qs(request.url.partition("?")[2]).get("clusterId")
        step = self.products if wanted is None else self.by_cluster.get(wanted[0], self.products)
        return {"data": step} if isinstance(step, list) else step

    @property
    def asked(self) -> list[str]:
        """The product requests: the cluster each was about, `all` for none."""
        queries = [parse_qs(seen.query) for seen in self.remote.seen if seen.path == "products"]
        return [query.get("clusterId", ["all"])[0] for query in queries]
