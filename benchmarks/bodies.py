"""Bodies the size of real ones."""

from __future__ import annotations

import json


def instance(number: int) -> dict[str, object]:
    """Return one instance as the list shows it."""
    return {
        "id": f"0f8d3c5a9b7e{number:06d}",
        "name": f"worker-{number}",
        "clusterId": "us-ca-nas-2",
        "clusterName": "US-CA-NAS-02 (California)",
        "status": "running",
        "imageUrl": "docker.example.test/team/app:v1",
        "imageAuthId": "",
        "command": "",
        "entrypoint": "",
        "cpuNum": "16",
        "memory": "62",
        "gpuNum": "1",
        "portMappings": [
            {
                "port": port,
                "endpoint": f"https://0f8d3c5a9b7e{number:06d}-{port}.example.test",
                "type": "http",
            }
            for port in (80, 8080, 8888)
        ],
        "productId": "4090.16c96g.v2",
        "productName": "RTX 4090 24GB",
        "rootfsSize": 60,
        "volumeMounts": [
            {"type": "network", "size": "10", "id": f"d4e82677-{number:06d}", "mountPath": "/network"}
        ],
        "statusError": {"state": "", "message": ""},
        "envs": [{"key": "A", "value": str(number)}, {"key": "B", "value": "template"}],
        "kind": "gpu",
        "billingMode": "spot",
        "endTime": "-1",
        "spotStatus": "running",
        "spotReclaimTime": "0",
        "createdAt": str(1713162260 + number),
    }


def instance_list(count: int) -> bytes:
    """Return the body of one page with `count` instances."""
    return json.dumps({"instances": [instance(number) for number in range(count)], "total": count}).encode()
