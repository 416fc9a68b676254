"""The page's function on real changes of a real table: killed, overtaken, told twice."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib import import_module
from itertools import count
from types import ModuleType
from typing import Any, Final
from uuid import uuid4

import pytest

from handler import gallery, page_data, page_portions
from handler.event import COMPARE, FILL
from handler.gallery import INDEX_KEY, PAGE_PREFIX, Index
from handler.gallery_pictures import place
from handler.page_data import ContestedError, Store
from handler.page_settings import PageSettings
from handler.plain_page import PLAIN_KEY
from handler.schema import PAGE, Metadata, Status
from handler.services import Services
from tests.handler.test_lambda_function import Context
from tests.support.handler import DEST, TABLE
from tests.support.quick_account import QuickDynamoDB, QuickS3
from tests.support.stream import Stream

pytestmark = pytest.mark.slow

DISTRIBUTION: Final = "E1DISTRIBUTION"
FUNCTION: Final = "ImageGalleryFunction"
NO_PAGE: Final = {PAGE: PageSettings(public=False).to_json()}


@pytest.fixture
def store(services: Services) -> Store:
    """The destination bucket and the table."""
    return Store(services.s3, services.dynamodb, DEST, TABLE)


@pytest.fixture
def stream(services: Services) -> Stream:
    """The table's stream."""
    return Stream(services.dynamodb, TABLE)


@pytest.fixture
def invalidations(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What CloudFront was told."""
    return []


@pytest.fixture
def function(
    store: Store, invalidations: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> ModuleType:
    """The page's function as Lambda loads it, on the account in memory."""
    environment = {"DEST_BUCKET": DEST, "TABLE_NAME": TABLE, "DISTRIBUTION_ID": DISTRIBUTION}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    module = import_module("handler.page_function")

    class CloudFront:
        def create_invalidation(self, **given: Any) -> None:
            invalidations.append(given)

    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", FUNCTION)
    configured(module, monkeypatch, {})
    monkeypatch.setattr(module, "_STORE", store)
    monkeypatch.setattr(module, "_cdn", CloudFront)
    return module


def configured(
    function: ModuleType, monkeypatch: pytest.MonkeyPatch, variables: Mapping[str, str]
) -> None:
    """Let Lambda say that these are the function's variables now."""

    class Lambda:
        def get_function_configuration(self, **given: Any) -> Any:
            assert given == {"FunctionName": FUNCTION}
            return {"Environment": {"Variables": variables}}

    monkeypatch.setattr(function, "_lambda", Lambda)


def row(key: str, time: int = 0, **given: Any) -> Metadata:
    """A row written at this time."""
    values = {"size": 9, "status": Status.PROCESSED, "source_key": f"of {key}", **given}
    return Metadata(filename=key, timestamp=f"2026-01-01T00:00:00.{time:06}", **values)


def write(services: Services | Store, *rows: Metadata) -> None:
    """Write rows as the function does."""
    for each in rows:
        services.dynamodb.put_item(TableName=TABLE, Item=each.to_item())


def remove(services: Services | Store, *keys: str) -> None:
    """Delete rows."""
    for key in keys:
        services.dynamodb.delete_item(TableName=TABLE, Key={"filename": {"S": key}})


def told(function: ModuleType, event: Mapping[str, Any]) -> Any:
    """Let the function take an event."""
    return function.lambda_handler(event, Context())


def shown(services: Services | Store) -> list[str]:
    """The keys that the page shows, newest first: of the index, and of every page that it names."""
    index = Index.from_json(read(services, INDEX_KEY))
    pages = [read(services, page.name)["pictures"] for page in index.pages]
    return [each["key"] for part in (index.pictures, *pages) for each in part]


def read(services: Services | Store, key: str) -> Any:
    """Return a JSON file of the destination bucket."""
    return json.load(services.s3.get_object(Bucket=DEST, Key=key)["Body"])


def test_new_pictures_show_and_cost_no_invalidation(
    function: ModuleType, services: Services, stream: Stream, invalidations: list[Any]
) -> None:
    """Newest first; a rejected one does not show."""
    rows = (row("a", 1), row("b", 2), row("c", 3, status=Status.REJECTED))
    write(services, *rows)
    assert told(function, stream.batch()) == {"rows": 3, "paths": []}
    assert shown(services) == ["b", "a"]
    assert invalidations == []


def test_what_is_replaced_or_removed_is_forgotten_once(
    function: ModuleType, services: Services, stream: Stream, invalidations: list[Any]
) -> None:
    """One invalidation a batch; a batch that is told again is the same one to CloudFront."""
    write(services, row("a", 1), row("b", 2), row("c", 3), row("d", 4, status=Status.REJECTED))
    told(function, stream.batch())
    write(services, row("a", 5), row("d", 6))
    remove(services, "b")
    batch = stream.batch()
    told(function, batch)
    told(function, batch)
    assert shown(services) == ["d", "a", "c"]
    first, again = invalidations
    assert first == again
    assert first["DistributionId"] == DISTRIBUTION
    assert first["InvalidationBatch"]["Paths"]["Items"] == ["/a", "/b"]


def test_renditions_on_demand_are_forgotten_with_their_original(
    function: ModuleType,
    services: Services,
    stream: Stream,
    invalidations: list[Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By one path for all of them, whatever the original is called; where there are any."""
    write(services, row("a", 1, source_key="x/ä_1.jpg"), row("b", 1))
    told(function, stream.batch())
    monkeypatch.setattr(function, "_DELIVERS", True)
    write(services, row("a", 2, source_key="x/ä_1.jpg"))
    told(function, stream.batch())
    (told_so,) = invalidations
    assert told_so["InvalidationBatch"]["Paths"]["Items"] == ["/_img/x/_C3_A4_5F1.jpg/*", "/a"]


def test_a_row_that_only_got_its_shard_costs_nothing(
    function: ModuleType, services: Services, stream: Stream, invalidations: list[Any]
) -> None:
    """As setup gives it to rows of an older release."""
    item = {name: value for name, value in row("a").to_item().items() if name != "shard"}
    services.dynamodb.put_item(TableName=TABLE, Item=item)
    write(services, row("a"))
    told(function, stream.batch())
    assert invalidations == []


def test_a_batch_told_late_resurrects_nothing(
    function: ModuleType, services: Services, stream: Stream
) -> None:
    """The table says what is there, whatever the batch said of it."""
    write(services, row("a", 1))
    late = stream.batch()
    remove(services, "a")
    told(function, stream.batch())
    told(function, late)
    assert shown(services) == []


class Interrupting:
    """A client that does something before, or after, its n-th call."""

    def __init__(self, client: Any, calls: int, act: Callable[[], None], *, after: bool) -> None:
        self._client, self._left, self._act, self._after = client, calls, act, after

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(**given: Any) -> Any:
            self._left -= 1
            if self._left == 0 and not self._after:
                self._act()
            try:
                return getattr(self._client, name)(**given)
            finally:
                if self._left == 0 and self._after:
                    self._act()

        return call


class KilledError(Exception):
    """Lambda ended the invocation."""


def kill() -> None:
    """End the invocation."""
    raise KilledError


def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a page hold two pictures, so that batches touch several."""
    monkeypatch.setattr(gallery, "PICTURES_A_PAGE", 2)


# More calls than the largest of these batches takes.
MOST_CALLS: Final = 24


@pytest.mark.usefixtures("invalidations")
@pytest.mark.parametrize("after", [False, True])
def test_killed_at_any_call_it_is_finished_by_lambdas_retry(
    function: ModuleType, store: Store, stream: Stream, monkeypatch: Any, *, after: bool
) -> None:
    """Before a call, or once it was answered; and nothing is left lying about."""
    small_pages(monkeypatch)
    monkeypatch.setattr(page_data, "_FORGOTTEN", -page_data._FORGOTTEN)
    killed = 0
    for calls in range(1, MOST_CALLS):
        write(store, *(row(f"{calls:02} {each}", calls * 9 + each) for each in range(5)))
        remove(store, f"{calls - 1:02} 3", f"{calls - 1:02} 0", f"{calls - 2:02} 2")
        batch = stream.batch()
        client = Interrupting(store.s3, calls, kill, after=after)
        monkeypatch.setattr(function, "_STORE", store._replace(s3=client))
        try:
            told(function, batch)
        except KilledError:
            killed += 1
        monkeypatch.setattr(function, "_STORE", store)
        told(function, batch)
        assert shown(store) == newest_first(store)
    assert 10 < killed < MOST_CALLS - 1
    named = {page.name for page in Index.from_json(read(store, INDEX_KEY)).pages}
    listed = store.s3.list_objects_v2(Bucket=DEST, Prefix=PAGE_PREFIX)["Contents"]
    assert {each["Key"] for each in listed} == named


def test_overtaken_at_any_call_by_another_batch_nothing_is_lost(
    function: ModuleType, store: Store, stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other changes rows of its own and of this batch, and is through before this goes on."""
    small_pages(monkeypatch)
    times = count()

    def overtake() -> None:
        monkeypatch.setattr(function, "_STORE", store)
        remove(store, "b")
        write(store, row("a", next(times)), row(f"x{next(times)}", next(times)))
        told(function, stream.batch())

    for calls in range(1, MOST_CALLS):
        write(store, *(row(key, next(times)) for key in "abcdefg"))
        client = Interrupting(store.s3, calls, overtake, after=False)
        monkeypatch.setattr(function, "_STORE", store._replace(s3=client))
        told(function, stream.batch())
        assert shown(store) == newest_first(store)


def batch_of(store: Store) -> dict[str, Any]:
    """What the stream tells since it was asked last."""
    records = list(store.dynamodb.records)
    store.dynamodb.records.clear()
    return {"Records": records}


def data_keys(store: Store) -> set[str]:
    """What there is of the page's data."""
    listed = store.s3.list_objects_v2(Bucket=DEST, Prefix="gallery/").get("Contents", ())
    return {each["Key"] for each in listed}


@pytest.mark.usefixtures("invalidations")
@pytest.mark.parametrize("after", [False, True])
def test_a_batch_that_began_before_brings_no_page_back(
    function: ModuleType, monkeypatch: pytest.MonkeyPatch, *, after: bool
) -> None:
    """Setup says that there is to be none, and takes all away, at any moment of the batch."""
    small_pages(monkeypatch)
    store = Store(QuickS3(), QuickDynamoDB(), DEST, TABLE)

    def take_away() -> None:
        configured(function, monkeypatch, NO_PAGE)
        for key in sorted(data_keys(store), reverse=True):  # the index last: the worst order
            store.s3.delete_object(Bucket=DEST, Key=key)

    taken = 0
    for calls in range(1, MOST_CALLS):
        configured(function, monkeypatch, {})
        monkeypatch.setattr(function, "_STORE", store)
        write(store, *(row(f"{calls} {each}", calls * 9 + each) for each in range(7)))
        told(function, batch_of(store))
        assert data_keys(store) > {INDEX_KEY, PLAIN_KEY}
        write(store, *(row(f"{calls} {each}", calls * 9 + each, size=1) for each in range(7)))
        client = Interrupting(store.s3, calls, take_away, after=after)
        monkeypatch.setattr(function, "_STORE", store._replace(s3=client))
        told(function, batch_of(store))
        if client._left <= 0:
            taken += 1
            assert data_keys(store) == set()
    assert 5 < taken < MOST_CALLS - 1


def newest_first(services: Services | Store) -> list[str]:
    """What the page must show: the table's rows."""
    items = services.dynamodb.scan(TableName=TABLE)["Items"]
    rows = [Metadata.from_item(item) for item in items]
    return [row.filename for row in sorted(rows, key=place, reverse=True)]


def test_others_that_write_without_end_are_left_to_a_retry(
    function: ModuleType, store: Store, stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The batch comes again, and once the others rest, it is through."""
    write(store, row("a"))
    batch = stream.batch()

    class Overtaken:
        def __getattr__(self, name: str) -> Callable[..., Any]:
            if name == "put_object":
                rival = json.dumps(Index(written=uuid4().hex).to_json())
                store.s3.put_object(Bucket=DEST, Key=INDEX_KEY, Body=rival)
            called: Callable[..., Any] = getattr(store.s3, name)
            return called

    monkeypatch.setattr(function, "_STORE", store._replace(s3=Overtaken()))
    with pytest.raises(ContestedError):
        told(function, batch)
    monkeypatch.setattr(function, "_STORE", store)
    told(function, batch)
    assert shown(store) == ["a"]


def test_rows_from_before_are_taken_over(
    function: ModuleType, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Portion by portion, and only then is the data complete; a second time changes nothing."""
    monkeypatch.setattr(page_portions, "_ROWS_A_FILL", 16)
    small_pages(monkeypatch)
    write(services, *(row(f"k{number}", number) for number in range(50)))
    for _ in range(2):
        cursor = told(function, {FILL: {}})[FILL]
        portions = 1
        while cursor:
            cursor = told(function, {FILL: cursor})[FILL]
            portions += 1
        assert portions > 1
        assert Index.from_json(read(services, INDEX_KEY)).filled
        assert shown(services) == newest_first(services)


def rebuilt(function: ModuleType) -> set[str]:
    """Let the function do the whole page, portion by portion; return the keys it wrote."""
    written: set[str] = set()
    for kind in (COMPARE, FILL):
        cursor: Any = {}
        while cursor is not None:
            answer = told(function, {kind: cursor})
            written.update(answer["written"])
            cursor = answer[kind] or None
    return written


def unnamed(store: Store) -> set[str]:
    """The pages that lie there, and that the index does not name."""
    listed = store.s3.list_objects_v2(Bucket=DEST, Prefix=PAGE_PREFIX).get("Contents", ())
    named = {page.name for page in Index.from_json(read(store, INDEX_KEY)).pages}
    return {each["Key"] for each in listed} - named


def silently(store: Store) -> None:
    """Change rows without the stream telling: some go, one comes late, one moved."""
    remove(store, "k1", "k9", "k29")
    write(store, row("late", 4), row("k2", 40))


def without_the_index(store: Store) -> None:
    """Lose the index; pages that nobody names lie there."""
    store.s3.delete_object(Bucket=DEST, Key=INDEX_KEY)


def by_hand(key: str, body: bytes) -> Callable[[Store], None]:
    """Write this over the page's oldest file, or over its index."""

    def change(store: Store) -> None:
        pages = Index.from_json(read(store, INDEX_KEY)).pages
        store.s3.put_object(Bucket=DEST, Key=key or pages[-1].name, Body=body)

    return change


@pytest.mark.parametrize(
    "damage",
    [
        silently,
        without_the_index,
        by_hand("", b"no JSON"),
        by_hand("", b'{"pictures": []}'),
        by_hand("", b"[1]"),
        by_hand(INDEX_KEY, b"no JSON"),
        by_hand(INDEX_KEY, b"{}"),
        by_hand(INDEX_KEY, b"[]"),
        by_hand(INDEX_KEY, b"[" * 100_000),
        by_hand(INDEX_KEY, json.dumps({**Index().to_json(), "pictures": [1]}).encode()),
        by_hand(INDEX_KEY, json.dumps({**Index().to_json(), "pages": [{"name": 1}]}).encode()),
        by_hand("", b"[" * 100_000),
        by_hand("", json.dumps({"pictures": [{"key": "k1", "timestamp": 1}]}).encode()),
        lambda _: None,
    ],
)
def test_made_anew_the_page_says_what_the_table_says(
    function: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    damage: Callable[[Store], None],
) -> None:
    """Whatever became of either; what was right is not written again."""
    store = Store(QuickS3(), QuickDynamoDB(), DEST, TABLE)
    monkeypatch.setattr(function, "_STORE", store)
    monkeypatch.setattr(page_portions, "_PAGES_A_COMPARISON", 3)
    monkeypatch.setattr(page_data, "_FORGOTTEN", -page_data._FORGOTTEN)
    small_pages(monkeypatch)
    write(store, *(row(f"k{number}", number) for number in range(30)))
    rebuilt(function)
    damage(store)
    rebuilt(function)
    assert shown(store) == newest_first(store)
    assert Index.from_json(read(store, INDEX_KEY)).filled
    assert unnamed(store) == set()
    assert rebuilt(function) == {INDEX_KEY, PLAIN_KEY}


@pytest.mark.parametrize("pictures", [0, 1])
def test_a_page_of_next_to_nothing_is_made_anew(
    function: ModuleType, services: Services, pictures: int
) -> None:
    """A pipeline that is new, or all of whose pictures were removed."""
    write(services, *(row(f"k{number}") for number in range(pictures)))
    for kind in (COMPARE, FILL):
        done = told(function, {kind: {}})
    assert done == {FILL: {}, "written": [PLAIN_KEY, INDEX_KEY], "pictures": pictures}
    remove(services, "k0")
    assert told(function, {COMPARE: {}})["pictures"] == 0


def test_data_that_is_not_complete_says_so(
    function: ModuleType, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A setup that was broken off begins anew."""
    monkeypatch.setattr(page_portions, "_ROWS_A_FILL", 16)
    write(services, *(row(f"k{number}", number) for number in range(50)))
    assert told(function, {FILL: {}})[FILL]
    assert not Index.from_json(read(services, INDEX_KEY)).filled


def test_what_is_complete_stays_so(
    function: ModuleType, services: Services, stream: Stream
) -> None:
    """A change is no reason to take all rows over again."""
    told(function, {FILL: {}})
    write(services, row("a"), replace(row("b"), width=3, height=4))
    told(function, stream.batch())
    assert Index.from_json(read(services, INDEX_KEY)).filled
    (first, _) = read(services, INDEX_KEY)["pictures"]
    assert (first["source"], first["width"], first["height"]) == ("of b", 3, 4)
