"""Whatever people do, and however events come: in the end all says what the sources say.

People put, replace, break, delete and restore pictures, and deploy another recipe half-way. S3's
events and the stream's batches come late, doubled and out of order, are handled one within another,
and the page's function is killed. Then results, rows and the page are those of the sources that are
there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from importlib import import_module
from itertools import count
from pathlib import Path
from random import Random
from types import ModuleType, SimpleNamespace
from typing import Any, Final

import pytest

from handler import gallery, image, process
from handler.event import Kind, s3_event
from handler.gallery import INDEX_KEY, PAGE_PREFIX, Index
from handler.gallery_pictures import place
from handler.image import Budget
from handler.job import Destination
from handler.page_data import ContestedError, Store
from handler.process import OvertakenError
from handler.recipe import Recipe, Rendition
from handler.schema import Metadata, Status
from handler.services import Services
from tests.handler.test_lambda_function import Context, function
from tests.handler.test_page_function import FUNCTION, configured
from tests.support.handler import DEST, SOURCE, TABLE, jpeg
from tests.support.quick_account import QuickDynamoDB, QuickS3

pytestmark = pytest.mark.slow

__all__ = ["function"]

KEYS: Final = ("a b/photo+1.jpg", "b.jpg")
RECIPES: Final = (
    Recipe(),
    Recipe(renditions=(Rendition(), Rendition(name="thumb", width=20, height=20))),
    Recipe(renditions=(Rendition(format="webp"),)),
)
# Encoded once: a history is about what becomes of pictures, not about pixels.
PICTURES: Final = tuple(jpeg(width, 30) for width in range(10, 30, 2))
DAMAGED: Final = b"no picture"
STEPS: Final = 12
# How often the clock is read before a millisecond is over: as on the machine that found the seeds.
A_MILLISECOND: Final = 4
# A picture was replaced between the rows of its renditions; a row was written within the very
# millisecond in which another, that is taken away, had been.
ENDED_OTHERWISE: Final = (3358, 9533)


class KilledError(Exception):
    """Lambda ended the invocation."""


class Watched:
    """A client whose every call lets others act first."""

    def __init__(self, client: Any, act: Callable[[], None]) -> None:
        self._client, self._act = client, act

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(**given: Any) -> Any:
            self._act()
            return getattr(self._client, name)(**given)

        return call


class History:
    """One history, told by its ``random``: the account, what is pending, and who acts next."""

    def __init__(self, picture: ModuleType, page: ModuleType, random: Random) -> None:
        self.s3, self.dynamodb = QuickS3(SOURCE), QuickDynamoDB()
        self.picture, self.page, self.random = picture, page, random
        self.events: list[tuple[Kind, str]] = []
        self.batches: list[dict[str, Any]] = []
        self.told, self.steps = 0, STEPS
        self.running: list[ModuleType] = []
        self.requests = count()
        vars(process)["_now"] = ticking()
        s3, dynamodb = Watched(self.s3, self.act), Watched(self.dynamodb, self.act)
        vars(picture)["_SERVICES"] = Services(s3, dynamodb)
        vars(page)["_STORE"] = Store(s3, dynamodb, DEST, TABLE)
        self.deploy()

    def run(self) -> None:
        """Let it all happen, then let what is pending come in."""
        while self.steps > 0 or self.pending:
            self.act_once()

    @property
    def pending(self) -> bool:
        """Whether S3 or the stream has something to tell."""
        return bool(self.events or self.batches or self.told < len(self.dynamodb.records))

    def act(self) -> None:
        """Between two calls, now and then: others act, or the page's function is killed."""
        killable = self.steps > 0 and self.running[-1] is self.page
        if killable and self.random.random() < 0.05:
            raise KilledError
        if len(self.running) < 4 and self.random.random() < 0.15:
            self.act_once()

    def act_once(self) -> None:
        """Change something, or handle what S3 or the stream tells."""
        if self.steps > 0 and (not self.pending or self.random.random() < 0.4):
            self.steps -= 1
            self.change(self.random.choice(KEYS))
        elif self.pending:
            self.random.choice([self.deliver_event, self.deliver_batch])()

    def change(self, key: str) -> None:
        """Put, delete or restore a source; S3 sends an event, sometimes two. Or deploy."""
        self.s3.second += self.random.choice([0, 1])
        kind = self.random.choice([Kind.CREATED, Kind.CREATED, Kind.REMOVED, "restore", "deploy"])
        if kind == "deploy":
            self.deploy()
            return
        if kind is Kind.CREATED:
            body = self.random.choice([*PICTURES, DAMAGED, DAMAGED])
            self.s3.put_object(Bucket=SOURCE, Key=key, Body=body)
        elif kind is Kind.REMOVED:
            self.s3.delete_object(Bucket=SOURCE, Key=key)
        else:
            self.s3.restore(SOURCE, key)
        sent = Kind.CREATED if kind is Kind.CREATED else Kind.REMOVED
        self.events += [(sent, key)] * self.random.choice([1, 1, 2])

    def deploy(self) -> None:
        """Give the function another recipe."""
        before: Destination = vars(self.picture)["_DESTINATION"]
        recipe = self.random.choice(RECIPES)
        fingerprint = str(RECIPES.index(recipe))
        now = before._replace(recipe=recipe, fingerprint=fingerprint)
        vars(self.picture)["_DESTINATION"] = now

    def deliver_event(self) -> None:
        """Handle an event, whichever; what failed comes again, as Lambda sends it again."""
        if not self.events:
            return
        kind, key = self.events.pop(self.random.randrange(len(self.events)))
        if not self.handled(self.picture, s3_event(kind, SOURCE, key, "us-east-1")):
            self.events.append((kind, key))

    def deliver_batch(self) -> None:
        """Handle a batch: of new changes, in their order, or one that failed or is told again."""
        if self.told < len(self.dynamodb.records):
            end = min(self.told + self.random.randint(1, 4), len(self.dynamodb.records))
            self.batches.append({"Records": self.dynamodb.records[self.told : end]})
            self.told = end
        if not self.batches:
            return
        batch = self.batches.pop(self.random.randrange(len(self.batches)))
        told_again = self.steps > 0 and self.random.random() < 0.2
        if not self.handled(self.page, batch) or told_again:
            self.batches.append(batch)

    def handled(self, function: ModuleType, event: Mapping[str, Any]) -> bool:
        """Invoke a function; say whether it came to its end."""
        self.running.append(function)
        context = Context()
        # As on AWS no two have the same, by which a picture's function tells its rivals' rows.
        context.aws_request_id = f"r-{next(self.requests)}"
        try:
            function.lambda_handler(event, context)
        except (OvertakenError, ContestedError, KilledError):
            return False
        finally:
            self.running.pop()
        return True


def check(history: History) -> None:
    """Compare what there is with the sources."""
    sources = {each["Key"]: each["ETag"] for each in listed(history, SOURCE)}
    rows = [Metadata.from_item(item) for item in history.dynamodb.scan()["Items"]]
    assert {(row.source_key, f'"{row.source_etag}"') for row in rows} == set(sources.items())
    for key, etag in sources.items():
        statuses = {row.status for row in rows if row.source_key == key}
        damaged = history.s3.get_object(Bucket=SOURCE, Key=key)["Body"].read() == DAMAGED
        assert statuses == {Status.REJECTED if damaged else Status.PROCESSED}, etag

    processed = [row for row in rows if row.status is Status.PROCESSED]
    there = {each["Key"] for each in listed(history, DEST)}
    data = {key for key in there if key.startswith("gallery/")}
    assert there - data == {row.filename for row in processed}

    newest_first = sorted(processed, key=place, reverse=True)
    assert list(shown(history, data)) == [(row.filename, row.timestamp) for row in newest_first]


def listed(history: History, bucket: str) -> Any:
    """What is in a bucket."""
    return history.s3.list_objects_v2(Bucket=bucket)["Contents"]


def shown(history: History, data: set[str]) -> Iterator[tuple[str, str]]:
    """What the page shows; a history without any row has none."""
    if INDEX_KEY not in data:
        return
    index = Index.from_json(read(history, INDEX_KEY))
    pages = [read(history, page.name)["pictures"] for page in index.pages]
    assert all(page.name.startswith(PAGE_PREFIX) for page in index.pages)
    for pictures in (index.pictures, *pages):
        yield from ((each["key"], each["timestamp"]) for each in pictures)


def read(history: History, key: str) -> Any:
    """A JSON file of the destination bucket."""
    return json.load(history.s3.get_object(Bucket=DEST, Key=key)["Body"])


@pytest.fixture
def page(function: ModuleType, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The page's function, with pages of one picture, so that there are many."""
    monkeypatch.setenv("DISTRIBUTION_ID", "E1")
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", FUNCTION)
    # Renditions one after another: a history is told again by its seed alone.
    monkeypatch.setattr(process, "_now", process._now)
    monkeypatch.setattr(process, "together", lambda call, *given: list(map(call, *given)))
    # A history is about what becomes of pictures, not about pixels: each is made once.
    render = cache(partial(image.render, budget=Budget(2**30, 60), assets=Path()))
    monkeypatch.setattr(image, "render", lambda body, recipe, *_, **__: render(body, recipe))
    monkeypatch.setattr(gallery, "PICTURES_A_PAGE", 1)
    module = import_module("handler.page_function")
    monkeypatch.setattr(module, "_cdn", lambda: SimpleNamespace(create_invalidation=ignored))
    configured(module, monkeypatch, {})
    return module


def ticking() -> Callable[[], str]:
    """A clock that goes on as it is read, so that a history is told again by its seed alone."""
    ticks, beginning = count(), datetime.now(UTC)

    def now() -> str:
        moment = beginning + timedelta(milliseconds=next(ticks) // A_MILLISECOND)
        return moment.isoformat(timespec="milliseconds")

    return now


def ignored(**_: Any) -> None:
    """Take an invalidation."""


def tell(function: ModuleType, page: ModuleType, seeds: Iterable[int]) -> None:
    """Tell the histories of these seeds, and check each."""
    for seed in seeds:
        history = History(function, page, Random(seed))
        history.run()
        try:
            check(history)
        except AssertionError as error:
            raise AssertionError(f"the history of seed {seed} ends otherwise") from error


def test_1000_histories_end_as_their_sources_say(function: ModuleType, page: ModuleType) -> None:
    """Results, rows and page of what is there, in its current version; nothing else.

    About 25 s of processor time.
    """
    tell(function, page, [*range(1000), *ENDED_OTHERWISE])


@pytest.mark.prove
@pytest.mark.parametrize("start", range(1000, 21_000, 5000))
def test_20_000_histories_end_as_their_sources_say(
    function: ModuleType,
    page: ModuleType,
    start: int,
    record_property: Callable[[str, object], None],
) -> None:
    """The same, and longer: about 2 minutes of processor time for each 5,000."""
    seeds = range(start, start + 5000)
    tell(function, page, seeds)
    record_property("histories", len(seeds))
    record_property("seeds", f"{seeds[0]} to {seeds[-1]}")
