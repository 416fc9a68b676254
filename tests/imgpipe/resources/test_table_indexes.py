"""The table's indexes: made with it, given to an older one, put back; others' are left alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest
from botocore.exceptions import ClientError

from handler.schema import SOURCE_INDEX, TIME_INDEX, Metadata, Status, shard
from imgpipe.engine.graph import Action
from imgpipe.engine.resource import OWNER_TAG
from imgpipe.pictures import catalog
from imgpipe.resources import table_indexes
from imgpipe.resources.table import Table
from tests.support import table as tables
from tests.support.table import TABLE

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from tests.support.account import Clock, Engine, Faults, Sent

pytestmark = pytest.mark.slow

OURS: Final = {SOURCE_INDEX, TIME_INDEX}
ROWS: Final = tuple(
    Metadata(
        f"processed-{number}.jpg",
        100,
        f"2026-07-01T10:00:{number:02}.000+00:00",
        Status.PROCESSED,
        f"{number}.jpg",
    )
    for number in range(30)
)


@pytest.fixture
def table(tags: tuple[tuple[str, str], ...]) -> Table:
    """The table, not protected."""
    return Table(TABLE, tags, deletion_protection=False)


@pytest.fixture
def dynamodb(aws: Aws) -> Any:
    """The client the tests look with."""
    return aws.client("dynamodb")


@pytest.fixture
def older(dynamodb: Any) -> str:
    """A table of release 0.1.0, with rows of its function and one of the guide's."""
    tables.make_without_indexes(dynamodb, Tags=[{"Key": OWNER_TAG, "Value": "default"}])
    tables.write_without_shard(dynamodb, *ROWS)
    guide = {
        "filename": {"S": "processed-photo.jpg"},
        "timestamp": {"S": "2025-01-01T00:00:00.123456"},
    }
    dynamodb.put_item(TableName=TABLE, Item=guide)
    return TABLE


def indexes(dynamodb: Any) -> dict[str, Any]:
    """The indexes AWS tells of, by name."""
    described = dynamodb.describe_table(TableName=TABLE)["Table"]
    return {each["IndexName"]: each for each in described.get("GlobalSecondaryIndexes", [])}


def describing(dynamodb: Any, name: str, **changed: object) -> dict[str, Any]:
    """What DescribeTable would say if the index were as ``changed`` says."""
    described: dict[str, Any] = dynamodb.describe_table(TableName=TABLE)
    for each in described["Table"]["GlobalSecondaryIndexes"]:
        if each["IndexName"] == name:
            each.update(changed)
    return described


def delete(dynamodb: Any, name: str) -> None:
    """Delete an index, as somebody does by hand."""
    change = {"Delete": {"IndexName": name}}
    dynamodb.update_table(TableName=TABLE, GlobalSecondaryIndexUpdates=[change])


def test_a_new_table_is_born_with_its_indexes(
    engine: Engine, table: Table, dynamodb: Any, sent: Sent
) -> None:
    """In the one call that makes it: to add one later takes minutes."""
    engine.setup(table)
    assert set(indexes(dynamodb)) == OURS
    assert indexes(dynamodb)[SOURCE_INDEX]["Projection"]["ProjectionType"] == "KEYS_ONLY"
    assert indexes(dynamodb)[TIME_INDEX]["Projection"]["ProjectionType"] == "ALL"
    assert sent.of("UpdateTable") == sent.of("Scan") == []


def test_an_older_table_is_given_its_indexes_one_after_the_other(
    engine: Engine, table: Table, older: str, dynamodb: Any, sent: Sent
) -> None:
    """DynamoDB makes one at a time, and wants just the attributes its keys are made of."""
    done = engine.setup(table)
    assert "GlobalSecondaryIndexes" in done.changed
    assert set(indexes(dynamodb)) == OURS
    updates = [each for each in sent.of("UpdateTable") if "GlobalSecondaryIndexUpdates" in each]
    assert [len(each["GlobalSecondaryIndexUpdates"]) for each in updates] == [1, 1]
    assert [
        {attribute["AttributeName"] for attribute in each["AttributeDefinitions"]}
        for each in updates
    ] == [{"filename", "source_key"}, {"filename", "shard", "timestamp"}]
    assert engine.setup(table).action is Action.NONE
    assert older == TABLE


def test_the_rows_of_an_older_function_are_found_by_time(
    engine: Engine, aws: Aws, table: Table, older: str, sent: Sent
) -> None:
    """Setup gives each the shard it lacks, the guide's too, and changes nothing else of them."""
    before = {each.filename: each for each in catalog.rows(aws, older, catalog.Query())}
    engine.setup(table)
    sent.clear()
    newest = catalog.newest(aws, older, catalog.Query(), 50)
    assert sent.of("Scan") == []
    assert {each.filename: each for each in newest} == before
    assert [each.filename for each in newest[:2]] == ["processed-29.jpg", "processed-28.jpg"]


def test_rows_have_their_shard_before_the_index_can_be_read(
    engine: Engine, table: Table, older: str, sent: Sent
) -> None:
    """So that a list never shows a part for all; and once more after, for what came meanwhile."""
    engine.setup(table)
    steps = [
        (name, given)
        for name, given in sent
        if name == "UpdateItem" or (name == "UpdateTable" and TIME_INDEX in str(given))
    ]
    assert [name for name, _ in steps] == ["UpdateItem"] * (len(ROWS) + 1) + ["UpdateTable"]
    assert sent[-1][0] != "UpdateTable"
    last = max(place for place, (name, _) in enumerate(sent) if name == "UpdateTable")
    assert any(name == "Scan" for name, _ in sent[last:])
    assert older == TABLE


def test_a_row_written_while_the_index_fills_is_given_its_shard(
    engine: Engine, aws: Aws, table: Table, older: str, dynamodb: Any
) -> None:
    """By the old function, which this very setup replaces."""
    late = Metadata("processed-x.jpg", 1, "2027-01-01T00:00:00", Status.PROCESSED, "x.jpg")

    def write(params: dict[str, Any], **_: object) -> None:
        if TIME_INDEX in str(params):
            tables.write_without_shard(dynamodb, late)

    dynamodb.meta.events.register("provide-client-params.dynamodb.UpdateTable", write)
    engine.setup(table)
    assert catalog.newest(aws, older, catalog.Query(), 1) == [late]


def test_a_row_deleted_meanwhile_is_not_brought_back(
    engine: Engine, aws: Aws, table: Table, older: str, dynamodb: Any
) -> None:
    """An update of a row that is not there would make one."""
    gone = ROWS[3]

    def vanish(params: dict[str, Any], **_: object) -> None:
        if params["Key"]["filename"]["S"] == gone.filename:
            dynamodb.delete_item(TableName=TABLE, Key=params["Key"])

    dynamodb.meta.events.register("provide-client-params.dynamodb.UpdateItem", vanish)
    engine.setup(table)
    found = {each.filename for each in catalog.rows(aws, older, catalog.Query())}
    assert gone.filename not in found
    assert len(found) == len(ROWS)


@pytest.mark.parametrize("name", sorted(OURS))
def test_an_index_deleted_by_hand_is_seen_and_put_back(
    engine: Engine, table: Table, dynamodb: Any, name: str
) -> None:
    """With one call; the other stays as it is."""
    engine.setup(table)
    delete(dynamodb, name)
    again = engine.setup(table)
    assert again.changed == {"GlobalSecondaryIndexes"}
    assert again.calls == ["UpdateTable"]
    assert set(indexes(dynamodb)) == OURS


def test_an_index_of_our_name_with_another_key_is_made_anew(
    engine: Engine, table: Table, dynamodb: Any
) -> None:
    """An index cannot be changed, and one that answers another question is of no use."""
    engine.setup(table)
    delete(dynamodb, SOURCE_INDEX)
    key = [{"AttributeName": "timestamp", "KeyType": "HASH"}]
    other = {"IndexName": SOURCE_INDEX, "KeySchema": key, "Projection": {"ProjectionType": "ALL"}}
    dynamodb.update_table(
        TableName=TABLE,
        AttributeDefinitions=table_indexes.attribute_definitions("timestamp"),
        GlobalSecondaryIndexUpdates=[{"Create": other}],
    )
    assert engine.setup(table).calls == ["UpdateTable", "UpdateTable"]
    assert indexes(dynamodb)[SOURCE_INDEX]["KeySchema"][0]["AttributeName"] == "source_key"
    assert engine.setup(table).action is Action.NONE


def test_an_index_somebody_added_stays_theirs(engine: Engine, table: Table, dynamodb: Any) -> None:
    """It is no difference, and what is done to ours leaves it alone."""
    engine.setup(table)
    theirs = {
        "IndexName": "by-status",
        "KeySchema": [{"AttributeName": "status", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "ALL"},
    }
    attributes = [{"AttributeName": name, "AttributeType": "S"} for name in ("filename", "status")]
    dynamodb.update_table(
        TableName=TABLE,
        AttributeDefinitions=attributes,
        GlobalSecondaryIndexUpdates=[{"Create": theirs}],
    )
    assert engine.setup(table).action is Action.NONE
    delete(dynamodb, TIME_INDEX)
    engine.setup(table)
    assert set(indexes(dynamodb)) == {*OURS, "by-status"}


def test_an_index_still_filling_is_waited_for(
    engine: Engine, table: Table, dynamodb: Any, faults: Faults, clock: Clock
) -> None:
    """However long: DynamoDB refuses to make the next one, and a query of this one, until then."""
    engine.setup(table)
    filling = describing(dynamodb, TIME_INDEX, IndexStatus="CREATING", Backfilling=True)
    faults.answer("DescribeTable", filling, times=200)
    clock.naps.clear()
    done = engine.setup(table)
    assert (done.action, done.calls) == (Action.UPDATE, [])
    assert sum(clock.naps) > 15 * 60


def test_somebody_elses_change_is_waited_for(
    engine: Engine, table: Table, older: str, faults: Faults, clock: Clock
) -> None:
    """DynamoDB takes one change of a table at a time, and says so in two ways."""
    dynamodb = engine.aws.client("dynamodb")
    dynamodb.update_continuous_backups(
        TableName=older, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    faults.fail(
        "UpdateTable", "LimitExceededException", "Only 1 online index can be created simultaneously"
    )
    faults.fail("UpdateTable", "ResourceInUseException")
    engine.setup(table)
    assert len(clock.naps) >= 2
    assert set(indexes(dynamodb)) == OURS


def test_a_refusal_is_an_error(aws: Aws, older: str, dynamodb: Any, faults: Faults) -> None:
    """Only what passes is waited for."""
    faults.fail("UpdateTable", "ValidationException")
    with pytest.raises(ClientError, match="ValidationException"):
        table_indexes.bring_about(
            aws, older, lambda: dict(dynamodb.describe_table(TableName=older)["Table"])
        )


def test_ctrl_c_ends_the_wait(engine: Engine, table: Table, dynamodb: Any, faults: Faults) -> None:
    """Nothing is lost: the index goes on filling."""
    engine.setup(table)
    filling = describing(dynamodb, TIME_INDEX, IndexStatus="CREATING")
    faults.answer("DescribeTable", filling, times=50)
    engine.aws.interrupted.set()
    with pytest.raises(KeyboardInterrupt):
        engine.setup(table)


def test_a_shard_never_changes() -> None:
    """Rows stand in the index under it: another function of the key would lose them all."""
    assert [shard(name) for name in ("a.jpg", "b/processed-ü.png", "")] == [6, 5, 0]
