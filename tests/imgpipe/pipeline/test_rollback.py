"""Bringing the version before back: what is shown, in which order it is done, and when not."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from handler import schema
from imgpipe.engine.resource import OWNER_TAG
from imgpipe.errors import ImgpipeError, NotOursError, NotSetUpError, ServiceError
from imgpipe.pipeline import Pipeline, rollback
from imgpipe.render import rollback as render
from imgpipe.render._paper import Paper
from imgpipe.resources.alias import served
from imgpipe.settings import Settings
from tests.support.functions import empty_zip

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from tests.support.account import Calls, Clock, Faults, Sent

PAPER = Paper(80)


def environment(**recipe: Any) -> dict[str, Any]:
    """The variables of a function with this recipe."""
    return {"Variables": {schema.RECIPE: json.dumps(recipe), schema.REMOVED: "follow"}}


@pytest.fixture
def pipeline(aws: Aws) -> Pipeline:
    """A pipeline of which the function is there, with one version that is served."""
    pipeline = Pipeline.of(Settings(local=True), aws)
    role = aws.client("iam").create_role(RoleName="role", AssumeRolePolicyDocument="{}")["Role"]
    aws.client("lambda").create_function(
        FunctionName=pipeline.names.function,
        Role=role["Arn"],
        Code={"ZipFile": empty_zip()},
        Runtime="python3.12",
        Handler="a.b",
        MemorySize=448,
        Environment=environment(renditions=[{"width": 100}]),
        Tags={OWNER_TAG: "default"},
    )
    publish(pipeline)
    aws.client("lambda").create_alias(
        FunctionName=pipeline.names.function, Name=pipeline.names.alias, FunctionVersion="1"
    )
    return pipeline


def publish(pipeline: Pipeline) -> None:
    """Publish what the function is."""
    name = pipeline.names.function
    pipeline.aws.client("lambda").publish_version(FunctionName=name, Description="Made by imgpipe")


@pytest.fixture
def changed(pipeline: Pipeline, calls: Calls) -> Pipeline:
    """The same after another setup: version 2 is served, with another recipe, memory and Python."""
    functions, names = pipeline.aws.client("lambda"), pipeline.names
    functions.update_function_configuration(
        FunctionName=names.function,
        MemorySize=1024,
        Runtime="python3.14",
        Environment=environment(renditions=[{"width": 200}]),
    )
    publish(pipeline)
    functions.update_alias(
        FunctionName=names.function, Name=names.alias, FunctionVersion="2", Description=""
    )
    calls.clear()
    return pipeline


def serving(pipeline: Pipeline) -> str:
    """The version that is served."""
    live = served(pipeline.aws, pipeline.names.function, pipeline.names.alias)
    return str((live or {})["FunctionVersion"])


def answers(faults: Faults, *versions: str) -> None:
    """Let these versions answer, one after the other."""
    for version in versions:
        body = {"StatusCode": 200, "Payload": io.BytesIO(b"{}"), "ExecutedVersion": version}
        faults.answer("Invoke", body)


def test_what_would_come_back_is_shown_and_nothing_is_changed(
    changed: Pipeline, calls: Calls
) -> None:
    """Number, when, by whom, code, and the settings in their own words, now -> then."""
    past = rollback.past(changed)
    assert (past.serving, past.version, past.by) == ("2", "1", "Made by imgpipe")
    assert datetime.now(UTC) - past.made < timedelta(minutes=5)
    assert {change.key: (change.old, change.new) for change in past.changes} == {
        "memory": (1024, 448),
        "runtime": ("python3.14", "python3.12"),
        "picture.width": (200, 100),
    }
    text = "\n".join(map(str, render.found(past, PAPER)))
    for words in ("version 2", "version 1", past.code, "[picture] width  200 -> 100"):
        assert words in text
    assert "default" not in text
    assert calls.mutating == []


def test_it_is_started_before_and_after_it_is_served(
    changed: Pipeline, faults: Faults, sent: Sent
) -> None:
    """The version by its number, then the alias; nothing else is touched."""
    answers(faults, "1", "1")
    sent.clear()
    done = rollback.roll_back(changed, rollback.past(changed))
    assert (done.start.starts, done.start.version) == (True, "1")
    assert serving(changed) == "1"
    writes = [(name, sent.of(name)) for name in ("UpdateAlias", "Invoke")]
    assert [call["Qualifier"] for call in dict(writes)["Invoke"]] == ["1", "live"]
    order = [name for name, _ in sent if name in {"UpdateAlias", "Invoke"}]
    assert order == ["Invoke", "UpdateAlias", "Invoke"]


def test_an_alias_that_starts_the_newer_one_for_a_moment_is_waited_for(
    changed: Pipeline, faults: Faults, clock: Clock
) -> None:
    """Not every part of Lambda knows it at once."""
    answers(faults, "1", "2", "2", "1")
    done = rollback.roll_back(changed, rollback.past(changed))
    assert done.start.version == "1"
    assert len(clock.naps) == 2


def test_what_does_not_start_either_is_not_served(changed: Pipeline, faults: Faults) -> None:
    """Better the newest than one of which it is known that it does nothing."""
    faults.fail("Invoke", "KMSAccessDeniedException", "Lambda was unable to decrypt", status=502)
    with pytest.raises(ServiceError, match="version 1 does not start either; version 2 goes on"):
        rollback.roll_back(changed, rollback.past(changed))
    assert serving(changed) == "2"


def test_what_is_gone_meanwhile_is_not_served(changed: Pipeline, faults: Faults) -> None:
    """Somebody deleted it between the question and the answer."""
    past = rollback.past(changed)
    faults.fail("Invoke", "ResourceNotFoundException", "Function not found", status=404)
    with pytest.raises(ServiceError, match="version 1 is gone"):
        rollback.roll_back(changed, past)
    assert serving(changed) == "2"


@pytest.mark.parametrize("code", ["AccessDeniedException", "TooManyRequestsException"])
def test_who_cannot_try_it_brings_it_back_all_the_same(
    changed: Pipeline, faults: Faults, code: str
) -> None:
    """The permission to invoke is missing, or every execution is taken, which may be the reason."""
    faults.fail("Invoke", code, "no", status=403, times=2)
    done = rollback.roll_back(changed, rollback.past(changed))
    assert done.start.starts is None
    assert serving(changed) == "1"
    assert "not known" in "\n".join(map(str, render.VIEW.text(done, PAPER)))


def test_a_second_rollback_finds_nothing_older(changed: Pipeline, faults: Faults) -> None:
    """And says what brings the newest again."""
    answers(faults, "1", "1")
    rollback.roll_back(changed, rollback.past(changed))
    with pytest.raises(ImgpipeError, match="rolled back to version 1 already") as caught:
        rollback.past(changed)
    assert caught.value.next == ("setup",)


def test_before_a_second_version_there_is_nothing_older(pipeline: Pipeline) -> None:
    """It comes with the first change."""
    with pytest.raises(ImgpipeError, match="nothing older than version 1"):
        rollback.past(pipeline)


def test_a_version_that_never_served_is_not_brought_back(changed: Pipeline) -> None:
    """It failed its self-test, and is newer than what is served."""
    functions, name = changed.aws.client("lambda"), changed.names.function
    functions.update_function_configuration(FunctionName=name, MemorySize=2048)
    publish(changed)
    assert rollback.past(changed).version == "1"


def test_an_alias_that_was_pointed_at_no_version_goes_to_the_newest(changed: Pipeline) -> None:
    """By hand: the last that was published is the last that is known to work."""
    changed.aws.client("lambda").update_alias(
        FunctionName=changed.names.function, Name=changed.names.alias, FunctionVersion="$LATEST"
    )
    past = rollback.past(changed)
    assert (past.serving, past.version) == ("$LATEST", "2")


def test_what_is_not_there_or_not_ours_is_refused(changed: Pipeline, calls: Calls) -> None:
    """Somebody else's function under our name is not touched."""
    functions, names = changed.aws.client("lambda"), changed.names
    arn = functions.get_function(FunctionName=names.function)["Configuration"]["FunctionArn"]
    functions.untag_resource(Resource=arn, TagKeys=[OWNER_TAG])
    with pytest.raises(NotOursError):
        rollback.past(changed)
    functions.tag_resource(Resource=arn, Tags={OWNER_TAG: "default"})
    functions.delete_alias(FunctionName=names.function, Name=names.alias)
    with pytest.raises(NotSetUpError):
        rollback.past(changed)
    functions.delete_function(FunctionName=names.function)
    with pytest.raises(NotSetUpError):
        rollback.past(changed)
    assert "UpdateAlias" not in calls
