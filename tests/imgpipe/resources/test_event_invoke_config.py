"""What becomes of events that fail: tries, age, queue; and a role not trusted with it yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from imgpipe.resources.event_invoke_config import EventInvokeConfig
from tests.support import functions
from tests.support.stand_ins import Given, create, drift

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from tests.support.account import Calls, Clock, Faults, Sent

QUEUE = Given("failures", (("Arn", "arn:aws:sqs:eu-west-1:123456789012:failures"),))
CONFIG = EventInvokeConfig("failures", alias=functions.SERVED, queue=QUEUE)
REFUSAL = (
    "The function execution role does not have permissions to call SendMessage on the destination"
)


@pytest.fixture(autouse=True)
def function(aws: Aws, calls: Calls) -> None:
    """The function and the queue: the emulator looks for both."""
    functions.make(aws)
    aws.client("sqs").create_queue(QueueName="failures")
    aws.client("sqs").create_queue(QueueName="others")
    calls.clear()


def test_two_retries_six_hours_and_the_queue(aws: Aws) -> None:
    """A failing event is tried three times, kept six hours at most, then sent to the queue."""
    create(aws, CONFIG)
    live = aws.client("lambda").get_function_event_invoke_config(**functions.LIVE)
    assert live["MaximumRetryAttempts"] == 2
    assert live["MaximumEventAgeInSeconds"] == 21600
    assert (
        live["DestinationConfig"]["OnFailure"]["Destination"]
        == "arn:aws:sqs:eu-west-1:123456789012:failures"
    )


def test_they_are_the_aliass(aws: Aws, sent: Sent) -> None:
    """Those of the function without a qualifier would not count for an event by the alias."""
    create(aws, CONFIG)
    (call,) = sent.of("PutFunctionEventInvokeConfig")
    assert (call["FunctionName"], call["Qualifier"]) == ("resize", "live")


def test_a_destination_for_successes_is_no_difference(aws: Aws, faults: Faults) -> None:
    """What AWS fills in, and what somebody else set, is not ours to change."""
    create(aws, CONFIG)
    live = dict(aws.client("lambda").get_function_event_invoke_config(**functions.LIVE))
    live["DestinationConfig"] = {**live["DestinationConfig"], "OnSuccess": {}}
    faults.answer("GetFunctionEventInvokeConfig", live)
    assert not drift(aws, CONFIG)


def test_a_permission_just_granted_is_waited_for(
    aws: Aws, calls: Calls, clock: Clock, faults: Faults
) -> None:
    """Lambda checks the role's right to the queue, of which IAM may not have told it yet."""
    faults.fail("PutFunctionEventInvokeConfig", "InvalidParameterValueException", REFUSAL, times=2)
    faults.fail("PutFunctionEventInvokeConfig", "ResourceConflictException", status=409)
    create(aws, CONFIG)
    assert calls.mutating == ["PutFunctionEventInvokeConfig"] * 4
    assert clock() > 0
    assert not drift(aws, CONFIG)


def test_a_queue_lambda_does_not_see_yet_is_waited_for(
    aws: Aws, clock: Clock, faults: Faults
) -> None:
    """Lambda calls the ARN of a queue that was just made invalid."""
    message = "The destination ARN arn:aws:sqs:eu-west-1:123456789012:failures is invalid."
    faults.fail("PutFunctionEventInvokeConfig", "InvalidParameterValueException", message, times=3)
    create(aws, CONFIG)
    assert len(clock.naps) == 3
    assert not drift(aws, CONFIG)


def test_a_wrong_setting_fails_at_once(aws: Aws, clock: Clock, faults: Faults) -> None:
    """Only a queue or a permission that is not seen yet passes by itself."""
    faults.fail(
        "PutFunctionEventInvokeConfig",
        "InvalidParameterValueException",
        "The event age is malformed",
    )
    with pytest.raises(ClientError, match="malformed"):
        create(aws, CONFIG)
    assert clock() == 0


def test_it_goes_with_the_function(aws: Aws, calls: Calls) -> None:
    """No call is made for its deletion: Lambda deletes it with the function."""
    create(aws, CONFIG)
    calls.clear()
    CONFIG.delete(aws, {})
    assert calls == []
    aws.client("lambda").delete_function(FunctionName="resize")
    assert CONFIG.read(aws) is None
