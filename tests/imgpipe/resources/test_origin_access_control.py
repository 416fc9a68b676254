"""The origin access control: deleted only once nobody uses it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgpipe.resources.origin_access_control import OriginAccessControl
from tests.support.stand_ins import create

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from tests.support.account import Calls, Clock, Faults

CONTROL = OriginAccessControl("imgpipe-default-eu-west-1")


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
