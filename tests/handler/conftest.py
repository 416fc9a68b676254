"""Pictures the tests draw themselves, and the handler's surroundings on an AWS in memory."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto import mock_aws
from PIL import Image

from handler.process import Destination
from handler.recipe import Recipe
from handler.services import Services, connect

SOURCE, DEST, TABLE = "the-source", "the-destination", "the-table"


def jpeg(width: int = 40, height: int = 30, colour: str = "red") -> bytes:
    """A plain JPEG."""
    stream = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(stream, "JPEG")
    return stream.getvalue()


@pytest.fixture
def services(monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """Clients of an account with both buckets and the table."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        s3 = boto3.client("s3")
        for bucket in (SOURCE, DEST):
            s3.create_bucket(Bucket=bucket)
        boto3.client("dynamodb").create_table(
            TableName=TABLE,
            KeySchema=[{"AttributeName": "filename", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "filename", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        yield connect()


@pytest.fixture
def destination(tmp_path: Path) -> Destination:
    """Where results go, with the default recipe."""
    return Destination(SOURCE, DEST, TABLE, Recipe(), tmp_path)
