"""Table: keyed by filename, on demand, restorable, and deleted only when it may be."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from imgpipe.engine.graph import Action
from imgpipe.engine.resource import OWNER_TAG
from imgpipe.errors import NotSettledError, ServiceError
from imgpipe.resources.table import Table

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from tests.support.account import Clock, Engine, Faults, Sent

NAME = "ImageMetadata"


@pytest.fixture
def table(tags: tuple[tuple[str, str], ...]) -> Table:
    """The table, not protected."""
    return Table(NAME, tags, deletion_protection=False)


@pytest.fixture
def dynamodb(aws: Aws) -> Any:
    """The client the tests look with."""
    return aws.client("dynamodb")


def _make(dynamodb: Any, key: str = "filename", kind: str = "S", **given: object) -> None:
    dynamodb.create_table(
        TableName=NAME,
        KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": kind}],
        **{"BillingMode": "PAY_PER_REQUEST", **given},
    )


def test_create_makes_an_on_demand_restorable_table(
    engine: Engine, table: Table, dynamodb: Any
) -> None:
    """Key, billing, recovery, protection and tags are as AWS tells them."""
    assert engine.setup(replace(table, deletion_protection=True)).action is Action.CREATE
    found = dynamodb.describe_table(TableName=NAME)["Table"]
    assert found["KeySchema"] == [{"AttributeName": "filename", "KeyType": "HASH"}]
    assert {
        each["AttributeName"]: each["AttributeType"] for each in found["AttributeDefinitions"]
    } == {
        "filename": "S",
        "source_key": "S",
        "shard": "N",
        "timestamp": "S",
    }
    assert found["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert found["DeletionProtectionEnabled"] is True
    backups = dynamodb.describe_continuous_backups(TableName=NAME)["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    tags = dynamodb.list_tags_of_resource(ResourceArn=found["TableArn"])["Tags"]
    assert {"Key": OWNER_TAG, "Value": "default"} in tags


def test_tags_travel_with_the_creation(engine: Engine, table: Table, sent: Sent) -> None:
    """A crash right after CreateTable leaves a table that is already ours."""
    engine.setup(table)
    assert {"Key": OWNER_TAG, "Value": "default"} in sent.of("CreateTable")[0]["Tags"]


def test_protection_is_switched_with_one_call(engine: Engine, table: Table, dynamodb: Any) -> None:
    """A changed setting updates only what it touches."""
    engine.setup(table)
    again = engine.setup(replace(table, deletion_protection=True))
    assert again.changed == {"DeletionProtectionEnabled"}
    assert again.calls == ["UpdateTable"]
    assert dynamodb.describe_table(TableName=NAME)["Table"]["DeletionProtectionEnabled"] is True


def test_recovery_that_is_not_available_yet_is_waited_for(
    engine: Engine, table: Table, faults: Faults, clock: Clock
) -> None:
    """A table that is just active has no continuous backups for some seconds."""
    faults.fail("UpdateContinuousBackups", "ContinuousBackupsUnavailableException", times=3)
    assert engine.setup(table).action is Action.CREATE
    assert len(clock.naps) == 3
    assert engine.setup(table).action is Action.NONE


def test_recovery_is_verified(engine: Engine, table: Table, faults: Faults) -> None:
    """Having been asked for is not having been switched on."""
    faults.answer("UpdateContinuousBackups", {})
    with pytest.raises(NotSettledError, match="point-in-time recovery"):
        engine.setup(table)


def test_changes_wait_until_the_table_is_active(
    aws: Aws, engine: Engine, table: Table, faults: Faults, clock: Clock
) -> None:
    """DynamoDB takes no change of a table that is being created or changed."""
    engine.setup(table)
    live = table.read(aws) or {}
    faults.answer("DescribeTable", {"Table": {"TableStatus": "UPDATING"}}, times=4)
    table.update(
        aws, {**live, "DeletionProtectionEnabled": True}, frozenset({"DeletionProtectionEnabled"})
    )
    assert len(clock.naps) == 4


def test_a_namesake_being_deleted_is_waited_for(
    engine: Engine, table: Table, faults: Faults, clock: Clock
) -> None:
    """A table that is going counts as absent, and its name is free only when it is gone."""
    faults.answer("DescribeTable", {"Table": {"TableStatus": "DELETING"}})
    faults.fail("CreateTable", "ResourceInUseException", times=3)
    assert engine.setup(table).action is Action.CREATE
    assert len(clock.naps) == 3


@pytest.mark.parametrize(("key", "kind"), [("id", "S"), ("filename", "N")])
def test_a_table_with_another_key_is_a_clear_error(
    engine: Engine, table: Table, dynamodb: Any, key: str, kind: str
) -> None:
    """A key cannot be changed; nothing is tried."""
    _make(dynamodb, key, kind, Tags=[{"Key": OWNER_TAG, "Value": "default"}])
    with pytest.raises(ServiceError, match="not keyed by filename") as caught:
        engine.setup(table)
    assert "--stage" in caught.value.hint
    assert engine.calls.mutating == []


def test_delete_waits_until_it_is_gone_and_may_be_repeated(
    engine: Engine, table: Table, clock: Clock, faults: Faults
) -> None:
    """DeleteTable only begins the deletion."""
    aws, live = engine.aws, engine.setup(table).live or {}
    faults.answer("DescribeTable", {"Table": {"TableStatus": "DELETING"}}, times=2)
    table.delete(aws, live)
    assert aws.client("dynamodb").list_tables()["TableNames"] == []
    assert len(clock.naps) == 2
    table.delete(aws, live)
    assert engine.teardown(table).action is Action.NONE


def test_recovery_is_switched_off_first_so_that_no_backup_is_left(
    engine: Engine, table: Table, sent: Sent
) -> None:
    """Of a table that can be restored DynamoDB would keep a backup, for 35 days."""
    engine.setup(table)
    assert engine.teardown(table).calls == ["UpdateContinuousBackups", "DeleteTable"]
    specification = sent.of("UpdateContinuousBackups")[-1]["PointInTimeRecoverySpecification"]
    assert specification == {"PointInTimeRecoveryEnabled": False}


def test_tags_that_do_not_show_yet_are_looked_for_again(
    engine: Engine, table: Table, faults: Faults, clock: Clock
) -> None:
    """DynamoDB may tell an empty set right after the creation: the table is not somebody else's."""
    engine.setup(table)
    faults.answer("ListTagsOfResource", {"Tags": []}, times=2)
    assert engine.setup(table).action is Action.NONE
    assert 0 < clock() <= 5


def test_a_table_whose_backups_are_not_told_yet_reads_as_not_restorable(
    engine: Engine, table: Table, faults: Faults
) -> None:
    """DescribeContinuousBackups has a spelling of its own for a table it does not know yet."""
    engine.setup(table)
    faults.fail("DescribeContinuousBackups", "TableNotFoundException", "Table not found")
    assert engine.setup(table).changed == {"PointInTimeRecoverySpecification"}


def test_a_table_still_changing_is_deleted_when_it_is_done(
    engine: Engine, table: Table, faults: Faults, clock: Clock
) -> None:
    """ResourceInUseException passes."""
    engine.setup(table)
    faults.fail("DeleteTable", "ResourceInUseException", times=2)
    assert engine.teardown(table).action is Action.DELETE
    assert len(clock.naps) == 2


@pytest.mark.parametrize("setting", [True, False])
def test_a_protected_table_is_never_deleted(
    engine: Engine, table: Table, dynamodb: Any, setting: bool
) -> None:
    """Teardown lifts no protection, whatever the setting says now; it says what to do."""
    engine.setup(replace(table, deletion_protection=True))
    with pytest.raises(ServiceError, match="is protected against deletion") as caught:
        engine.teardown(replace(table, deletion_protection=setting))
    assert "setup" in caught.value.next
    assert engine.calls.mutating == []
    engine.setup(table)
    engine.teardown(table)
    assert dynamodb.list_tables()["TableNames"] == []
