"""The page's data: what the index page shows, newest first. Values alone; nothing is called.

An index holds the newest pictures and names the pages of older ones, a few hundred pictures each. A
page is never written over: another takes its place, and the index says so. So all of it changes
with one write, that of the index: docs/decisions/0015-the-page-follows-the-table.md.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain, pairwise
from typing import Any, Final, NamedTuple, Protocol

from handler.gallery_pictures import (
    Picture,
    Place,
    is_default,
    joined,
    picture_of,
    place_of,
    runs_of,
    sound,
)
from handler.schema import Metadata

INDEX_KEY: Final = "gallery/index.json"
PAGE_PREFIX: Final = "gallery/page-"
# What the data says of a picture. Data of another format is made anew by the next setup.
FORMAT: Final = 2
# What reading a file that somebody else wrote may raise.
UNREADABLE: Final = (ValueError, KeyError, TypeError, AttributeError, RecursionError)
# As many as a page has, give or take half of it, each with its renditions: some 50 KB for one
# rendition, and 12 of them compressed.
PICTURES_A_PAGE: Final = 200


class Page(NamedTuple):
    """One page: its key, the place of its oldest rendition, and how many pictures it has."""

    name: str
    start: Place
    total: int


class Index(NamedTuple):
    """The newest ``pictures``, down to ``start``, and the ``pages`` of older ones, newest first.

    ``filled`` says that rows from before the page's data are in it. ``written`` is another text
    each time, so that no two writes are alike.
    """

    written: str = ""
    filled: bool = False
    start: Place = ("", "")
    pictures: tuple[Picture, ...] = ()
    pages: tuple[Page, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return it as the page reads it."""
        pages = [page._asdict() for page in self.pages]
        return {"format": FORMAT, **self._asdict(), "pages": pages}

    @property
    def total(self) -> int:
        """How many pictures there are, each with whatever renditions."""
        return sum(map(is_default, self.pictures)) + sum(page.total for page in self.pages)

    def page_of(self, where: Place) -> str:
        """Return the key of the page that a picture at ``where`` is in; empty = in the index."""
        if not self.pages or self.start <= where:
            return ""
        return next((page.name for page in self.pages if page.start <= where), self.pages[-1].name)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Index:
        """Return the index that ``to_json`` made ``value`` of; ``UNREADABLE`` for anything else."""
        pages = (
            Page(str(page["name"]), _place(page["start"]), int(page["total"]))
            for page in value["pages"]
        )
        return cls(
            written=str(value["written"]),
            filled=value["filled"] is True and value.get("format") == FORMAT,
            start=_place(value["start"]),
            pictures=sound(value["pictures"]),
            pages=tuple(pages),
        )


class Revision(NamedTuple):
    """What takes an index's place: the ``latest``, ``pages`` to be put, and those ``replaced``."""

    latest: Index
    pages: Mapping[str, Sequence[Picture]]
    replaced: tuple[str, ...]


class PageStore(Protocol):
    """Where pages lie: ``read`` returns a page's pictures, ``None`` where it is gone."""

    def read(self, name: str) -> list[Picture] | None:
        """Return the pictures of the page with this key."""

    def name(self) -> str:
        """Return the key of another page, one that there never was."""


def revised(
    index: Index, rows: Mapping[str, Metadata | None], places: Iterable[Place], pages: PageStore
) -> Revision:
    """Return ``index`` as it is with ``rows``, the table's by their keys; ``None`` = no such row.

    ``places`` are those where they may have stood until now. A page that is gone, though the index
    names it, leaves the index no longer ``filled``.
    """
    starts = (index.start, *(page.start for page in index.pages))
    came: dict[int, list[Picture]] = {_part(starts, each): [] for each in places}
    for each in (picture_of(row) for row in rows.values() if row and row.is_public):
        came.setdefault(_part(starts, place_of(each)), []).append(each)

    draft = _Draft(frozenset(rows), came, pages)
    older = list(chain.from_iterable(map(draft.renewed, range(1, len(starts)), index.pages)))
    newest = _merged(index.pictures, draft.changed, came.get(0, ()))
    start = index.start
    if len(runs := runs_of(newest)) > 2 * PICTURES_A_PAGE:
        newest, spilled = joined(runs[:PICTURES_A_PAGE]), joined(runs[PICTURES_A_PAGE:])
        start = place_of(newest[-1])
        older = draft.paged(spilled) + older
    return Revision(
        index._replace(
            filled=index.filled and not draft.gone,
            start=start,
            pictures=tuple(newest),
            pages=tuple(older),
        ),
        draft.put,
        tuple(draft.replaced),
    )


class _Draft:
    """The pages of a revision while it is made.

    ``came`` has the pictures that came into each part that is touched, by its number.
    """

    def __init__(
        self, changed: frozenset[str], came: Mapping[int, list[Picture]], pages: PageStore
    ) -> None:
        self.changed = changed
        self.put: dict[str, Sequence[Picture]] = {}
        self.replaced: list[str] = []
        self.gone = False
        self._came, self._pages = came, pages

    def renewed(self, number: int, page: Page) -> list[Page]:
        """Return what takes the place of a page: itself, others, or none where it is empty."""
        if number not in self._came:
            return [page]
        old = self._pages.read(page.name)
        new = _merged(old or (), self.changed, self._came[number])
        if new == old:
            return [page]
        self.gone = self.gone or old is None
        self.replaced.append(page.name)
        return self.paged(new)

    def paged(self, pictures: Sequence[Picture]) -> list[Page]:
        """Return new pages with these pictures."""
        made = {self._pages.name(): chunk for chunk in _chunks(pictures)}
        self.put.update(made)
        return [
            Page(name, place_of(chunk[-1]), sum(map(is_default, chunk)))
            for name, chunk in made.items()
        ]


def _place(value: Sequence[str]) -> Place:
    time, key = value
    return str(time), str(key)


def _part(starts: Sequence[Place], where: Place) -> int:
    """Return which part a place is in: 0 is the index, from 1 on its pages; the last has no end."""
    return next((number for number, start in enumerate(starts) if start <= where), len(starts) - 1)


def _merged(
    old: Iterable[Picture], changed: Collection[str], came: Iterable[Picture]
) -> list[Picture]:
    kept = (each for each in old if each["key"] not in changed)
    return sorted([*kept, *came], key=place_of, reverse=True)


def _chunks(pictures: Sequence[Picture]) -> list[Sequence[Picture]]:
    """Return them in pages of about as many pictures; none where there are none."""
    runs = runs_of(pictures)
    if len(runs) <= 2 * PICTURES_A_PAGE:
        return [pictures] if pictures else []
    count = round(len(runs) / PICTURES_A_PAGE)
    bounds = [len(runs) * number // count for number in range(count + 1)]
    return [joined(runs[start:end]) for start, end in pairwise(bounds)]
