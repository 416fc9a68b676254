"""The account in memory, and a bucket over real HTTP for what does not go through botocore."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.session import get_session

from imgpipe.aws.account import Aws
from tests.support.account import (
    Clock,
    aws,
    calls,
    clock,
    elsewhere,
    engine,
    faults,
    life,
    loader,
    over_tls,
    sent,
    tags,
)
from tests.support.bucket_server import BucketServer, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore.loaders import Loader

__all__ = [
    "aws",
    "calls",
    "clock",
    "elsewhere",
    "engine",
    "faults",
    "life",
    "loader",
    "over_tls",
    "sent",
    "tags",
]


@pytest.fixture
def bucket_server() -> Iterator[BucketServer]:
    """An S3 of ours that keeps every request, and answers as the test says."""
    with serving() as server:
        yield server


@pytest.fixture
def served(bucket_server: BucketServer, loader: Loader, clock: Clock) -> Aws:
    """An account reached over HTTP, at ``bucket_server``."""
    core = get_session()
    core.register_component("data_loader", loader)
    session = boto3.Session("testing", "testing", region_name="us-east-1", botocore_session=core)
    return Aws(session, endpoint_url=bucket_server.url, sleep=clock.sleep, clock=clock)
