"""The page's data: taken over portion by portion, and what is said where that fails."""

from __future__ import annotations

import json
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest

from handler.event import FILL
from imgpipe.errors import ServiceError
from imgpipe.resources.bucket import Bucket
from imgpipe.resources.gallery_data import GalleryData
from tests.support.stand_ins import Given

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from tests.support.account import Clock, Faults, Sent

DATA = GalleryData(
    "gallery/index.json",
    bucket=Bucket("pictures", (("imgpipe:stage", "default"),)),
    function=Given("page"),
    table=Given("Rows"),
    trigger=Given("mapping"),
)

OF_OLD = ("key", "width", "height", "size", "source", "timestamp")


@pytest.fixture(autouse=True)
def bucket(aws: Aws) -> None:
    """The destination bucket, with the list of an older release."""
    where = {"LocationConstraint": aws.region}
    aws.client("s3").create_bucket(Bucket="pictures", CreateBucketConfiguration=where)
    put(aws, "gallery.json", [dict.fromkeys(OF_OLD, 1)])


def put(aws: Aws, key: str, value: Any) -> None:
    """Put a JSON file."""
    body = json.dumps(value).encode()
    aws.client("s3").put_object(Bucket="pictures", Key=key, Body=body)


def answers(faults: Faults, *returned: dict[str, Any]) -> None:
    """Let the function return these, one an invocation."""
    for each in returned:
        payload = {"Payload": BytesIO(json.dumps(each).encode())}
        failed = {"FunctionError": "Unhandled"} if "errorMessage" in each else {}
        faults.answer("Invoke", {"StatusCode": 200, **payload, **failed})


def keys(aws: Aws) -> list[str]:
    """What is in the bucket."""
    listed = aws.client("s3").list_objects_v2(Bucket="pictures")
    return [each["Key"] for each in listed.get("Contents", [])]


def test_portions_are_asked_for_until_none_is_left(aws: Aws, faults: Faults, sent: Sent) -> None:
    """Each goes on where the one before stopped; then the old list goes."""
    answers(faults, {FILL: {"3": "x"}}, {FILL: {"3": "y"}}, {FILL: {}})
    DATA.create(aws, {})
    asked = [json.loads(each["Payload"])[FILL] for each in sent.of("Invoke")]
    assert asked == [{}, {"3": "x"}, {"3": "y"}]
    assert keys(aws) == []


def test_a_role_that_is_not_known_everywhere_yet_is_waited_for(
    aws: Aws, faults: Faults, clock: Clock
) -> None:
    """As that of the self-test is."""
    answers(faults, {"errorMessage": "AccessDenied", "errorType": "ClientError"}, {FILL: {}})
    DATA.create(aws, {})
    assert clock() > 0


def test_a_function_that_fails_is_told_with_its_reason(aws: Aws, faults: Faults) -> None:
    """The old list stays: the next setup begins anew."""
    answers(faults, {"errorMessage": "no module", "errorType": "ImportModuleError"})
    with pytest.raises(ServiceError, match="ImportModuleError: no module") as caught:
        DATA.create(aws, {})
    assert caught.value.next == ("logs --since 10m",)
    assert keys(aws) == ["gallery.json"]


def test_ctrl_c_ends_it_between_two_portions(aws: Aws, faults: Faults) -> None:
    """However many rows there are."""
    aws.interrupted.set()
    with pytest.raises(KeyboardInterrupt):
        DATA.create(aws, {})


@pytest.mark.parametrize("theirs", [[], {}, [1], [{"key": "a"}], "text"])
def test_a_list_of_somebody_elses_stays(aws: Aws, faults: Faults, theirs: Any) -> None:
    """A bucket that was there before us may hold a file of that name."""
    put(aws, "gallery.json", theirs)
    answers(faults, {FILL: {}})
    DATA.create(aws, {})
    assert keys(aws) == ["gallery.json"]


def test_all_of_the_data_goes_and_nothing_beside_it(aws: Aws) -> None:
    """The bucket may stay."""
    ours = ("gallery/index.json", "gallery/newest.html", f"gallery/page-{32 * 'a'}.json")
    theirs = ["gallery.json", "gallery/page-1.json", "gallery/processed-a.jpg"]
    for key in (*ours, *theirs):
        put(aws, key, {})
    DATA.delete(aws, {})
    assert keys(aws) == theirs
