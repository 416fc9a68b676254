"""The mapping from the table's stream: where it begins, and what is around its deletion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from imgpipe.engine.graph import Action
from imgpipe.resources.event_source_mapping import EventSourceMapping
from tests.support.contract.page import EVENT_SOURCE_MAPPING

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from tests.support.account import Clock, Engine, Faults, Sent

MAPPING: Final = EVENT_SOURCE_MAPPING.resource
NEEDED: Final = EVENT_SOURCE_MAPPING.needed


@pytest.fixture(autouse=True)
def account(aws: Aws) -> None:
    """What is around the mapping."""
    EVENT_SOURCE_MAPPING.surroundings(aws)


def listed(**change: Any) -> dict[str, Any]:
    """A mapping from the stream to the function, as Lambda lists it."""
    assert isinstance(MAPPING, EventSourceMapping)
    here = "eu-west-1:123456789012"
    return {
        "UUID": "1",
        "State": "Deleting",
        "FunctionArn": f"arn:aws:lambda:{here}:function:{MAPPING.function.name}",
        "EventSourceArn": f"arn:aws:dynamodb:{here}:table/{MAPPING.table.name}/stream/1",
        **change,
    }


def test_it_begins_with_the_oldest_change(engine: Engine, sent: Sent) -> None:
    """What changes until Lambda looks for the first time is told, too."""
    engine.setup(MAPPING, *NEEDED)
    (created,) = sent.of("CreateEventSourceMapping")
    assert created["StartingPosition"] == "TRIM_HORIZON"
    assert created["MaximumRetryAttempts"] == -1
    assert created["MaximumRecordAgeInSeconds"] < 24 * 3600


def test_one_that_is_being_deleted_is_waited_for(
    engine: Engine, aws: Aws, faults: Faults, clock: Clock
) -> None:
    """It counts as absent, and is gone before another one is made."""
    answer = {"EventSourceMappings": [listed()]}
    faults.answer("ListEventSourceMappings", answer, times=4)
    assert MAPPING.read(aws) is None
    assert engine.setup(MAPPING, *NEEDED).action is Action.CREATE
    assert clock() > 1


@pytest.mark.parametrize(
    "change",
    [
        {"FunctionArn": "arn:aws:lambda:eu-west-1:123456789012:function:their-resize"},
        {"EventSourceArn": "arn:aws:dynamodb:eu-west-1:123456789012:table/Theirs/stream/1"},
        {"EventSourceArn": "arn:aws:sqs:eu-west-1:123456789012:theirs"},
    ],
)
def test_another_function_or_another_source_is_somebody_elses(
    aws: Aws, faults: Faults, change: dict[str, str]
) -> None:
    """Names are compared whole."""
    mapping = listed(State="Enabled", **change)
    faults.answer("ListEventSourceMappings", {"EventSourceMappings": [mapping]})
    assert MAPPING.read(aws) is None


def test_all_that_two_setups_made_are_deleted(aws: Aws, faults: Faults, sent: Sent) -> None:
    """One that was left would go on reading the stream, and the deletion wait for it for ever."""
    names = [digit * 36 for digit in "12"]
    pair = [listed(UUID=name, State="Enabled") for name in names]
    faults.answer("ListEventSourceMappings", {"EventSourceMappings": pair})
    faults.answer("DeleteEventSourceMapping", {}, times=2)
    MAPPING.delete(aws, {"UUID": names[0]})
    assert [each["UUID"] for each in sent.of("DeleteEventSourceMapping")] == names
