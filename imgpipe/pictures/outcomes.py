"""What became of uploaded pictures."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from handler.schema import Metadata
from imgpipe.errors import PartialError
from imgpipe.pictures.files import LocalFile
from imgpipe.pictures.there import Standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from imgpipe.pictures.upload import Upload


NO_PICTURE: Final = "not a picture imgpipe can process; --force uploads it anyway"


class Outcome(StrEnum):
    """How far a file came."""

    PROCESSED = "processed"
    REJECTED = "rejected"
    WAITING = "waiting"
    SENT = "sent"
    SKIPPED = "skipped"
    FAILED = "failed"
    REFUSED = "refused"


_GOOD: Final = frozenset({Outcome.PROCESSED, Outcome.SENT, Outcome.SKIPPED})


@dataclass(frozen=True, slots=True)
class Result:
    """A file, how far it came, the rows of its renditions, and why it did not come all the way.

    ``given_up`` says that the function failed on it for good, and that the failure queue has it.
    """

    file: LocalFile
    outcome: Outcome
    rows: tuple[Metadata, ...] = ()
    reason: str = ""
    given_up: bool = False


@dataclass(frozen=True)
class Remark:
    """What happened meanwhile, to be said to a person; empty where that is said already."""

    text: str


def refused(files: Iterable[LocalFile]) -> Iterator[Result]:
    """Yield the results of files that were not uploaded because they are no pictures."""
    return (Result(file, Outcome.REFUSED, reason=NO_PICTURE) for file in files)


def sent(uploads: Iterable[Upload]) -> Iterator[Result]:
    """Yield the results as they are when nobody waits for more."""
    for upload in uploads:
        if upload.error:
            yield Result(upload.file, Outcome.FAILED, reason=upload.error.message)
        elif upload.sent:
            yield Result(upload.file, Outcome.SENT)
        else:
            yield Result(upload.file, Outcome.SKIPPED, reason=Standing.SAME)


def raise_for_failures(results: Iterable[Result]) -> None:
    """Raise ``PartialError`` when all ``results`` are there, unless each is what was asked for."""
    ends = Counter((result.outcome, result.given_up) for result in results)
    bad = {end: count for end, count in ends.items() if end[0] not in _GOOD}
    if bad:
        late = any(outcome is Outcome.WAITING for outcome, _ in bad)
        raise PartialError(
            f"{sum(bad.values())} of {ends.total()} files did not make it",
            hint="" if late else "the reasons stand above; the others are done",
            next=("list-metadata", "logs", "status") if late else _after(bad),
        )


def _after(bad: Iterable[tuple[Outcome, bool]]) -> tuple[str, ...]:
    """Return where those stand that the function gave up on."""
    return ("failures",) if any(given_up for _, given_up in bad) else ()
