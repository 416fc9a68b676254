"""The handler's surroundings on an AWS in memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from moto import mock_aws

from handler.job import Destination
from handler.recipe import Recipe
from handler.services import Services, connect
from tests.support import table as tables
from tests.support.handler import DEST, SOURCE, TABLE

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
}


@pytest.fixture(scope="session")
def clients() -> Services:
    """The function's clients, made once, as in an execution environment: they take long to make."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        return connect()


@pytest.fixture
def services(clients: Services, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """Clients of an account with both buckets and the table."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        for bucket in (SOURCE, DEST):
            clients.s3.create_bucket(Bucket=bucket)
        tables.make(clients.dynamodb, TableName=TABLE)
        yield clients


@pytest.fixture
def destination(tmp_path: Path) -> Destination:
    """Where results go, with the default recipe."""
    return Destination(SOURCE, DEST, TABLE, Recipe(), tmp_path)
