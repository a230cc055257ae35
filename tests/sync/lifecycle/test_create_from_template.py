# Generated from tests/aio/lifecycle/test_create_from_template.py by tools/unasync.py; edit the source.
"""Creating from a template, for a product that is named, queried or chosen."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from novita_sdk._core.http import Request
from novita_sdk._sync.client import services_of
from novita_sdk.errors import (
    AmbiguousNameError,
    BadRequestError,
    CapacityError,
    NotFoundError,
    NovitaError,
    OutcomeUnknownError,
    ValidationError,
)
from novita_sdk.models import CreatedInstance, ProductQuery, Secret, Template
from novita_sdk.options import RetryPolicy
from novita_sdk.testing import VirtualClock
from tests.sync.catalogue import ORDER, Catalogue, cluster_id, product
from tests.sync.remote import Remote, client_of, instance, lost, routed

MARK = "NOVITA_SDK_OPERATION_ID"
PASSWORD = "correct-horse-battery"
LOGINS = [
    {"id": "auth1", "name": "mine", "username": "user", "password": PASSWORD},
    {"id": "auth2", "name": "twin", "username": "b", "password": "c"},
    {"id": "auth3", "name": "twin", "username": "d:e", "password": "f"},
]
NO_STOCK = (400, {"reason": "INSUFFICIENT_RESOURCE", "message": "no stock"})


def template(**changes: Any) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "Id": "77",
        "name": "comfy",
        "image": "docker.io/team/comfy:1",
        "startCommand": "serve",
        "entrypoint": "/bin/sh",
        "rootfsSize": 80,
        "ports": [{"type": "http", "ports": [80, 8188]}, {"type": "tcp", "ports": [22]}],
        "envs": [{"key": "A", "value": "1"}, {"key": "B", "value": "2"}],
        "minCudaVersion": "12.4",
    }
    return {**shown, **changes}


class Service:
    """A remote side with one template, registry logins and creates that are answered in turn."""

    def __init__(self, clock: VirtualClock, shown: Any = None, *answers: Any) -> None:
        self.answers = list(answers) or [{"id": "i-1"}]
        found = shown if isinstance(shown, tuple) else {"template": shown or template()}
        self.remote = Remote(
            clock,
            routed(
                template=found,
                auths={"data": LOGINS},
                create=self.create,
                instances={"instances": [], "total": 0},
                clusters={"data": [{"id": "cl-3", "name": "US-CA-06 (California)"}]},
            ),
        )

    def create(self, _request: Request) -> Any:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    @property
    def body(self) -> dict[str, Any]:
        assert len(self.remote.posts) == 1
        body: dict[str, Any] = self.remote.posts[0].json
        return body

    def create_with(self, **arguments: Any) -> CreatedInstance:
        given = {"product_id": "p-1", "template": 77, **arguments}
        return client_of(self.remote).gpu_instances.create(**given)

    def failure(self, **arguments: Any) -> NovitaError:
        with pytest.raises(NovitaError) as caught:
            self.create_with(**arguments)
        return caught.value


def envs(body: dict[str, Any]) -> dict[str, str]:
    return {pair["key"]: pair["value"] for pair in body["envs"] if pair["key"] != MARK}


# --------------------------------------------------------------------------------------------- merge


@pytest.mark.case("T-01")
def test_a_template_fills_the_body(clock: VirtualClock) -> None:
    service = Service(clock)
    service.create_with(name="one")
    body = service.body
    assert body.pop("envs")[-1]["key"] == MARK
    assert body == {
        "name": "one",
        "productId": "p-1",
        "imageUrl": "docker.io/team/comfy:1",
        "ports": "80/http, 8188/http, 22/tcp",
        "command": "serve",
        "entrypoint": "/bin/sh",
        "kind": "gpu",
        "gpuNum": 1,
        "rootfsSize": 80,
        "billingMode": "onDemand",
        "minCudaVersion": "12.4",
    }


@pytest.mark.case("T-01")
@pytest.mark.parametrize(
    "changes",
    [
        {"ports": [{"type": "http", "ports": [0]}]},
        {"ports": [{"type": "http", "ports": [70000]}]},
        {"ports": [{"type": "http", "ports": [2223]}]},
        {"ports": [{"type": "icmp", "ports": [80]}]},
        {"ports": [{"type": "http", "ports": [80]}, {"type": "tcp", "ports": [80]}]},
        {"ports": [{"type": "tcp", "ports": list(range(100, 116))}]},
        {"envs": [{"key": "", "value": "x"}]},
        {"envs": [{"key": "K" * 512, "value": "x"}]},
        {"envs": [{"key": "K", "value": "x" * 4096}]},
        {"image": ""},
        {"rootfsSize": 5},
        {"tools": [{"name": "Jupyter"}]},
        {"tools": [{"name": "Jupyter", "port": 2222, "type": "http"}]},
        {"imageAuth": "user:password"},
    ],
)
def test_a_template_that_cannot_be_sent_is_refused(clock: VirtualClock, changes: dict[str, Any]) -> None:
    service = Service(clock, template(**changes))
    error = service.failure()
    assert isinstance(error, ValidationError)
    assert error.code == "INVALID_TEMPLATE"
    assert all(problem.field.startswith("template.") for problem in error.problems)
    assert service.remote.posts == []


def test_a_group_without_a_type_is_tcp_and_equal_ports_merge(clock: VirtualClock) -> None:
    groups = [{"ports": [22]}, {"type": "http", "ports": [80, 80]}, {"type": "tcp", "ports": [22]}]
    service = Service(clock, template(ports=groups))
    service.create_with()
    assert service.body["ports"] == "22/tcp, 80/http"


def test_ports_of_a_caller_may_not_be_equal(clock: VirtualClock) -> None:
    service = Service(clock)
    error = service.failure(ports=["80/http", "80/http"])
    assert isinstance(error, ValidationError)
    assert service.remote.seen == []


def test_tools_of_a_template_go_along(clock: VirtualClock) -> None:
    service = Service(clock, template(tools=[{"name": "Jupyter", "port": 8888, "type": "http"}]))
    service.create_with()
    assert service.body["tools"] == [{"name": "Jupyter", "port": "8888", "type": "http"}]


@pytest.mark.case("T-04")
def test_environments_are_merged_variable_by_variable(clock: VirtualClock) -> None:
    service = Service(clock)
    service.create_with(envs={"B": "3", "A": None})
    assert [pair["key"] for pair in service.body["envs"]] == ["B", MARK]
    assert envs(service.body) == {"B": "3"}


def test_what_the_caller_says_goes_before_the_template(clock: VirtualClock) -> None:
    service = Service(clock)
    service.create_with(
        image_url="docker.io/team/other:2", command="run", rootfs_size=20, ports=["9000/http"], gpu_num=2
    )
    body = service.body
    assert [body[key] for key in ("imageUrl", "command", "rootfsSize", "ports", "gpuNum")] == [
        "docker.io/team/other:2",
        "run",
        20,
        "9000/http",
        2,
    ]


def test_none_clears_what_the_template_says(clock: VirtualClock) -> None:
    service = Service(clock)
    service.create_with(command=None, entrypoint=None, ports=None, envs=None, min_cuda_version=None)
    assert not {"command", "entrypoint", "ports", "minCudaVersion"} & service.body.keys()
    assert envs(service.body) == {}
    assert service.body["rootfsSize"] == 80


def test_a_template_at_hand_is_not_asked_for(clock: VirtualClock) -> None:
    service = Service(clock)
    service.create_with(template=Template(id="1", image="nginx"))
    assert service.body["imageUrl"] == "nginx"
    assert service.remote.gets == []


def test_old_volumes_of_a_template_are_left_out_and_told(
    clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    service = Service(clock, template(volumes=[{"type": "local", "size": 10, "mountPath": "/x"}]))
    with caplog.at_level(logging.WARNING, "novita_sdk.lifecycle"):
        service.create_with()
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "volumes" in caplog.text


def test_a_template_that_is_not_there_is_not_created_from(clock: VirtualClock) -> None:
    service = Service(clock, (200, {}))
    error = service.failure()
    assert isinstance(error, NotFoundError)
    assert error.code == "TEMPLATE_NOT_FOUND"
    assert service.remote.posts == []


@pytest.mark.case("T-05")
def test_all_wrong_arguments_are_told_at_once_and_nothing_is_sent(clock: VirtualClock) -> None:
    service = Service(clock)
    error = service.failure(gpu_num=9, rootfs_size=5, ports=["2222/tcp"])
    assert isinstance(error, ValidationError)
    assert {problem.field for problem in error.problems} == {"gpu_num", "rootfs_size", "ports[0]"}
    assert service.remote.seen == []


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"product_id": None}, "product_id"),
        ({"product": "RTX 4090"}, "product"),
        ({"product": 4090, "product_id": None}, "product"),
        ({"product": ProductQuery("x", gpu_num=9), "product_id": None}, "product.gpu_num"),
        ({"product": ProductQuery("x", gpu_num=2), "product_id": None, "gpu_num": 1}, "gpu_num"),
        (
            {"product": ProductQuery("x", region="US-CA-06"), "product_id": None, "region": "EU-DE-01"},
            "region",
        ),
        ({"product": "x", "product_id": None, "cluster_id": "c"}, "cluster_id"),
        ({"region": "US-CA-06", "cluster_id": "c"}, "region"),
        ({"region": 5}, "region"),
        ({"auth_mode": "auto"}, "auth_mode"),
        ({"auth_mode": "inline", "image_auth_id": "auth1"}, "image_auth_id"),
        ({"registry_auth": "auth1", "image_auth": "a:b"}, "image_auth"),
        ({"registry_auth": ""}, "registry_auth"),
        ({"max_candidates": 0}, "max_candidates"),
        ({"template": ""}, "template"),
        ({"envs": {"A": 1}}, "envs['A']"),
    ],
)
def test_arguments_that_contradict_each_other_cost_no_request(
    clock: VirtualClock, arguments: dict[str, Any], field: str
) -> None:
    service = Service(clock)
    error = service.failure(**arguments)
    assert isinstance(error, ValidationError)
    assert [problem.field for problem in error.problems] == [field]
    assert service.remote.seen == []


# ------------------------------------------------------------------------------------ registry logins


@pytest.mark.case("T-02")
def test_the_login_of_a_template_goes_as_its_id(
    clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    service = Service(clock, template(imageAuth="auth1"))
    client = client_of(service.remote)
    with caplog.at_level(logging.DEBUG, "novita_sdk"):
        made = client.gpu_instances.create(product_id="p-1", template=77)
    assert service.body["imageAuthId"] == "auth1"
    assert "imageAuth" not in service.body
    intent = services_of(client).store.get(f"intent:{made.operation_id}")
    assert intent is not None
    assert PASSWORD not in caplog.text + repr(made) + repr(client) + repr(intent)


@pytest.mark.case("T-02")
def test_a_login_that_does_not_exist_is_not_created_with(clock: VirtualClock) -> None:
    service = Service(clock, template(imageAuth="gone"))
    error = service.failure()
    assert isinstance(error, NotFoundError)
    assert error.code == "REGISTRY_AUTH_NOT_FOUND"
    assert service.remote.posts == []


@pytest.mark.case("T-02")
def test_a_login_shows_its_user_and_hides_its_password(clock: VirtualClock) -> None:
    found = client_of(Service(clock).remote).registry_auths.get("auth1")
    assert (found.username, found.password) == ("user", Secret(PASSWORD))
    assert PASSWORD not in repr(found)


@pytest.mark.parametrize("ref", ["auth1", "mine"])
def test_a_login_is_named_by_id_or_name(clock: VirtualClock, ref: str) -> None:
    service = Service(clock)
    service.create_with(registry_auth=ref)
    assert service.body["imageAuthId"] == "auth1"


def test_a_login_of_the_caller_goes_before_the_templates(clock: VirtualClock) -> None:
    service = Service(clock, template(imageAuth="auth2"))
    service.create_with(registry_auth="mine")
    assert service.body["imageAuthId"] == "auth1"


@pytest.mark.parametrize("name", ["registry_auth", "image_auth_id", "image_auth"])
def test_none_clears_the_login_of_a_template(clock: VirtualClock, name: str) -> None:
    service = Service(clock, template(imageAuth="auth1"))
    service.create_with(**{name: None})
    assert not {"imageAuth", "imageAuthId"} & service.body.keys()


def test_two_logins_of_a_name_are_ambiguous(clock: VirtualClock) -> None:
    service = Service(clock)
    error = service.failure(registry_auth="twin")
    assert isinstance(error, AmbiguousNameError)
    assert error.ids == ("auth2", "auth3")
    assert service.remote.posts == []


def test_a_resolved_login_brings_no_password(clock: VirtualClock) -> None:
    found = client_of(Service(clock).remote).registry_auths.resolve("mine")
    assert (found.id, found.name, found.username, found.password) == ("auth1", "mine", None, None)


def test_an_unknown_login_is_told_with_how_it_was_sought(clock: VirtualClock) -> None:
    service = Service(clock)
    with pytest.raises(NotFoundError) as caught:
        client_of(service.remote).registry_auths.resolve("Mine")
    assert caught.value.searched_by == ("id", "name")
    assert len(service.remote.seen) == 1


@pytest.mark.case("T-03")
def test_inline_sends_user_and_password_and_no_id(
    clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    service = Service(clock, template(imageAuth="auth1"))
    client = client_of(service.remote)
    with caplog.at_level(logging.DEBUG, "novita_sdk"):
        made = client.gpu_instances.create(product_id="p-1", template=77, auth_mode="inline")
    assert service.body["imageAuth"] == f"user:{PASSWORD}"
    assert "imageAuthId" not in service.body
    intent = services_of(client).store.get(f"intent:{made.operation_id}")
    assert intent is not None
    assert PASSWORD not in caplog.text + repr(made) + repr(intent)


@pytest.mark.case("T-03")
def test_a_refused_login_never_leads_to_a_second_create(clock: VirtualClock) -> None:
    refusal = (400, {"reason": "VALIDATOR_PARAM", "message": "image auth is wrong"})
    service = Service(clock, template(imageAuth="auth1"), refusal)
    error = service.failure()
    assert isinstance(error, BadRequestError)
    assert len(service.remote.posts) == 1


@pytest.mark.parametrize(
    "login",
    [
        {"username": "a:b", "password": "secret-word"},
        {"username": "a", "password": "s" * 10238},
        {"username": "a", "password": ""},
        {"username": "", "password": "secret-word"},
    ],
    ids=["colon", "long", "no password", "no user"],
)
def test_a_login_that_cannot_be_spelled_inline_is_refused(clock: VirtualClock, login: dict[str, str]) -> None:
    service = Service(clock)
    logins = {"data": [{"id": "auth1", "name": "mine", **login}]}
    service.remote.script = [routed(template={"template": template()}, auths=logins)]
    error = service.failure(registry_auth="auth1", auth_mode="inline")
    assert isinstance(error, ValidationError)
    assert "secret-word" not in error.explain()
    assert service.remote.posts == []


@pytest.mark.case("T-04")
@pytest.mark.parametrize("image", ["ghcr.io/team/comfy:1", "localhost/comfy", "registry:5000/comfy"])
def test_an_image_on_another_host_gets_no_login_of_the_template(
    clock: VirtualClock, image: str, caplog: pytest.LogCaptureFixture
) -> None:
    service = Service(clock, template(imageAuth="auth1"))
    with caplog.at_level(logging.WARNING, "novita_sdk.lifecycle"):
        service.create_with(image_url=image)
    assert not {"imageAuth", "imageAuthId"} & service.body.keys()
    assert len(caplog.records) == 1


def test_an_image_on_the_same_host_keeps_the_login(clock: VirtualClock) -> None:
    service = Service(clock, template(imageAuth="auth1"))
    service.create_with(image_url="team/other:2")  # docker.io, too
    assert service.body["imageAuthId"] == "auth1"


# ------------------------------------------------------------------------------------------ products


def renting(catalogue: Catalogue, *answers: Any) -> Catalogue:
    """Let the catalogue answer creates too, the last answer for ever."""
    script = list(answers) or [{"id": "i-1"}]
    catalogue.others["create"] = lambda _request: script.pop(0) if len(script) > 1 else script[0]
    catalogue.others["instances"] = {"instances": [], "total": 0}
    catalogue.others["instance"] = instance()
    return catalogue


def created(catalogue: Catalogue, **arguments: Any) -> CreatedInstance:
    client = client_of(catalogue.remote, retry=RetryPolicy(max_retries=0))
    return client.gpu_instances.create(**{"image_url": "nginx", **arguments})


def tried(catalogue: Catalogue) -> list[tuple[str, str]]:
    return [(seen.json["productId"], seen.json["clusterId"]) for seen in catalogue.remote.posts]


def marks(catalogue: Catalogue) -> set[str]:
    return {pair["value"] for seen in catalogue.remote.posts for pair in seen.json["envs"]}


@pytest.mark.case("P-03")
def test_a_create_looks_in_the_default_region_first(clock: VirtualClock) -> None:
    catalogue = renting(Catalogue(clock, [product("p", *ORDER)]))
    made = created(catalogue, product="RTX 4090")
    assert tried(catalogue) == [("p", cluster_id("CN-HK-01"))]
    assert made.choice is not None
    assert [row.region for row in made.choice.tried][:2] == ["CN-HK-01", "AS-SGP-02"]


def test_a_query_says_how_many_gpus_and_how_they_are_charged(clock: VirtualClock) -> None:
    catalogue = renting(Catalogue(clock, [product("p", *ORDER)]))
    query = ProductQuery("RTX 4090", gpu_num=2, billing="spot", region="US-CA-06")
    created(catalogue, product=query)
    body = catalogue.remote.posts[0].json
    assert (body["gpuNum"], body["billingMode"], body["clusterId"]) == (2, "spot", cluster_id("US-CA-06"))


def test_a_name_is_looked_for_as_the_create_says(clock: VirtualClock) -> None:
    terms = [{"month": 3, "price": "50000000"}]
    catalogue = renting(Catalogue(clock, [product("p", *ORDER, monthlyPrice=terms)]))
    created(
        catalogue,
        product="RTX 4090",
        region="EU-DE-01",
        gpu_num=2,
        billing_mode="monthly",
        month=3,
        auto_renew=True,
    )
    body = catalogue.remote.posts[0].json
    assert (body["gpuNum"], body["billingMode"], body["month"]) == (2, "monthly", 3)
    assert body["clusterId"] == cluster_id("EU-DE-01")


def test_a_choice_made_before_is_not_made_again(clock: VirtualClock) -> None:
    catalogue = renting(Catalogue(clock, [product("p", *ORDER)]))
    client = client_of(catalogue.remote)
    choice = client.products.cheapest("RTX 4090", gpu_num=2)
    requests = len(catalogue.remote.seen)
    made = client.gpu_instances.create(product=choice, image_url="nginx")
    assert len(catalogue.remote.seen) == requests + 1
    assert (made.choice, catalogue.remote.posts[0].json["gpuNum"]) == (choice, 2)


def test_only_a_lack_of_stock_leads_to_the_next_candidate(clock: VirtualClock) -> None:
    catalogue = renting(Catalogue(clock, [product("p", *ORDER)]), NO_STOCK, {"id": "i-2"})
    made = created(catalogue, product="RTX 4090")
    assert tried(catalogue) == [("p", cluster_id("CN-HK-01")), ("p", cluster_id("AS-SGP-02"))]
    assert len(marks(catalogue)) == 2
    assert made.choice is not None
    assert made.choice.region == "AS-SGP-02"


def test_the_candidates_are_counted(clock: VirtualClock) -> None:
    catalogue = renting(Catalogue(clock, [product("p", *ORDER)]), NO_STOCK)
    with pytest.raises(CapacityError):
        created(catalogue, product="RTX 4090", max_candidates=2)
    assert len(catalogue.remote.posts) == 2


def test_an_unclear_outcome_never_leads_to_the_next_candidate(clock: VirtualClock) -> None:
    catalogue = renting(Catalogue(clock, [product("p", *ORDER)]), lost)
    with pytest.raises(OutcomeUnknownError):
        created(catalogue, product="RTX 4090")
    assert len(marks(catalogue)) == 1


def test_a_region_without_a_cluster_is_not_created_in(clock: VirtualClock) -> None:
    catalogue = renting(Catalogue(clock, [product("p", "US-CA-06")], clusters=[]))
    with pytest.raises(ValidationError, match="US-CA-06"):
        created(catalogue, product="RTX 4090", region="US-CA-06")
    assert catalogue.remote.posts == []


def test_a_product_whose_bounds_exclude_the_root_disk_is_left_out(clock: VirtualClock) -> None:
    offers = [product("small", *ORDER, price="1", maxRootFS=50), product("big", *ORDER)]
    catalogue = renting(Catalogue(clock, offers))
    created(catalogue, product="RTX 4090", rootfs_size=100)
    assert tried(catalogue)[0][0] == "big"


def test_a_choice_that_does_not_take_the_root_disk_is_refused(clock: VirtualClock) -> None:
    catalogue = renting(Catalogue(clock, [product("p", *ORDER, maxRootFS=50)]))
    client = client_of(catalogue.remote)
    choice = client.products.cheapest("RTX 4090")
    with pytest.raises(ValidationError, match="rootfs_size"):
        client.gpu_instances.create(product=choice, image_url="nginx")


def test_a_region_beside_a_product_id_becomes_its_cluster(clock: VirtualClock) -> None:
    service = Service(clock)
    service.create_with(region="us-ca-06")
    assert service.body["clusterId"] == "cl-3"


def test_an_unknown_region_beside_a_product_id_is_refused(clock: VirtualClock) -> None:
    service = Service(clock)
    error = service.failure(region="US-CA-99")
    assert isinstance(error, ValidationError)
    assert "US-CA-06" in error.problems[0].message
    assert service.remote.posts == []
