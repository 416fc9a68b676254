"""The self-test: when it is due, what it sends, what it takes away again, and how it fails."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, replace
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from handler.keys import processed_key
from handler.schema import SELF_TEST_KEY
from imgpipe.engine.resource import Live
from imgpipe.errors import SelfTestError
from imgpipe.resources.self_test import SelfTest
from tests.support import functions
from tests.support.stand_ins import Given, create, drift, update

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from imgpipe.engine.resource import Properties
    from tests.support.account import Calls, Clock, Faults, Sent

RESULT = processed_key(SELF_TEST_KEY)
ROLE = Given("role", (("Policy", "read, write"),))
TABLE, SOURCE, DESTINATION = Given("Pictures"), Given("pictures-in"), Given("pictures-out")


@dataclass(frozen=True)
class GivenFunction(Given):
    """A function of this ``memory``, with two properties that are not what is tested."""

    memory: int = 512

    def properties(self, live: Live) -> Properties:
        return {"MemorySize": self.memory, "Tags": {"team": "photo"}}

    def read(self, aws: Aws) -> Properties:
        return self.properties(Live())


@dataclass(frozen=True)
class GivenVersion(Given):
    """Version 1 of ``function``."""

    function: GivenFunction = GivenFunction(functions.NAME)
    attributes: tuple[tuple[str, str], ...] = (("Version", "1"),)

    @property
    def owner(self) -> GivenFunction:
        return self.function


SELF_TEST = SelfTest(
    "self-test",
    version=GivenVersion(functions.NAME),
    alias=functions.ALIAS,
    role=ROLE,
    table=TABLE,
    source=SOURCE,
    destination=DESTINATION,
)


@pytest.fixture(autouse=True)
def account(aws: Aws, calls: Calls) -> None:
    """A function, what it makes of the test in bucket and table, and something of another's."""
    functions.make(aws)
    aws.client("s3").create_bucket(
        Bucket="pictures-out", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    key = {"AttributeName": "filename", "AttributeType": "S"}
    aws.client("dynamodb").create_table(
        TableName="Pictures",
        AttributeDefinitions=[key],
        KeySchema=[{"AttributeName": "filename", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    for name in (RESULT, "processed-theirs.jpg"):
        aws.client("s3").put_object(Bucket="pictures-out", Key=name, Body=b"picture")
        aws.client("dynamodb").put_item(TableName="Pictures", Item={"filename": {"S": name}})
    calls.clear()


def returns(faults: Faults, *, error: bool = False, times: int = 1, **value: object) -> None:
    """Let the function return, or raise, ``value``."""
    for _ in range(times):
        answer: dict[str, Any] = {"StatusCode": 200, "Payload": BytesIO(json.dumps(value).encode())}
        faults.answer("Invoke", {**answer, "FunctionError": "Unhandled"} if error else answer)


def passes(faults: Faults) -> None:
    """Let the function process the picture."""
    returns(faults, processed=[RESULT], rejected=[], missing=[])


def test_its_results_are_taken_away_and_nothing_else(aws: Aws, faults: Faults) -> None:
    """Neither the bucket nor the table shows a picture nobody uploaded; somebody's own stay."""
    passes(faults)
    create(aws, SELF_TEST)
    left = [
        each["Key"] for each in aws.client("s3").list_objects_v2(Bucket="pictures-out")["Contents"]
    ]
    rows = [
        each["filename"]["S"] for each in aws.client("dynamodb").scan(TableName="Pictures")["Items"]
    ]
    assert left == rows == ["processed-theirs.jpg"]


def test_it_sends_a_picture_worth_processing(aws: Aws, faults: Faults, sent: Sent) -> None:
    """A JPEG that has to be turned, and is large enough to bear a watermark."""
    passes(faults)
    create(aws, SELF_TEST)
    (call,) = sent.of("Invoke")
    assert (call["FunctionName"], call["Qualifier"]) == ("resize", "1")
    test = json.loads(call["Payload"])["selfTest"]
    with Image.open(BytesIO(base64.b64decode(test["body"]))) as picture:
        picture.load()
        assert picture.format == "JPEG"
        assert min(picture.size) >= 300
        assert picture.getexif()[0x0112] == 6
    assert test["key"] == SELF_TEST_KEY


@pytest.mark.parametrize(
    "changed",
    [
        replace(
            SELF_TEST,
            version=GivenVersion(functions.NAME, function=GivenFunction("resize", memory=128)),
        ),
        replace(SELF_TEST, role=Given("role", (("Policy", "read"),))),
    ],
    ids=["function", "role"],
)
def test_what_could_break_it_makes_it_due_again(
    aws: Aws, faults: Faults, sent: Sent, changed: SelfTest
) -> None:
    """Another setting of the function, or other permissions of its role."""
    passes(faults)
    create(aws, SELF_TEST)
    passes(faults)
    assert update(aws, changed) == {"Fingerprint"}
    assert len(sent.of("Invoke")) == 2
    assert not drift(aws, changed)


def test_a_permission_just_granted_is_waited_for(aws: Aws, faults: Faults, clock: Clock) -> None:
    """The role's policy reaches S3 and DynamoDB a little later than IAM."""
    returns(
        faults,
        error=True,
        errorType="ClientError",
        errorMessage="An error occurred (AccessDenied) when calling PutObject",
        times=2,
    )
    returns(
        faults,
        error=True,
        errorType="ClientError",
        errorMessage="role is not authorized to perform: dynamodb:PutItem",
    )
    passes(faults)
    create(aws, SELF_TEST)
    assert len(clock.naps) == 3
    assert not drift(aws, SELF_TEST)


@pytest.mark.parametrize(
    ("error", "hint"),
    [
        (
            {
                "errorType": "ClientError",
                "errorMessage": "An error occurred (AccessDenied) when calling PutObject",
            },
            "permissions boundary",
        ),
        (
            {
                "errorType": "Runtime.ImportModuleError",
                "errorMessage": "cannot import name '_imaging' from 'PIL'",
            },
            "'architecture'",
        ),
        (
            {"errorMessage": "2026-01-01T00:00:00Z 1 Task timed out after 3.00 seconds"},
            "more memory or time",
        ),
        ({"errorType": "KeyError", "errorMessage": "'TABLE_NAME'"}, "logs"),
    ],
)
def test_a_function_that_fails_stops_setup(
    aws: Aws, faults: Faults, clock: Clock, error: dict[str, str], hint: str
) -> None:
    """The error holds the function's own message and what to do; no tag says that it was passed."""
    returns(faults, error=True, times=100, **error)
    with pytest.raises(SelfTestError) as raised:
        create(aws, SELF_TEST)
    assert error["errorMessage"] in raised.value.message
    assert hint in f"{raised.value.hint} {raised.value.next}"
    assert SELF_TEST.read(aws) is None
    assert clock() <= 130


def test_the_error_says_which_version_goes_on_serving(aws: Aws, faults: Faults) -> None:
    """It is the alias's; where there is none yet, none is named."""
    returns(faults, error=True, errorType="KeyError", errorMessage="'TABLE_NAME'", times=2)
    with pytest.raises(SelfTestError, match="version 1 goes on serving"):
        create(aws, SELF_TEST)
    aws.client("lambda").delete_alias(FunctionName=functions.NAME, Name=functions.ALIAS)
    with pytest.raises(SelfTestError) as caught:
        create(aws, SELF_TEST)
    assert "goes on serving" not in caught.value.message


@pytest.mark.parametrize(
    "answer",
    [
        {"processed": [], "rejected": [f"{SELF_TEST_KEY}: it is damaged"]},
        {"processed": [], "rejected": []},
    ],
)
def test_a_function_that_makes_nothing_of_it_stops_setup(
    aws: Aws, faults: Faults, answer: dict[str, Any]
) -> None:
    """A rejection is no error of the function's, but the built-in picture is not to be rejected."""
    returns(faults, **answer)
    with pytest.raises(SelfTestError, match=r"it is damaged|made nothing of it"):
        create(aws, SELF_TEST)
    assert SELF_TEST.read(aws) is None


def test_a_function_still_being_set_up_is_waited_for(
    aws: Aws, faults: Faults, clock: Clock
) -> None:
    """A setup before this one may have been cut off while the function was Pending."""
    faults.fail("Invoke", "ResourceConflictException", status=409, times=2)
    passes(faults)
    create(aws, SELF_TEST)
    assert clock() > 0
    assert not drift(aws, SELF_TEST)


def test_it_goes_with_the_function(aws: Aws, faults: Faults, calls: Calls) -> None:
    """No call is made for its deletion: Lambda deletes the tag with the function."""
    passes(faults)
    create(aws, SELF_TEST)
    calls.clear()
    SELF_TEST.delete(aws, {})
    assert calls == []
    aws.client("lambda").delete_function(FunctionName="resize")
    assert SELF_TEST.read(aws) is None
