"""LogGroup: kept as long as told, found by its whole name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from imgpipe.engine.graph import Action
from imgpipe.resources.log_group import LogGroup

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from tests.support.account import Clock, Engine, Faults, Sent

NAME = "/aws/lambda/ImageProcessingFunction"
ARN = f"arn:aws:logs:eu-west-1:123456789012:log-group:{NAME}"


@pytest.fixture
def group(tags: tuple[tuple[str, str], ...]) -> LogGroup:
    """The log group."""
    return LogGroup(NAME, tags, retention_days=14)


@pytest.fixture
def logs(aws: Aws) -> Any:
    """The client the tests look with."""
    return aws.client("logs")


def test_create_sets_retention_and_carries_tags(
    engine: Engine, group: LogGroup, logs: Any, sent: Sent
) -> None:
    """Lines are kept 14 days, and the tags travel with the creation."""
    assert engine.setup(group).action is Action.CREATE
    (found,) = logs.describe_log_groups()["logGroups"]
    assert found["retentionInDays"] == 14
    assert logs.list_tags_for_resource(resourceArn=ARN)["tags"] == dict(group.tags)
    assert sent.of("CreateLogGroup")[0]["tags"] == dict(group.tags)


def test_the_arn_has_no_wildcard(engine: Engine, group: LogGroup) -> None:
    """Policies add it where they need it."""
    assert (engine.setup(group).live or {})["Arn"] == ARN


def test_a_group_whose_name_begins_alike_is_another(
    engine: Engine, group: LogGroup, logs: Any
) -> None:
    """AWS searches by prefix: the stage's function must not be taken for the default one's."""
    logs.create_log_group(logGroupName=f"{NAME}-blue")
    assert engine.setup(group).action is Action.CREATE
    engine.teardown(group)
    assert [each["logGroupName"] for each in logs.describe_log_groups()["logGroups"]] == [
        f"{NAME}-blue"
    ]


def test_a_conflicting_change_is_waited_for(
    engine: Engine, group: LogGroup, faults: Faults, clock: Clock
) -> None:
    """OperationAbortedException, after a deletion or beside another change, passes."""
    for operation in ("CreateLogGroup", "PutRetentionPolicy", "DeleteLogGroup"):
        faults.fail(operation, "OperationAbortedException")
    engine.setup(group)
    engine.teardown(group)
    assert len(clock.naps) == 3
