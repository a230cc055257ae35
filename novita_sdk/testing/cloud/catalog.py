"""What the simulated cloud sells: clusters, products, prices and stock. Invented, but of plausible size."""

from __future__ import annotations

from typing import NamedTuple

from novita_sdk.testing.cloud.records import Cluster, Product, Stock

_CLUSTERS = (
    # Some ids have nothing to do with the name, as on the running service.
    Cluster(id="us-ca-06", name="US-CA-06 (California)", storage=True, network=True),
    Cluster(id="us-ca-nas-2", name="US-CA-NAS-02 (California)", storage=True, network=True),
    Cluster(id="17", name="US-WEST-01 (Oregon)", storage=True, network=False),
    Cluster(id="eu-de-01", name="EU-DE-01 (Germany)", storage=True, network=True),
    Cluster(id="5", name="EU-WEST-01 (Ireland)", storage=True, network=False),
    Cluster(id="cn-hk-1", name="CN-HK-01 (Hong Kong)", storage=True, network=True),
    Cluster(id="as-sgp-02", name="AS-SGP-02 (Singapore)", storage=True, network=True),
    Cluster(id="au-1", name="OC-AU-01 (Australia)", storage=False, network=False),
    Cluster(id="as-in-01", name="AS-IN-01 (India)", storage=False, network=True),
)


class _Gpu(NamedTuple):
    id: str
    name: str
    cpu: int
    memory: int
    disk: int
    price: int
    spot: int | None
    monthly: dict[int, int]
    stock: dict[str, int]


_GPUS = (
    _Gpu(
        "3090.12c48g", "RTX 3090 24GB", 12, 48, 2048, 22000, 11000, {},
        {"as-sgp-02": 24, "au-1": 8, "eu-de-01": 16},
    ),
    _Gpu(
        "4090.16c96g.v2", "RTX 4090 24GB", 16, 62, 6144, 35000, 17500, {1: 20160000, 12: 217728000},
        {"us-ca-06": 256, "us-ca-nas-2": 64, "cn-hk-1": 128, "as-sgp-02": 96, "eu-de-01": 64, "17": 32},
    ),
    _Gpu(
        "4090d.16c60g", "RTX 4090D 24GB", 16, 60, 4096, 30000, 15000, {},
        {"cn-hk-1": 64, "as-sgp-02": 32},
    ),
    _Gpu(
        "5090.24c120g", "RTX 5090 32GB", 24, 120, 6144, 58000, 29000, {},
        {"us-ca-06": 48, "as-in-01": 16},
    ),
    _Gpu(
        "l40s.16c120g", "L40S 48GB", 16, 120, 4096, 55000, None, {1: 31680000},
        {"us-ca-06": 32, "5": 16, "17": 8},
    ),
    _Gpu(
        "a100.24c240g", "A100 SXM4 80GB", 24, 240, 6144, 160000, 80000, {1: 92160000},
        {"us-ca-nas-2": 16, "eu-de-01": 32},
    ),
    _Gpu(
        "h100.28c300g", "H100 SXM 80GB", 28, 300, 6144, 256000, None, {1: 147456000},
        {"us-ca-06": 16, "eu-de-01": 8},
    ),
    _Gpu("h200.28c400g", "H200 SXM 141GB", 28, 400, 6144, 330000, None, {}, {"us-ca-06": 0}),
)  # fmt: skip


class _Cpu(NamedTuple):
    id: str
    name: str
    cpu: int
    memory: int
    price: int


_CPUS = (
    _Cpu("cpu.4c8g", "CPU 4 cores 8GB", 4, 8, 10000),
    _Cpu("cpu.8c16g", "CPU 8 cores 16GB", 8, 16, 20000),
    _Cpu("cpu.32c64g", "CPU 32 cores 64GB", 32, 64, 80000),
)


def clusters() -> dict[str, Cluster]:
    """Return the clusters by id."""
    return {cluster.id: cluster for cluster in _CLUSTERS}


def products() -> dict[str, Product]:
    """Return fresh products by id; GPU and CPU ids do not overlap."""
    gpus = (
        Product(
            id=gpu.id,
            name=gpu.name,
            kind="gpu",
            cpu=gpu.cpu,
            memory=gpu.memory,
            disk=gpu.disk,
            min_rootfs=10,
            max_rootfs=gpu.disk,
            price=gpu.price,
            spot_price=gpu.spot,
            monthly=dict(gpu.monthly),
            stock={cluster: Stock(count) for cluster, count in gpu.stock.items()},
        )
        for gpu in _GPUS
    )
    cpus = (
        Product(
            id=cpu.id,
            name=cpu.name,
            kind="cpu",
            cpu=cpu.cpu,
            memory=cpu.memory,
            disk=60,
            min_rootfs=60,
            max_rootfs=60,
            local_volume=30,
            price=cpu.price,
            stock={cluster.id: Stock(64) for cluster in _CLUSTERS},
        )
        for cpu in _CPUS
    )
    return {product.id: product for product in (*gpus, *cpus)}
