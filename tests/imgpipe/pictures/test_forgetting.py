"""What the edges are told to forget: the paths that names mean, made once and waited for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.address import PATTERN
from handler.keys import processed_key
from handler.schema import Metadata, Status
from imgpipe.errors import UsageError
from imgpipe.pictures import forgetting
from imgpipe.pictures.forgetting import Invalidation
from imgpipe.pictures.leftovers import Stores
from imgpipe.render import invalidate as render
from tests.support import table as tables
from tests.support.table import TABLE

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from tests.support.account import Faults, Sent

pytestmark = pytest.mark.slow

SOURCE: Final = "originals"
RESULTS: Final = "results"
STORES: Final = Stores(RESULTS, TABLE, ["", "thumb"])
ROW: Final = Metadata("", 1, "2026-07-01T00:00:00.000+00:00", Status.PROCESSED, "")


@pytest.fixture
def pictures(aws: Aws) -> Aws:
    """One original with two results."""
    where = {"LocationConstraint": aws.region}
    for bucket in (SOURCE, RESULTS):
        aws.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration=where)
    tables.make(aws.client("dynamodb"))
    for rendition in ("", "thumb"):
        made = processed_key("a b/photo.jpg", rendition)
        row = replace(ROW, filename=made, source_key="a b/photo.jpg", rendition=rendition)
        tables.write(aws.client("dynamodb"), row)
        aws.client("s3").put_object(Bucket=RESULTS, Key=made, Body=b"x")
    return aws


def meant(aws: Aws, *names: str) -> tuple[str, ...]:
    """The paths that ``names`` mean."""
    return forgetting.meant(aws, SOURCE, STORES, names)


MEANT: Final[tuple[tuple[list[str], list[str]], ...]] = (
    ([], ["/*"]),
    (["/"], ["/"]),
    (["/2026/*", "/2026/a.jpg", "/b.jpg"], ["/2026/*", "/b.jpg"]),
    (["/a", "/a*", "/a/*"], ["/a*"]),
    (["/*", "a b/photo.jpg", "/x*"], ["/*"]),
    (["a b/photo.jpg"], ["/a%20b/processed-photo--thumb.jpg", "/a%20b/processed-photo.jpg"]),
    (["a b/processed-photo.jpg"], ["/a%20b/processed-photo.jpg"]),
    (["https://d1.net/a%20b/c.jpg?x#y", "s3://results/d%.jpg"], ["/a%20b/c.jpg", "/d%25.jpg"]),
    (["s3://originals/a b/photo.jpg", "/a%20b/*"], ["/a%20b/*"]),
    (["gone (1).jpg"], ["/gone%20*"]),
    (["/größe\n\x1b[2J.jpg", "/100%"], ["/100%25", "/gr%C3%B6%C3%9Fe%0A%1B%5B2J.jpg"]),
)
ON_DEMAND: Final[tuple[tuple[list[str], list[str]], ...]] = (
    (
        ["a b/photo.jpg"],
        [
            "/_img/a_20b/photo.jpg/*",
            "/a%20b/processed-photo--thumb.jpg",
            "/a%20b/processed-photo.jpg",
        ],
    ),
    (
        ["https://d1.net/_img/a%20b/gone.jpg?width=640&format=auto"],
        ["/_img/a_20b/gone.jpg/*", "/a%20b/gone.jpg"],
    ),
    (["s3://results/a b/processed-photo.jpg"], ["/a%20b/processed-photo.jpg"]),
    (["/_img/*", "s3://originals/x.jpg"], ["/_img/*", "/x.jpg"]),
    (
        [f"s3://originals/{number}.jpg" for number in range(16)],
        [*sorted(f"/{number}.jpg" for number in range(16)), "/_img/*"],
    ),
)
REFUSED: Final = ("/a*b", "/**", "/\udcff", "/" + "ä" * 700, "s3://other/a.jpg", "")


def test_names_mean_paths(pictures: Aws) -> None:
    """Keys are encoded as the function encodes them, and none is paid for twice."""
    assert [list(meant(pictures, *names)) for names, _ in MEANT] == [paths for _, paths in MEANT]


def test_an_original_means_its_renditions_on_demand_too(pictures: Aws) -> None:
    """By one path for each, or one for all, where the distribution sends anything there."""
    found = [
        list(forgetting.meant(pictures, SOURCE, STORES, names, [PATTERN, "/api/*"]))
        for names, _ in ON_DEMAND
    ]
    assert found == [paths for _, paths in ON_DEMAND]


def test_what_cloudfront_would_refuse_is_refused_here(pictures: Aws) -> None:
    """Before anything is sent."""
    for name in REFUSED:
        with pytest.raises(UsageError):
            meant(pictures, "/good.jpg", name)


def test_no_more_than_cloudfront_takes_at_a_time(pictures: Aws) -> None:
    """Each kind has its own limit."""
    paths = [f"/{number}" for number in range(3_000)]
    wildcards = [f"/w{number:02}*" for number in range(15)]
    assert len(meant(pictures, *paths, *wildcards)) == 3_015
    for one_too_many in ("/more", "/wide*"):
        with pytest.raises(UsageError, match=r"3,000 paths at a time, and 15"):
            meant(pictures, *paths, *wildcards, one_too_many)


@given(st.text())
def test_any_path_is_sent_as_cloudfront_wants_it(text: str) -> None:
    """What is encoded already stays, and what is encoded means what was typed."""
    typed = "/" + text.encode(errors="ignore").decode().replace("*", "")[:300]
    path = forgetting.checked(typed)
    assert path.isascii()
    assert not set(path) & set(' <>"#{}|\\^[]`*')
    assert unquote(path) in {typed, unquote(typed)}
    assert forgetting.checked(path) == path


def test_it_is_made_once_and_waited_for(aws: Aws, faults: Faults, sent: Sent) -> None:
    """With a reference of its own, so that the next one is another."""
    under_way = {"Invalidation": {"Id": "I1", "Status": "InProgress"}}
    faults.answer("CreateInvalidation", under_way)
    faults.answer("GetInvalidation", under_way, times=3)
    faults.answer("GetInvalidation", {"Invalidation": {"Id": "I1", "Status": "Completed"}})
    faults.answer("CreateInvalidation", under_way)
    forgetting.begin(aws, "E1", ["/a", "/b"])
    begun = forgetting.begin(aws, "E1", ["/a", "/b"])
    assert begun == Invalidation(["/a", "/b"], "I1")
    batches = [each["InvalidationBatch"] for each in sent.of("CreateInvalidation")]
    assert {each["Paths"]["Quantity"] for each in batches} == {2}
    assert len({each["CallerReference"] for each in batches}) == 2
    assert forgetting.follow(aws, "E1", begun, 60).completed


def test_the_wait_has_an_end(aws: Aws, faults: Faults) -> None:
    """What is not through by then goes on by itself."""
    faults.answer(
        "GetInvalidation", {"Invalidation": {"Id": "I1", "Status": "InProgress"}}, times=100
    )
    begun = Invalidation(["/a"], "I1")
    assert forgetting.follow(aws, "E1", begun, 10) == begun


@pytest.mark.parametrize(
    ("paths", "asks", "words"),
    [
        (["/a"], False, "1 path: an account's first 1,000 a month are free"),
        (["/*"], True, "everything comes from S3"),
        ([f"/{number}" for number in range(1_200)], True, "these cost $1.00 at least"),
    ],
)
def test_what_costs_is_asked_before(paths: list[str], asks: bool, words: str) -> None:
    """Money, or the hit rate."""
    assert bool(render.question(Invalidation(paths))) is asks
    assert words in render.announced(Invalidation(paths))
