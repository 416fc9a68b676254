"""Where originals, results, rows and page do not say the same, by what is listed of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING, Final

from handler.schema import PARTITION_KEY
from imgpipe.aws import items
from imgpipe.function.page import is_public
from imgpipe.pictures import whole
from imgpipe.pictures.contents import Contents, Object, contents, listed
from imgpipe.pictures.page import Page, misshown

if TYPE_CHECKING:
    from handler.schema import Metadata
    from imgpipe.aws.account import Aws
    from imgpipe.pictures.whole import Renditions

# What was put so lately may still be in the function's hands. Pictures take seconds.
ON_ITS_WAY: Final = timedelta(minutes=1)


class Difference(StrEnum):
    """How an original, its results and its rows differ."""

    UNPROCESSED = "unprocessed"
    OUTDATED = "outdated"
    LOST = "lost"
    ORPHANED = "orphaned"
    UNTOLD = "untold"
    MISSHOWN = "misshown"


MEANINGS: Final = {
    Difference.UNPROCESSED: "an original that nothing was made of",
    Difference.OUTDATED: "an original that was replaced, and its results were not",
    Difference.LOST: "an original whose result is not in the destination bucket",
    Difference.ORPHANED: "results whose original is gone",
    Difference.UNTOLD: "a result without a row",
    Difference.MISSHOWN: "a picture that the page does not show as its rows tell",
}


@dataclass(frozen=True, order=True)
class Finding:
    """A difference, and the ``key`` it is about: of the result for ``UNTOLD``, else the original's.

    The key of an original may name one that is gone.
    """

    difference: Difference
    key: str

    @property
    def untold(self) -> bool:
        """Whether it is about a result, and not about an original."""
        return self.difference is Difference.UNTOLD


@dataclass(frozen=True)
class Places:
    """Where originals, results and rows are; ``follows``: results go with their original.

    ``page_function`` writes the page's data into the destination bucket; empty where there is no
    page. ``renditions`` are the names of those that there may be of a picture.
    """

    source_bucket: str
    destination_bucket: str
    table: str
    follows: bool
    page_function: str = ""
    renditions: Sequence[str] = ()


def find(
    aws: Aws, places: Places, prefix: str = "", patience: timedelta = timedelta(0)
) -> list[Finding]:
    """Return every difference among the originals whose keys begin with ``prefix``, in order.

    The page is the last.

    Originals younger than ``patience`` are left to the function; where what is found is mended
    there are none, for to do it twice does no harm.

    Raises:
        NotSetUpError: see ``contents``.
    """
    there = contents(aws, places, prefix)
    now = datetime.now(UTC)
    found = sorted(compare(there, now, patience, follows=places.follows))
    found += _misshown(aws, places, prefix, there.rows, now - patience)
    told = _told(aws, places.table, [each.key for each in found if each.untold])
    return [each for each in found if not (each.untold and each.key in told)]


def count(aws: Aws, places: Places, most: int) -> int | None:
    """Return how many differences there are, ``None`` where there are over ``most`` originals."""
    originals = listed(aws, places.source_bucket, "")
    if len(list(islice(originals, most + 1))) > most:
        return None
    return len(find(aws, places, patience=ON_ITS_WAY))


def compare(
    there: Contents, now: datetime, patience: timedelta, *, follows: bool
) -> Iterator[Finding]:
    """Yield the differences of what was listed at ``now``, each once, in no order.

    ``follows`` says that results go with their original. A result is put a moment before its row,
    so a young one is never one without.
    """
    rows = defaultdict(list)
    for row in there.rows:
        if row.source_key:  # the guide's own rows do not know theirs
            rows[row.source_key].append(row)
    made = whole.renditions(there.rows)
    for key, original in there.originals.items():
        difference = _of_original(original, rows[key], there.results, made)
        if difference and original.modified <= now - patience:
            yield Finding(difference, key)
    if follows:
        gone = (key for key, told in rows.items() if told and key not in there.originals)
        yield from (Finding(Difference.ORPHANED, key) for key in gone)

    told = {row.filename for row in there.rows}
    for key, result in there.results.items():
        if key not in told and result.modified <= now - ON_ITS_WAY:
            yield Finding(Difference.UNTOLD, key)


def _misshown(
    aws: Aws, places: Places, prefix: str, rows: Sequence[Metadata], before: datetime
) -> list[Finding]:
    if not places.page_function:
        return []
    page = Page(aws, places.destination_bucket)
    keys = misshown(page, places.table, rows, prefix, before.isoformat())
    if not keys or not is_public(aws, places.page_function):
        return []
    return [Finding(Difference.MISSHOWN, key) for key in sorted(keys)]


def _of_original(
    original: Object, rows: Sequence[Metadata], results: Mapping[str, Object], made: Renditions
) -> Difference | None:
    if not rows:
        return Difference.UNPROCESSED
    if any(row.source_etag != original.etag for row in rows):
        return Difference.OUTDATED
    return None if whole.is_whole(rows, results, made) else Difference.LOST


def _told(aws: Aws, table: str, results: Sequence[str]) -> set[str]:
    """Return those results that have a row now, whatever it says of its original."""
    keys = [{PARTITION_KEY: {"S": key}} for key in results]
    return {item[PARTITION_KEY]["S"] for item in items.batch_get(aws, table, keys)}
