"""The origin access control: found by name, ours by description, and deleted only once nobody uses it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imgpipe.engine.graph import Action
from imgpipe.errors import NotOursError
from imgpipe.resources.origin_access_control import OriginAccessControl
from tests.support.stand_ins import create, drift, update

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from tests.support.account import Calls, Clock, Engine, Faults

CONTROL = OriginAccessControl("imgpipe-default-eu-west-1")
SETTINGS = {
    "SigningProtocol": "sigv4",
    "SigningBehavior": "always",
    "OriginAccessControlOriginType": "s3",
}


def test_setup_is_one_call_and_then_none(engine: Engine) -> None:
    """What was created reads back as desired; a second setup changes nothing."""
    assert engine.setup(CONTROL).calls == ["CreateOriginAccessControl"]
    again = engine.setup(CONTROL)
    assert (again.action, again.calls) == (Action.NONE, [])
    assert again.live is not None
    assert again.live["Id"]
    assert {name: again.live[name] for name in SETTINGS} == SETTINGS


def test_changed_settings_are_put_back(aws: Aws, calls: Calls) -> None:
    """Requests signed "never" would all be refused by the bucket."""
    create(aws, CONTROL)
    identifier = (CONTROL.read(aws) or {})["Id"]
    changed = {
        "Name": CONTROL.name,
        "Description": CONTROL.description,
        **SETTINGS,
        "SigningBehavior": "never",
    }
    aws.client("cloudfront").update_origin_access_control(
        Id=identifier, OriginAccessControlConfig=changed
    )
    calls.clear()
    assert update(aws, CONTROL) == {"SigningBehavior"}
    assert calls.mutating == ["UpdateOriginAccessControl"]
    assert not drift(aws, CONTROL)


def test_one_of_the_same_name_that_is_not_ours_is_left_alone(
    aws: Aws, engine: Engine, calls: Calls
) -> None:
    """Names are unique in an account; whoever took ours keeps it."""
    aws.client("cloudfront").create_origin_access_control(
        OriginAccessControlConfig={"Name": CONTROL.name, "Description": "theirs", **SETTINGS}
    )
    with pytest.raises(NotOursError):
        engine.setup(CONTROL)
    with pytest.raises(NotOursError):
        engine.teardown(CONTROL)
    assert calls.mutating == []


def test_one_still_in_use_is_tried_again(
    aws: Aws, calls: Calls, clock: Clock, faults: Faults
) -> None:
    """CloudFront takes a while to notice that the distribution is gone."""
    create(aws, CONTROL)
    calls.clear()
    faults.fail("DeleteOriginAccessControl", "OriginAccessControlInUse", status=409, times=2)
    faults.fail("DeleteOriginAccessControl", "PreconditionFailed", status=412)
    CONTROL.delete(aws, CONTROL.read(aws) or {})
    assert calls.count("GetOriginAccessControl") == 4
    assert clock() > 0
    assert CONTROL.read(aws) is None


def test_already_gone_is_success(aws: Aws) -> None:
    """Deleted by somebody else in between."""
    create(aws, CONTROL)
    live = CONTROL.read(aws) or {}
    CONTROL.delete(aws, live)
    CONTROL.delete(aws, live)
