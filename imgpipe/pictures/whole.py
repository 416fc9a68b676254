"""Whether a picture has all results that it should have: told by its rows, and by its fellows'."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from handler.schema import Metadata, Status

Renditions = Mapping[str, set[str]]
"""By a fingerprint the names of the renditions that each picture has that was made so."""


def renditions(rows: Iterable[Metadata]) -> Renditions:
    """Return what each picture should have that was made as ``rows`` were: what any of them has.

    Those of further pages, which not every picture has, are called by names with a hyphen.
    """
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row.fingerprint and row.status is Status.PROCESSED and "-" not in row.rendition:
            found[row.fingerprint].add(row.rendition)
    return found


def is_whole(rows: Iterable[Metadata], results: Collection[str], made: Renditions) -> bool:
    """Say whether ``rows``, a picture's, tell of all renditions, and ``results`` has each."""
    standing = [row for row in rows if row.status is not Status.REJECTED]
    names = {row.rendition for row in standing}
    if any(made.get(row.fingerprint, names) - names for row in standing):
        return False
    return all(row.filename in results for row in standing)
