"""The page's data as a value: whatever rows come and go, it says what the table says."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from handler import gallery
from handler.gallery import PICTURES_A_PAGE, Index, revised
from handler.gallery_pictures import Picture, Place, place
from handler.schema import SELF_TEST_KEY, Metadata, Status


class Pages:
    """Pages in memory, and the index that names them."""

    def __init__(self) -> None:
        self.index, self.pages = Index(filled=True), dict[str, list[Picture]]()
        self.written = 0
        self._numbers = count()

    def read(self, name: str) -> list[Picture] | None:
        return self.pages.get(name)

    def name(self) -> str:
        return f"page-{next(self._numbers)}"

    def revise(self, rows: dict[str, Metadata | None], places: Iterable[Place]) -> None:
        """Take a revision over, as the page's function does."""
        revision = revised(self.index, rows, places, self)
        self.index = Index.from_json(revision.latest.to_json())
        self.written = len(revision.pages)
        self.pages |= {name: list(pictures) for name, pictures in revision.pages.items()}
        for name in revision.replaced:
            self.pages.pop(name, None)

    @property
    def keys(self) -> list[str]:
        """The keys of all pictures, in the order in which the page shows them."""
        pictures = list(self.index.pictures)
        for page in self.index.pages:
            pictures += self.pages[page.name]
            assert page.total == len(self.pages[page.name])
        return [each["key"] for each in pictures]


def row(key: str, time: int, **given: Any) -> Metadata:
    """A row written at this time."""
    values = {"size": 1, "status": Status.PROCESSED, "source_key": f"of {key}", **given}
    return Metadata(filename=key, timestamp=f"2026-01-01T00:00:00.{time:06}", **values)


def newest_first(table: dict[str, Metadata]) -> list[str]:
    """What the page must show of a table."""
    return [each.filename for each in sorted(table.values(), key=place, reverse=True)]


# A key, and when it is written next; 0 removes it. Times collide, and come late.
CHANGES = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 30)), max_size=25)


@settings(deadline=None)
@given(st.lists(CHANGES, max_size=12), st.integers(1, 4))
def test_after_any_changes_the_page_says_what_the_table_says(
    batches: list[list[tuple[int, int]]], size: int
) -> None:
    """Newest first, each picture once, none that is gone; however small the pages are."""
    before, gallery.PICTURES_A_PAGE = gallery.PICTURES_A_PAGE, size  # type: ignore[misc]
    table, pages = dict[str, Metadata](), Pages()
    try:
        for batch in batches:
            places: list[Place] = []
            for number, time in batch:
                key = f"k{number}"
                places += [place(table[key])] if key in table else []
                table.pop(key, None)
                if time:
                    table[key] = row(key, time)
                    places.append(place(table[key]))
            pages.revise({f"k{number}": table.get(f"k{number}") for number, _ in batch}, places)
            assert pages.keys == newest_first(table)
            assert set(pages.pages) == {page.name for page in pages.index.pages}
            parts = (pages.index.pictures, *pages.pages.values())
            assert all(len(each) <= 2 * size for each in parts)
    finally:
        gallery.PICTURES_A_PAGE = before  # type: ignore[misc]


def filled(number: int) -> tuple[Pages, dict[str, Metadata]]:
    """A page with so many pictures, that came a thousand at a time."""
    table = {f"k{time}": row(f"k{time}", time) for time in range(number)}
    pages, keys = Pages(), list(table)
    for start in range(0, number, 1000):
        came = {key: table[key] for key in keys[start : start + 1000]}
        pages.revise(dict(came), map(place, came.values()))
    return pages, table


def test_of_20_000_pictures_a_batch_writes_a_few_files() -> None:
    """A new picture: none but the index; one of long ago: its page. The index stays small."""
    pages, table = filled(20_000)
    assert pages.keys == newest_first(table)
    assert len(pages.index.pictures) <= 2 * PICTURES_A_PAGE

    new = row("new", 20_000)
    pages.revise({"new": new}, [place(new)])
    assert pages.written == 0
    old = table.pop("k77")
    pages.revise({"k77": None}, [place(old)])
    assert pages.written == 1
    assert pages.keys == ["new", *newest_first(table)]


def test_a_page_that_is_gone_is_no_end_and_is_told() -> None:
    """Somebody deleted it: the rest goes on, and a setup takes all rows over again."""
    pages, table = filled(1000)
    lost = pages.pages.pop(pages.index.pages[-1].name)
    old = table["k5"]
    pages.revise({"k5": old}, [place(old)])
    assert not pages.index.filled
    assert pages.keys == [*newest_first(table)[: 1000 - len(lost)], "k5"]


def test_what_visitors_may_not_see_is_not_in_it() -> None:
    """A rejected picture has no result, and a self-test's is taken away at once."""
    rejected = row("a", 1, status=Status.REJECTED)
    test = row("b", 2, source_key=SELF_TEST_KEY)
    pages = Pages()
    pages.revise({"a": rejected, "b": test}, map(place, (rejected, test)))
    assert pages.keys == []


def test_a_picture_that_is_rejected_now_goes() -> None:
    """Its row stands elsewhere, too: written later."""
    pages, table = filled(3)
    now = row("k1", 9, status=Status.REJECTED)
    pages.revise({"k1": now}, [place(table["k1"]), place(now)])
    assert pages.keys == ["k2", "k0"]
