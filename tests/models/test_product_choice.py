"""A chosen product shows what was chosen, and leaves the long stories to its attributes."""

from __future__ import annotations

from novita_sdk.testing import Simulator

SCREEN_LINES = 8


def test_a_new_instance_that_is_printed_fits_on_a_screen() -> None:
    with Simulator(seed=7).client() as client:
        created = client.gpu_instances.create(product="RTX 4090", image_url="nginx")
    assert len(repr(created)) < SCREEN_LINES * 110
    assert created.choice is not None
    assert f"product=<{created.choice.product.id}: RTX 4090 24GB>" in repr(created)
    assert created.choice.tried
