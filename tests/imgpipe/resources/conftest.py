"""An AWS in memory (moto) whose time passes only when somebody sleeps, and a record of every call made to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from imgpipe.aws import Aws
from imgpipe.resource import OWNER_TAG

READS = ("Get", "List", "Describe", "Head")


class Clock:
    """A clock whose hands move only by ``sleep``; ``naps`` are the seconds slept."""

    def __init__(self) -> None:
        self.naps: list[float] = []

    def __call__(self) -> float:
        return sum(self.naps)

    def sleep(self, seconds: float) -> None:
        """Pass the time at once."""
        self.naps.append(seconds)


class Calls(list[str]):
    """The operations sent so far, such as ``CreateBucket``."""

    def note(self, model: Any, **_: object) -> None:
        """Receive botocore's ``before-call`` event."""
        self.append(model.name)

    @property
    def mutating(self) -> list[str]:
        """Those that are not mere reads."""
        return [name for name in self if not name.startswith(READS)]


@pytest.fixture
def clock() -> Clock:
    """The clock ``aws`` waits by."""
    return Clock()


@pytest.fixture
def calls() -> Calls:
    """What ``aws`` sent."""
    return Calls()


@pytest.fixture
def aws(clock: Clock, calls: Calls) -> Iterator[Aws]:
    """An empty account in eu-west-1, in memory."""
    with mock_aws():
        session = boto3.Session(aws_access_key_id="testing", aws_secret_access_key="testing", region_name="eu-west-1")
        session.events.register("before-call", calls.note)
        yield Aws(session, sleep=clock.sleep, clock=clock)


@pytest.fixture
def tags() -> tuple[tuple[str, str], ...]:
    """The tags of the default stage."""
    return ((OWNER_TAG, "default"), ("team", "photo"))
