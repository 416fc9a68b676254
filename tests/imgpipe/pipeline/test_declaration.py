"""The declaration: what people call each of its resources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgpipe.pipeline import Pipeline
from imgpipe.pipeline.declaration import declared
from imgpipe.settings import Settings

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws


def test_every_title_is_plain_words_and_nobody_elses(aws: Aws) -> None:
    """Two buckets, and two policies, are told apart by it; AWS's words stay in ``type``."""
    titles = [resource.title for resource in declared(Pipeline.of(Settings(), aws))]
    assert sorted(set(titles)) == sorted(titles)
    assert {"source bucket", "destination bucket", "source bucket policy"} < set(titles)
    assert not [title for title in titles if "::" in title or not title.strip()]
