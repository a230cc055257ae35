"""Regions: which ones there are, which one a text means, and in which order they are looked at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import attrs

from novita_sdk._core.nearest import nearest
from novita_sdk._core.wire import problem
from novita_sdk.errors import Problem, ValidationError
from novita_sdk.models.cluster import Cluster
from novita_sdk.models.product import GpuProduct
from novita_sdk.models.product_choice import ProductQuery

ANY: Final = "any"
"""What stands for no region in particular."""

REGION_LIST: Final = (
    "AS-SGP-02",
    "CN-HK-01",
    "OC-AU-01",
    "US-CA-06",
    "US-WEST-01",
    "EU-DE-01",
    "EU-WEST-01",
    "AS-IN-01",
)
"""The regions that are looked at in turn."""


@attrs.frozen
class Region:
    """A region.

    Attributes:
        code: Its code, such as `US-CA-06`.
        name: Its display name, such as `US-CA-06 (California)`.
        cluster_id: Its cluster; None if the service names none.
        known: Whether the service knows it at all.
    """

    code: str
    name: str
    cluster_id: str | None = None
    known: bool = True


def code_of(name: str) -> str:
    """Return the code in a display name: what stands before the place in brackets."""
    code, _, place = name.strip().partition(" ")
    return code if not place or place.lstrip().startswith("(") else name.strip()


def same_region(one: str, other: str) -> bool:
    """Tell whether two names or codes mean the same region; capitals do not count."""
    return code_of(one).casefold() == code_of(other).casefold()


def offered_in(product: GpuProduct, region: Region) -> bool:
    """Tell whether a product is offered in a region: an empty list means everywhere, none at all nowhere."""
    names = product.regions
    if names is None:
        return False
    cluster = (region.cluster_id or "").casefold()
    return not names or any(same_region(name, region.code) or name.casefold() == cluster for name in names)


class RegionMap:
    """The regions that the service knows.

    Args:
        clusters: Its clusters.
        products: Its products, which name regions too.
    """

    def __init__(self, clusters: Iterable[Cluster], products: Iterable[GpuProduct]) -> None:
        self._regions = [
            Region(code_of(cluster.name or cluster.id), cluster.name or cluster.id, cluster.id)
            for cluster in clusters
        ]
        for product in products:
            for name in product.regions or ():
                if self.find(name) is None:
                    self._regions.append(Region(code_of(name), name))

    def find(self, text: str) -> Region | None:
        """Return the region of a code, display name or cluster id; None if nobody knows it."""
        wanted = text.strip().casefold()
        for region in self._regions:
            if wanted in {region.name.casefold(), (region.cluster_id or "").casefold()}:
                return region
        return next((region for region in self._regions if same_region(region.code, text)), None)

    def order(self, query: ProductQuery, default: str, *, default_is_wanted: bool) -> tuple[Region, ...]:
        """Return the regions to look at, in order; those that nobody knows are among them, marked.

        Args:
            query: What is looked for.
            default: The setting `default_region`.
            default_is_wanted: Whether somebody chose that setting.

        Raises:
            ValidationError: A region that was asked for is unknown.
        """
        wanted = wanted_regions(query, default)
        found = [self._known(text) for text in wanted]
        asked_for = query.regions is not None or query.region is not None or default_is_wanted
        if asked_for and any(not region.known for region in found):
            name = "regions" if query.regions is not None else "region"
            unknown = [region.code for region in found if not region.known]
            raise ValidationError(problems=tuple(self.unknown(name, text) for text in unknown))
        if query.regions is None and query.fallback != "none":
            listed = [self._known(text) for text in REGION_LIST]
            if query.fallback == "area":
                area = _area(found[0].code)
                listed = [region for region in listed if _area(region.code) == area]
            found += listed
        first: dict[str, Region] = {}
        for region in found:
            first.setdefault(region.code.casefold(), region)
        return tuple(first.values())

    def _known(self, text: str) -> Region:
        return self.find(text) or Region(text.strip(), text.strip(), known=False)

    def unknown(self, name: str, text: str) -> Problem:
        """Describe a region that nobody knows, with codes that are spelled alike."""
        codes = sorted({region.code for region in self._regions})
        named = nearest(text, codes, cutoff=0.5) or codes
        return problem(name, text, f"is no known region; did you mean {', '.join(named) or 'any'}?")


def wanted_regions(query: ProductQuery, default: str) -> Sequence[str]:
    """Return the regions that were asked for, or the default; nothing for `any`."""
    if query.regions is not None:
        return query.regions
    wanted = default if query.region is None else query.region
    return () if wanted.casefold() == ANY else (wanted,)


def _area(code: str) -> str:
    return code.partition("-")[0].casefold()
