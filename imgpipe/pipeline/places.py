"""Where a pipeline's pictures are, in the words of ``imgpipe.pictures``."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from handler.schema import Removed
from imgpipe import cdn
from imgpipe.errors import NotSetUpError
from imgpipe.pictures import leftovers
from imgpipe.pictures.differences import Places
from imgpipe.pictures.leftovers import Stores
from imgpipe.pictures.removal import Remover

if TYPE_CHECKING:
    from imgpipe.pipeline import Pipeline


def places(pipeline: Pipeline) -> Places:
    """Return where the pipeline's originals, results, rows and page are."""
    names, settings = pipeline.names, pipeline.settings
    return Places(
        names.source_bucket,
        names.destination_bucket,
        names.table,
        follows=settings.removed == Removed.FOLLOW,
        page_function=names.page_function if settings.page.public else "",
        renditions=[rendition.name for rendition in settings.recipe.renditions],
    )


def remover(pipeline: Pipeline) -> Remover:
    """Return what removes the pipeline's pictures (``s3:GetBucketTagging``)."""
    names = pipeline.names
    adopted = leftovers.was_there_before(pipeline.aws, names.destination_bucket)
    return Remover(names.source_bucket, stores(pipeline), untold=not adopted)


def stores(pipeline: Pipeline) -> Stores:
    """Return where its results and rows are, and which renditions there may be of a picture."""
    there = places(pipeline)
    return Stores(there.destination_bucket, there.table, there.renditions)


def domain(pipeline: Pipeline) -> str:
    """Return the name under which visitors see the CDN; empty where there is no CDN."""
    with suppress(NotSetUpError):
        return cdn.domain(pipeline.aws, pipeline.names.distribution, pipeline.settings.domain)
    return ""


def own_name(pipeline: Pipeline) -> str:
    """Return the name that CloudFront gave the CDN; empty where there is no CDN."""
    with suppress(NotSetUpError):
        return cdn.find(pipeline.aws, pipeline.names.distribution).own
    return ""
