"""What the SDK knows of one API operation, as data: the row types of the operation table."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, Literal, TypeAlias

import attrs

FieldType: TypeAlias = Literal[
    "str", "id", "int", "bool", "time", "duration", "int_or_str", "array", "object", "any"
]
"""`id` is text naming a resource, `time` whole Unix seconds, `duration` whole seconds, `any` whatever JSON there is."""

Base: TypeAlias = Literal["gpu", "account", "internal", "gateway"]
Family: TypeAlias = Literal["public", "internal", "gateway"]

_FAMILIES: dict[Base, Family] = {
    "gpu": "public",
    "account": "public",
    "internal": "internal",
    "gateway": "gateway",
}


class Safety(Enum):
    """May a call be sent again when nobody knows whether the first sending was carried out?"""

    READ = "read"
    """It has no effect: always."""
    IDEMPOTENT = "idempotent"
    """The second sending changes nothing more: yes, after a re-read where there is one."""
    UNSAFE = "unsafe"
    """It would act twice: never. The outcome is settled by looking."""


@attrs.frozen(kw_only=True, eq=False)
class Field:
    """One query parameter or body key, with the limits of the contract.

    Attributes:
        name: Name on the wire.
        type: What its value is.
        required: Whether a request without it is refused.
        min: Least number.
        max: Greatest number.
        min_length: Least number of characters.
        max_length: Greatest number of characters.
        min_items: Least number of items of an array.
        max_items: Greatest number of items of an array.
        items: What an item of an array is; its name is "".
        fields: The keys of an object.
        enum: The words it may be.
        open: Whether words besides `enum` may be sent, because the service may know more of them.
        spellings: Further words a caller may use, each with the word that is sent.
        const: The only value it may have.
        forbidden: Values it may not have.
        pattern: Regular expression for the whole text.
        secret: Whether its value must never be shown.
    """

    name: str
    type: FieldType
    required: bool = False
    min: int | None = None
    max: int | None = None
    min_length: int | None = None
    max_length: int | None = None
    min_items: int | None = None
    max_items: int | None = None
    items: Field | None = None
    fields: tuple[Field, ...] = ()
    enum: tuple[str, ...] = ()
    open: bool = False
    spellings: tuple[tuple[str, str], ...] = ()
    const: str | None = None
    forbidden: tuple[int | str, ...] = ()
    pattern: str | None = None
    secret: bool = False


@attrs.frozen(kw_only=True, eq=False)
class Result:
    """How the answer is read.

    Attributes:
        shape: `single`, one object; `list`, items; `id`, the id of what was made; `none`, nothing in the
            answer is needed, so an empty or unreadable body is a success too.
        model: Class in `novita_sdk.models` of the object or of each item. With shape `none` it is filled from
            whatever the answer holds.
        keys: The keys under which the object or the items may stand, tried in order before the answer itself;
            with shape `id` or `none` the keys of interest.
        id_key: Key of the id in an item, or in the object made.
        empty_is_not_found: An answer without content means that the resource does not exist.
        not_found_is_empty: A not-found answer to page 1 means that the list is empty.
        error_key: A non-empty text under this key makes a 2xx answer an error.
    """

    shape: Literal["single", "list", "none", "id"]
    model: str | None = None
    keys: tuple[str, ...] = ()
    id_key: str | None = None
    empty_is_not_found: bool = False
    not_found_is_empty: bool = False
    error_key: str | None = None


@attrs.frozen(kw_only=True, eq=False)
class Paging:
    """How a list spells its page parameters.

    Attributes:
        page_key: Query key of the page number.
        size_key: Query key of the page size.
        first: Number of the first page.
        zero_allowed: Whether page 0 may be asked for (servers that count from 0).
    """

    page_key: str
    size_key: str = "pageSize"
    first: int = 1
    zero_allowed: bool = False


@attrs.frozen(kw_only=True, eq=False)
class Look:
    """A READ operation asked in order to learn what became of another call.

    Attributes:
        operation: Name of the READ operation; a paged list is read over all pages.
        query: Its query keys, each with the key of the sent body that gives the value.
        fixed: Its query keys with a constant value.
    """

    operation: str
    query: tuple[tuple[str, str], ...] = ()
    fixed: tuple[tuple[str, str | bool], ...] = ()

    def query_for(self, body: Mapping[str, object]) -> dict[str, object]:
        """Build the look's query from the body whose outcome is in doubt."""
        return dict(self.fixed) | {key: body[source] for key, source in self.query if source in body}


@attrs.frozen(kw_only=True, eq=False)
class Reread:
    """What is read before an IDEMPOTENT call is sent again; `settling.done` judges it.

    Attributes:
        look: What to read.
        window: Seconds for which an answer "not done" is asked again before it is believed; 0 = asked once.
        remaining: For a call naming several resources: the body key with their ids. Only those that the look
            still shows are sent again.
    """

    look: Look
    window: float = 0.0
    remaining: str | None = None


@attrs.frozen(kw_only=True, eq=False)
class Handle:
    """How one resource that a marked create made is told from others, and dealt with by its id.

    Attributes:
        read: Name of the READ operation that shows one of them.
        key: Its query key for the id.
        delete: Name of the operation that deletes one.
        delete_keys: Its body keys, each of which takes the id.
        same: Keys of the create's body that the resource shows unchanged.
        within: Key of the create's body below which all that stands; None if nothing is above it.
    """

    read: str
    key: str
    delete: str
    delete_keys: tuple[str, ...]
    same: tuple[str, ...]
    within: str | None = None

    def thing(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what a create's body says of the resource."""
        found: Mapping[str, Any] = body if self.within is None else body.get(self.within) or {}
        return found

    def body_of(self, thing: Mapping[str, Any]) -> dict[str, Any]:
        """Return the body that says `thing` of the resource."""
        return dict(thing) if self.within is None else {self.within: dict(thing)}


@attrs.frozen(kw_only=True, eq=False)
class Settle:
    """How the unclear outcome of an UNSAFE call is found out; `settling.matches` judges it.

    Attributes:
        kind: `marker`, the created resource carries one; `state`, the look shows the effect; `diff`, exactly
            one new id of that name against the ids seen before the first sending.
        looks: What to read, all of them at each look.
        window: Seconds for which it is looked for.
        before: Whether the looks are also read before the first sending, to compare with.
        handle: With kind `marker`: how a single resource is read and deleted.
    """

    kind: Literal["marker", "state", "diff"]
    looks: tuple[Look, ...]
    window: float = 10.0
    before: bool = False
    handle: Handle | None = None


@attrs.frozen(kw_only=True, eq=False)
class Operation:
    """One row of the operation table.

    Attributes:
        name: The contract's operation id.
        method: HTTP method.
        path: Path below the base; what stands in braces is filled in from the query values.
        base: Which base URL the path is appended to.
        safety: Safety class; see also `unsafe_key`.
        kind: What it acts on, as in error codes: INSTANCE gives INSTANCE_NOT_FOUND.
        creates: Whether it makes a new resource, so that a not-found is about something it refers to.
        query: Query parameters, in the order in which they are sent.
        body: Body keys; None if it has no body.
        variants: Other bodies of the same operation, by the value of their `kind` key.
        result: How the answer is read.
        paging: How pages are asked for; None if the list comes whole.
        reread: What is read before an IDEMPOTENT call is sent again; None = sent again at once.
        gone_is_done: A not-found answer to a repeated sending means success.
        unsafe_key: Body key whose positive number is an increment: such a call is UNSAFE.
        settle: How an unclear outcome of an UNSAFE call is found out.
        cache_ttl: Seconds for which an answer may be served from the cache; None = never cached.
        deadline: Seconds a whole call may take, if not the client's `total_timeout`.
    """

    name: str
    method: Literal["GET", "POST"]
    path: str
    base: Base = "gpu"
    safety: Safety
    kind: str | None = None
    creates: bool = False
    query: tuple[Field, ...] = ()
    body: tuple[Field, ...] | None = None
    variants: tuple[tuple[str, tuple[Field, ...]], ...] = ()
    result: Result
    paging: Paging | None = None
    reread: Reread | None = None
    gone_is_done: bool = False
    unsafe_key: str | None = None
    settle: Settle | None = None
    cache_ttl: float | None = None
    deadline: float | None = None

    @property
    def family(self) -> Family:
        """The API family, which has its own key, breaker and bucket."""
        return _FAMILIES[self.base]

    @property
    def clears_cache(self) -> bool:
        """Whether cached answers are dropped before and after it: every write does."""
        return self.safety is not Safety.READ

    def body_fields(self, body: Mapping[str, object]) -> tuple[Field, ...]:
        """Return the keys that apply to `body`, which may choose a variant by its `kind`."""
        return dict(self.variants).get(str(body.get("kind")), self.body or ())
