"""What keeps the page, and the edges, in step with the table."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from imgpipe.package import PAGE_ENTRY_POINT
from imgpipe.pipeline import function_ground
from imgpipe.pipeline.execution_role import page_role

if TYPE_CHECKING:
    from imgpipe.pipeline import Pipeline
    from imgpipe.resources.bucket import Bucket
    from imgpipe.resources.distribution import Distribution
    from imgpipe.resources.function import Function

# It waits for S3 and DynamoDB most of its time, and holds a thousand rows and a page or two.
PAGE_MEMORY_MB: Final = 256
PAGE_TIMEOUT_SECONDS: Final = 60


def page_function(
    pipeline: Pipeline, function: Function, destination: Bucket, distribution: Distribution
) -> Function:
    """Return the page's function, which needs no layer; ``function`` makes the pictures."""
    settings, names = pipeline.settings, pipeline.names
    return replace(
        function,
        name=names.page_function,
        role=page_role(pipeline, function.tags, destination, distribution),
        layer=None,
        layer_arn="",
        handler=PAGE_ENTRY_POINT,
        memory=PAGE_MEMORY_MB,
        timeout=PAGE_TIMEOUT_SECONDS,
        environment=function_ground.page_environment(settings, names),
        distribution=distribution,
        title="page function",
    )
