"""One picture at a glance: its rows, and one of its results small enough for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from handler import image
from handler.recipe import Limits, Recipe, Rendition
from imgpipe.aws.errors import or_none
from imgpipe.pictures import leftovers, named

if TYPE_CHECKING:
    from handler.schema import Metadata
    from imgpipe.aws.account import Aws
    from imgpipe.pictures.leftovers import Stores

# Of an animation the first frame is shown, and no more of it is decoded.
_LIMITS: Final = Limits(frames=1)


@dataclass(frozen=True)
class Glance:
    """What there is of a picture: its ``key``, whether the ``original`` is there, its ``rows``.

    ``meant`` is the row of the result that was asked for, or else of the first that visitors see;
    ``None`` where they see none.
    """

    key: str
    original: bool
    rows: Sequence[Metadata]
    meant: Metadata | None


def look(aws: Aws, source_bucket: str, stores: Stores, name: str) -> Glance:
    """Return what there is of the picture that is called ``name``.

    Calls what ``named.source_key`` and ``leftovers.look`` do.

    Raises:
        UsageError: there is nothing of such a picture.
    """
    key = named.source_key(aws, source_bucket, stores, name)
    original = leftovers.has_original(aws, source_bucket, key)
    rows = leftovers.look(aws, stores, key).rows
    if not (original or rows):
        raise named.unknown([name])
    _, asked = named.address(source_bucket, stores.bucket, name)
    public = [row for row in rows if row.is_public]
    ranked = sorted(public, key=lambda row: (row.filename != asked, row.rendition))
    return Glance(key, original, rows, next(iter(ranked), None))


def thumbnail(aws: Aws, bucket: str, row: Metadata, width: int, height: int) -> image.Picture:
    """Return the result of ``row`` as a PNG of at most these sides in pixels (``s3:GetObject``).

    Made by the picture core, which is held to its limits: in a bucket that was there before, the
    object may be anybody's.

    Raises:
        image.Rejected: it is gone, or cannot be read.
    """
    get = aws.client("s3").get_object
    answer = or_none(lambda: get(Bucket=bucket, Key=row.filename))
    if answer is None:
        raise image.Rejected("it is not in the destination bucket")
    small = Rendition(width=width, height=height, format="png", metadata="none", watermark=None)
    recipe = Recipe((small,), _LIMITS)
    if answer["ContentLength"] > _LIMITS.bytes:
        raise image.Rejected(f"it has more than {_LIMITS.bytes:,} bytes")
    return image.render(answer["Body"].read(), recipe)[0]
