"""What emulators never do: an AWS that refuses, throttles and loses answers, played by a proxy.

Every fault strikes once, and every one must strike: a rule that never fired would prove nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest

from imgpipe import local
from imgpipe.aws.account import Aws
from imgpipe.engine.graph import Action, Event, State
from imgpipe.pipeline import Pipeline, deployment
from imgpipe.settings import Settings
from tests.support.proxy import Proxy, once, proxied
from tests.support.shell import embedded
from tests.support.standing import standing

SETTINGS = Settings(local=True)

# microburst calls the operation by its older name: both are one request.
PUT_NOTIFICATION = "PutBucketNotification"

NOT_YET = [
    once(
        "CreateFunction",
        "InvalidParameterValueException",
        "The role defined for the function cannot be assumed by Lambda.",
    ),
    once(
        PUT_NOTIFICATION,
        "InvalidArgument",
        "Unable to validate the following destination configurations",
    ),
    once(
        "PutBucketPolicy",
        "OperationAborted",
        "A conflicting conditional operation is in progress",
        status=409,
    ),
    once("CreateQueue", "AWS.SimpleQueueService.QueueDeletedRecently", "You must wait 60 seconds"),
    once("CreateTable", "ThrottlingException", "Rate exceeded"),
    once("ListDistributions", "Throttling", "Rate exceeded"),
    once("HeadBucket", "503", status=503),
    once(
        "PutFunctionEventInvokeConfig",
        "ResourceConflictException",
        "An update is in progress",
        status=409,
    ),
    {"service": "dynamodb", "operation": "UpdateContinuousBackups", "times": 1, "reset": True},
]
CHANGING = [
    once(
        "UpdateFunctionConfiguration",
        "ResourceConflictException",
        "An update is in progress for resource",
        status=409,
    ),
    once(
        "PublishVersion",
        "ResourceConflictException",
        "An update is in progress for resource",
        status=409,
    ),
    once("Invoke", "TooManyRequestsException", "Rate exceeded", status=429),
    once("UpdateAlias", "ResourceNotFoundException", "Function not found", status=404),
]
GOING = [
    once(
        "UpdateDistribution",
        "PreconditionFailed",
        "The request failed because it didn't meet the preconditions",
        status=412,
    ),
    once(
        "DeleteDistribution",
        "DistributionNotDisabled",
        "The distribution you are trying to delete has not been disabled.",
        status=409,
    ),
    once("DeleteOriginAccessControl", "OriginAccessControlInUse", "still in use", status=409),
    once(
        "DeleteBucket", "BucketNotEmpty", "The bucket you tried to delete is not empty", status=409
    ),
    once(
        "DeleteRole",
        "DeleteConflict",
        "Cannot delete entity, must detach all policies first.",
        status=409,
    ),
    once("DeleteTable", "ResourceInUseException", "Table is being updated"),
    once("DeleteFunction", "ResourceConflictException", "An update is in progress", status=409),
    once(
        "DeleteLogGroup",
        "OperationAbortedException",
        "Multiple requests to update the same resource were in conflict",
    ),
]
CREATING = [
    "CreateBucket",
    "CreateTable",
    "CreateQueue",
    "CreateLogGroup",
    "CreateRole",
    "CreateFunction",
    "PublishVersion",
    "CreateAlias",
    "AddPermission",
    "CreateOriginAccessControl",
    "CreateDistributionWithTags",
    PUT_NOTIFICATION,
]
DELETING = [
    "DeleteBucket",
    "DeleteTable",
    "DeleteQueue",
    "DeleteLogGroup",
    "DeleteRole",
    "DeleteFunction",
    "DeleteDistribution",
    "DeleteLayerVersion",
]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aws]:
    """The embedded AWS itself, reached without the proxy."""
    state: Path = tmp_path_factory.mktemp("state")
    yield embedded(state)
    local.stop(state)


@pytest.fixture(scope="module")
def proxy(root: Aws) -> Iterator[Proxy]:
    """The proxy in front of it."""
    with proxied(root.endpoint_url or "") as running:
        yield running


@pytest.fixture
def aws(root: Aws, proxy: Proxy) -> Aws:
    """The account through the proxy, with short naps."""
    keys = root.session.get_credentials()
    session = boto3.Session(keys.access_key, keys.secret_key, region_name=root.region)
    return Aws(session, endpoint_url=proxy.url, sleep=lambda seconds: time.sleep(min(seconds, 0.1)))


@pytest.fixture
def pipeline(root: Aws) -> None:
    """A pipeline that is complete."""
    walked(deployment.setup, root)


@pytest.fixture
def nothing(root: Aws) -> None:
    """No pipeline."""
    walked(deployment.teardown, root)


def lost(operation: str) -> dict[str, Any]:
    """The rule that the first ``operation`` is done, and its answer lost on the way back."""
    return {"service": "*", "operation": operation, "times": 1, "response": {"abort_bytes": 0}}


def walked(
    walk: Callable[..., Iterator[Event]], aws: Aws, settings: Settings = SETTINGS
) -> list[Event]:
    """The final events; every resource must have come through."""
    events = list(walk(Pipeline.of(settings, aws)))
    assert [event.error for event in events if event.state in {State.FAILED, State.BLOCKED}] == []
    return [event for event in events if event.state is State.DONE]


def assert_struck(proxy: Proxy, rules: Sequence[dict[str, Any]]) -> None:
    """Each rule fired, once."""
    assert sorted(proxy.fired()) == sorted(rule["operation"] for rule in rules)


@pytest.mark.usefixtures("nothing")
def test_setup_waits_for_what_is_not_ready_yet(aws: Aws, proxy: Proxy) -> None:
    """A role Lambda does not know, buckets being changed, names not free, throttling."""
    proxy.inject(*NOT_YET)
    walked(deployment.setup, aws)
    assert_struck(proxy, NOT_YET)
    assert {event.action for event in walked(deployment.setup, aws)} == {Action.NONE}


@pytest.mark.usefixtures("pipeline")
def test_an_update_waits_for_the_one_before(aws: Aws, proxy: Proxy) -> None:
    """Lambda takes one change at a time."""
    proxy.inject(*CHANGING)
    events = walked(deployment.setup, aws, replace(SETTINGS, memory=1024))
    assert_struck(proxy, CHANGING)
    assert {event.resource.type for event in events if event.action is Action.UPDATE} == {
        "AWS::Lambda::Function",
        "AWS::Lambda::Version",
        "AWS::Lambda::Alias",
        "Custom::SelfTest",
    }


@pytest.mark.usefixtures("pipeline")
def test_teardown_waits_for_what_is_still_in_use(root: Aws, aws: Aws, proxy: Proxy) -> None:
    """A distribution not yet disabled everywhere, an identity in use, late writes, policies."""
    proxy.inject(*GOING)
    walked(deployment.teardown, aws)
    assert_struck(proxy, GOING)
    assert standing(root) == {}


@pytest.mark.usefixtures("nothing")
def test_setup_survives_lost_answers(aws: Aws, proxy: Proxy) -> None:
    """Whatever was made and never confirmed is found again, not made twice."""
    rules = [lost(operation) for operation in CREATING]
    proxy.inject(*rules)
    walked(deployment.setup, aws)
    assert_struck(proxy, rules)
    assert {event.action for event in walked(deployment.setup, aws)} == {Action.NONE}


@pytest.mark.usefixtures("pipeline")
def test_teardown_survives_lost_answers(root: Aws, aws: Aws, proxy: Proxy) -> None:
    """Already gone is gone."""
    rules = [lost(operation) for operation in DELETING]
    proxy.inject(*rules)
    walked(deployment.teardown, aws)
    assert_struck(proxy, rules)
    assert standing(root) == {}
