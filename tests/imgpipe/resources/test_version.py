"""The published version: when there is a new one, and what is never published."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from imgpipe import __version__
from imgpipe.engine import reconcile
from imgpipe.engine.graph import Action
from imgpipe.engine.resource import Live, Unknown
from imgpipe.package import HandlerCode
from imgpipe.resources.function import Function
from imgpipe.resources.version import MARK, Version
from tests.support.functions import NAME
from tests.support.stand_ins import Given, desired

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from imgpipe.aws.account import Aws
    from tests.support.account import Clock, Engine, Faults, Sent

GROUP = Given("/aws/lambda/resize")


@pytest.fixture
def function(aws: Aws, tags: tuple[tuple[str, str], ...]) -> Function:
    """The function, not made yet."""
    role = aws.client("iam").create_role(RoleName="role", AssumeRolePolicyDocument="{}")["Role"]
    return Function(
        NAME,
        tags,
        role=Given("role", (("Arn", role["Arn"]), ("RoleId", role["RoleId"]))),
        log_group=GROUP,
        layer=None,
        layer_arn="",
        code=HandlerCode(python="3.0"),
        runtime="python3.12",
        architecture="arm64",
        memory=512,
        timeout=60,
        environment=(("RECIPE", "{}"),),
    )


def published(engine: Engine, function: Function) -> tuple[Action, Mapping[str, object]]:
    """Set the function up with its version; return what was done with that, and what it is."""
    needed = (function.role, function.log_group, function)
    done = engine.setup(Version(NAME, function=function), *needed)
    return done.action, done.live or {}


def numbers(aws: Aws) -> list[str]:
    """What is published, the function itself left out."""
    listed = aws.client("lambda").list_versions_by_function(FunctionName=NAME)["Versions"]
    return [each["Version"] for each in listed if each["Version"] != "$LATEST"]


def test_a_version_says_who_made_it_and_is_of_the_code_that_was_deployed(
    engine: Engine, function: Function, sent: Sent
) -> None:
    """Lambda refuses to publish what somebody put in its place meanwhile."""
    _, live = published(engine, function)
    (call,) = sent.of("PublishVersion")
    assert call["Description"] == f"{MARK}{__version__}"
    assert (
        call["CodeSha256"] == live["CodeSha256"] == (function.read(engine.aws) or {})["CodeSha256"]
    )


def test_whatever_a_version_keeps_makes_another_one(
    engine: Engine, function: Function, tmp_path: Path
) -> None:
    """Settings, recipe, runtime, code; a tag is no part of a version."""
    (tmp_path / "logo.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    changes = [
        replace(function, memory=1024),
        replace(function, timeout=90),
        replace(function, environment=(("RECIPE", '{"a": 1}'),)),
        replace(function, runtime="python3.13"),
        replace(function, architecture="x86_64"),
        replace(function, log_group=Given("/aws/lambda/another")),
        replace(function, code=HandlerCode((tmp_path / "logo.png",), python="3.0")),
    ]
    assert published(engine, function) == (Action.CREATE, published(engine, function)[1])
    for number, changed in enumerate(changes, start=2):
        action, live = published(engine, changed)
        assert (action, live["Version"]) == (Action.UPDATE, str(number))
        assert published(engine, changed)[0] is Action.NONE
    tagged = replace(changes[-1], tags=(*function.tags, ("more", "1")))
    assert published(engine, tagged)[0] is Action.NONE


def test_a_plan_says_that_other_code_will_be_published(engine: Engine, function: Function) -> None:
    """The hash of its zip is not known before it is deployed, and so differs from every other."""
    published(engine, function)
    changed = replace(function, code=HandlerCode(python="3.1"))
    version = Version(NAME, function=changed)
    planned = reconcile.plan([changed.role, GROUP, changed, version], engine.aws)
    (event,) = [each for each in planned if each.resource == version]
    assert (event.action, event.live) == (Action.UPDATE, None)
    assert event.changed == {"CodeSha256"}
    assert isinstance(version.properties(Live())["CodeSha256"], Unknown)


def test_what_somebody_else_published_of_the_same_is_taken(
    engine: Engine, function: Function
) -> None:
    """Lambda itself would answer with that version."""
    engine.setup(function, function.role, GROUP)
    engine.aws.client("lambda").publish_version(FunctionName=NAME)
    assert published(engine, function)[0] is Action.NONE
    assert numbers(engine.aws) == ["1"]


def test_a_version_still_being_made_and_not_listed_yet_is_waited_for(
    engine: Engine, function: Function, faults: Faults, clock: Clock
) -> None:
    """Who invokes it next would be refused; who reads the older one would point the alias there."""
    published(engine, function)
    functions = engine.aws.client("lambda")
    stale = functions.list_versions_by_function(FunctionName=NAME)
    pending = functions.get_function(FunctionName=f"{NAME}:1")
    changed = replace(function, memory=1024)
    engine.setup(changed, function.role, GROUP)
    pending["Configuration"] |= {"State": "Pending"}
    faults.answer("GetFunction", pending, times=2)
    faults.answer("ListVersionsByFunction", stale, times=2)
    version = Version(NAME, function=changed)
    version.create(engine.aws, desired(engine.aws, version))
    assert clock() > 0
    assert (version.read(engine.aws) or {})["Version"] == "2"


def test_other_code_than_was_deployed_is_refused(
    engine: Engine, function: Function, faults: Faults
) -> None:
    """That stays, and is not waited for."""
    engine.setup(function, function.role, GROUP)
    faults.fail("PublishVersion", "InvalidParameterValueException", "CodeSHA256 is different")
    version = Version(NAME, function=function)
    with pytest.raises(ClientError, match="different"):
        version.create(engine.aws, desired(engine.aws, version))


def test_there_may_be_more_versions_than_a_page_holds(
    engine: Engine, function: Function, faults: Faults
) -> None:
    """Fifty to a page, oldest first, and 10 is newer than 9."""
    published(engine, function)
    listed = engine.aws.client("lambda").list_versions_by_function(FunctionName=NAME)["Versions"]
    pages = [[{**listed[-1], "Version": str(number)}] for number in (9, 10)]
    faults.answer("ListVersionsByFunction", {"Versions": pages[0], "NextMarker": "more"})
    faults.answer("ListVersionsByFunction", {"Versions": pages[1]})
    assert (Version(NAME, function=function).read(engine.aws) or {})["Version"] == "10"
