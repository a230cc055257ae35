# Generated from tests/aio/lifecycle/test_waits_ready.py by tools/unasync.py; edit the source.
"""From running to usable: when probes run, when they have run for too long, and what is told of it."""

from __future__ import annotations

from typing import Any

import pytest

from novita_sdk._core.waiting import Progress
from novita_sdk.errors import NovitaError, WaitFailedError, WaitTimeoutError
from novita_sdk.models.instance import Instance
from novita_sdk.testing import Simulator, VirtualClock
from tests.sync.lifecycle.lives import Lives, ToldEvents
from tests.sync.remote import Late

UP = ((0, "pulling"), (3, "running"))


class App:
    """What runs in an instance and answers from some moment on.

    Args:
        clock: Where the time comes from.
        up_after: Seconds from now until it answers; None for never.
    """

    def __init__(self, clock: VirtualClock, up_after: float | None) -> None:
        self.clock = clock
        self.began = clock.monotonic()
        self.up_after = up_after
        self.asked: list[float] = []

    def __call__(self, instance: Instance) -> bool:
        now = self.clock.monotonic() - self.began
        self.asked.append(round(now, 2))
        return self.up_after is not None and now >= self.up_after


def test_an_instance_is_ready_once_it_answers(clock: VirtualClock) -> None:
    app = App(clock, 20)
    lives = Lives(clock, i_1=UP)
    told: list[Progress] = []
    found = lives.client().gpu_instances.wait("i-1", ready=[app], on_progress=told.append)
    assert app.asked == [4, 6, 9, 13.5, 20.25]
    assert [step for _, step in found.timeline] == [
        *("pulling", "running", "health_started", "health_completed", "ready")
    ]
    rounds = [seen for seen in told if seen.kind == "probe"]
    assert [(seen.attempt, seen.phase, len(seen.probes)) for seen in rounds] == [
        (number, "readiness", 1) for number in range(1, 6)
    ]


def test_ready_is_the_same_as_giving_probes(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1="running")
    found = lives.client().gpu_instances.wait("i-1", until="ready")
    assert found.timeline[-1][1] == "ready"  # it exposes nothing that could be asked


def test_rounds_are_ten_seconds_apart_at_most(clock: VirtualClock) -> None:
    app = App(clock, 60)
    Lives(clock, i_1="running").client().gpu_instances.wait("i-1", ready=[app])
    pauses = [late - early for early, late in zip(app.asked, app.asked[1:], strict=False)]
    assert pauses == pytest.approx([2, 3, 4.5, 6.75, *[10] * (len(pauses) - 4)])


def test_several_good_rounds_can_be_asked_for(clock: VirtualClock) -> None:
    app = App(clock, 0)
    Lives(clock, i_1="running").client().gpu_instances.wait("i-1", ready=[app], successes=3)
    assert app.asked == [0, 2, 5]


@pytest.mark.case("W-16")
def test_an_app_that_never_answers_is_given_up(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1=UP)
    app = App(clock, None)
    began = clock.monotonic()
    with pytest.raises(WaitTimeoutError) as caught:
        lives.client().gpu_instances.wait("i-1", ready=[app], ready_timeout=60, timeout=600)
    error = caught.value
    assert clock.monotonic() - began == pytest.approx(4 + 60)
    assert (error.phase, error.last_seen, len(error.probes)) == ("readiness", "running", 1)
    assert "does not answer" in str(error)
    assert (lives.shown("i-1") or {})["status"] == "running"
    assert not lives.remote.posts


def test_the_whole_deadline_holds_for_probes_too(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1=UP)
    began = clock.monotonic()
    with pytest.raises(WaitTimeoutError) as caught:
        lives.client().gpu_instances.wait("i-1", ready=[App(clock, None)], timeout=50)
    assert (clock.monotonic() - began, caught.value.phase) == (50, "readiness")


def test_an_instance_that_stops_while_it_is_probed_ends_the_wait(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1=((0, "running"), (20, "exited")))
    with pytest.raises(WaitFailedError) as caught:
        lives.client().gpu_instances.wait("i-1", ready=[App(clock, None)])
    assert (caught.value.reason, lives.remote.times[-1] <= 25) == ("exited", True)


def test_an_instance_that_restarts_while_it_is_probed_is_probed_anew(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1=((0, "running"), (10, "restarting"), (40, "running")))
    app = App(clock, 41)
    found = lives.client().gpu_instances.wait("i-1", ready=[app])
    assert found.status == "running"
    assert not [at for at in app.asked if 12 < at < 40]


def test_a_port_that_is_not_exposed_ends_the_wait_after_a_minute(clock: VirtualClock) -> None:
    exposed = {"status": "running", "portMappings": [{"port": 80, "type": "tcp", "endpoint": ""}]}
    lives = Lives(clock, i_1=((0, "pulling"), (3, exposed)))
    began = clock.monotonic()
    with pytest.raises(WaitFailedError) as caught:
        lives.client().gpu_instances.wait("i-1", target_port=9999)
    assert caught.value.reason == "port_not_mapped"
    assert clock.monotonic() - began == pytest.approx(64)
    assert "80" in str(caught.value)


def test_the_instance_itself_is_read_before_it_is_probed(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1="running")
    lives.client().gpu_instances.wait("i-1", ready=[App(clock, 0)])
    assert lives.gets == 2


@pytest.mark.case("W-12")
def test_the_events_of_a_start_with_probes_come_in_order_and_once(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1="exited")
    client = lives.client()
    events = ToldEvents(client)
    found = client.gpu_instances.start_and_wait("i-1", ready=[App(clock, 40)])
    assert events.kinds == [
        *("startup_initiated", "running", "health_check_started", "health_checking"),
        *("ready", "startup_completed"),
    ]
    phases = events.told[-1][2]["phases"]
    moments = [
        *(phases.start_requested, phases.instance_starting, phases.instance_running),
        *(phases.health_check_started, phases.health_check_completed, phases.ready),
    ]
    assert moments == sorted(moments)
    assert events.told[-1][2]["health_check"].overall_status == "healthy"
    assert found.timeline[-1][1] == "ready"


@pytest.mark.parametrize(("ready_timeout", "phase"), [(30, "health_check"), (None, "health_check")])
def test_an_app_that_never_answers_is_told_as_a_failed_check(
    clock: VirtualClock, ready_timeout: Any, phase: str
) -> None:
    lives = Lives(clock, i_1="exited")
    client = lives.client()
    events = ToldEvents(client)
    with pytest.raises(WaitTimeoutError):
        client.gpu_instances.start_and_wait("i-1", ready=[App(clock, None)], ready_timeout=ready_timeout)
    assert events.kinds[-1] == "startup_failed"
    assert events.told[-1][2]["phase"] == phase


@pytest.mark.case("W-16")
def test_a_slow_poll_does_not_stretch_the_time_to_answer(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1="running")
    whole = lives.shown
    lives.answers["instance"] = lambda _: Late(1, lambda _: whole("i-1"))
    began = clock.monotonic()
    with pytest.raises(WaitTimeoutError):
        lives.client().gpu_instances.wait("i-1", ready=[App(clock, None)], ready_timeout=60)
    assert 60 <= clock.monotonic() - began <= 64


# ------------------------------------------------------------------------------------------ create


def test_a_create_is_followed_until_the_instance_can_be_used(clock: VirtualClock) -> None:
    lives = Lives(clock)

    def create(_request: Any) -> Any:
        lives.live("i_9", ((5, "creating"), (10, "pulling"), (40, "running")))
        return {"id": "i-9"}

    lives.answers["create"] = create
    client = lives.client()
    events = ToldEvents(client)
    app = App(clock, 50)
    found = client.gpu_instances.create_and_wait(product_id="p", image_url="nginx", ready=[app])
    assert (found.id, lives.gets > 5) == ("i-9", True)
    assert [step for _, step in found.timeline] == [
        *("requested", "accepted", "creating", "pulling", "running"),
        *("health_started", "health_completed", "ready"),
    ]
    assert events.kinds == [
        *("created", "running", "health_check_started", "health_checking", "ready", "startup_completed")
    ]
    assert len({operation for _, operation, _ in events.told}) == 1


@pytest.mark.case("W-03")
@pytest.mark.parametrize(("settings", "seconds"), [({}, 1800), ({"startup_timeout": 900}, 900)])
def test_a_create_has_half_an_hour_unless_the_settings_say_otherwise(
    clock: VirtualClock, settings: dict[str, Any], seconds: float
) -> None:
    lives = Lives(clock)

    def create(_request: Any) -> Any:
        lives.live("i_9", "pulling")
        return {"id": "i-9"}

    lives.answers["create"] = create
    client = lives.client(**settings)
    events = ToldEvents(client)
    began = clock.monotonic()
    with pytest.raises(WaitTimeoutError) as caught:
        client.gpu_instances.create_and_wait(product_id="p", image_url="nginx")
    assert seconds <= clock.monotonic() - began <= seconds + 1
    assert (caught.value.resource_id, caught.value.operation_id) == ("i-9", events.told[0][1])
    assert lives.remote.gets[0].at == 2  # what is just made is looked at after a moment
    assert lives.shown("i-9") is not None
    assert not [seen for seen in lives.remote.posts if seen.path.endswith(("stop", "delete"))]
    assert events.kinds == ["created", "startup_failed"]


def test_what_an_instance_has_cost_is_told_where_its_price_is_known() -> None:
    sim = Simulator(seed=7)
    told: list[Progress] = []
    with sim.client() as client:
        choice = client.products.cheapest(prefer="price")
        found = client.gpu_instances.create_and_wait(
            product=choice, image_url="nginx", on_progress=told.append
        )
        client.gpu_instances.delete(found)
    costs = [seen.cost_so_far for seen in told if seen.cost_so_far is not None]
    assert len(costs) == len(told)
    assert costs == sorted(costs)
    assert choice.hourly is not None
    hourly = float(choice.hourly.usd)
    assert float(costs[-1].usd) == pytest.approx(hourly * told[-1].elapsed / 3600, rel=1e-3)


@pytest.mark.parametrize(
    ("answer", "phase"), [({"status": "exited"}, "startup"), (403, "api_call"), (None, "startup")]
)
def test_a_create_that_fails_while_it_is_followed_says_in_which_part(
    clock: VirtualClock, answer: Any, phase: str
) -> None:
    lives = Lives(clock)

    def create(_request: Any) -> Any:
        lives.live("i_9", ((0, "pulling"), (10, answer if isinstance(answer, dict) else None)))
        return {"id": "i-9"}

    lives.answers["create"] = create
    if isinstance(answer, int):
        lives.answers["instance"] = answer
    client = lives.client()
    events = ToldEvents(client)
    with pytest.raises(NovitaError) as caught:
        client.gpu_instances.create_and_wait(product_id="p", image_url="nginx")
    assert caught.value.resource_id == "i-9"
    assert events.kinds == ["created", "startup_failed"]
    assert events.told[-1][2]["phase"] == phase
