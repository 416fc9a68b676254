"""What an upload would do, before it is done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from imgpipe.aws.errors import translated
from imgpipe.pictures import threads
from imgpipe.pictures.files import Found, LocalFile
from imgpipe.pictures.outcomes import NO_PICTURE
from imgpipe.pictures.there import Standing, There

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

_AT_ONCE: Final = 32


class Fate(StrEnum):
    """What would be done with a file."""

    UPLOAD = "upload"
    SKIP = "skip"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Step:
    """A file, what would be done with it, and why; empty where nothing was compared."""

    file: LocalFile
    fate: Fate
    reason: str = ""


def steps(aws: Aws, found: Found, there: There | None = None) -> Iterator[Step]:
    """Yield what an upload of ``found`` would do, in no order.

    Raises:
        OSError: a file cannot be read any more.
        ImgpipeError: S3 was asked what is ``there``, and refused.
    """
    yield from (Step(file, Fate.REFUSE, NO_PICTURE) for file in found.refused)
    if not there:
        yield from (Step(file, Fate.UPLOAD) for file in found.pictures)
        return

    def compared(file: LocalFile) -> Step:
        with translated():
            standing = there.compare(file)
        return Step(file, Fate.SKIP if standing is Standing.SAME else Fate.UPLOAD, standing)

    yield from threads.each(aws, compared, found.pictures, _AT_ONCE, "compare")
