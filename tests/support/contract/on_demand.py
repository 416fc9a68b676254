"""What leads from CloudFront to a function: its URL, and the permission to call that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from imgpipe.resources.function_url import FunctionUrl
from imgpipe.resources.permission import EdgePermission
from tests.support.contract import Case, Drift
from tests.support.contract.function import DISOWNED, FUNCTION
from tests.support.stand_ins import Given

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

_NAME: Final = FUNCTION.resource.name
_AROUND: Final = (*FUNCTION.needed, FUNCTION.resource)
_SID: Final = "imgpipe-cloudfront-InvokeFunctionUrl"
_ARN: Final = "arn:aws:cloudfront::123456789012:distribution/E1"
_DISTRIBUTION: Final = Given("distribution", (("Arn", _ARN),))


def _lambda(operation: str, **parameters: Any) -> Any:
    return lambda aws: getattr(aws.client("lambda"), operation)(FunctionName=_NAME, **parameters)


FUNCTION_URL: Final = Case(
    FunctionUrl(f"{_NAME} URL", function=FUNCTION.resource),
    _AROUND,
    {
        "open to all": Drift(
            _lambda("update_function_url_config", AuthType="NONE"), ("UpdateFunctionUrlConfig",)
        )
    },
    remove=_lambda("delete_function_url_config"),
    theirs=DISOWNED,
)


def _permit(**change: str) -> Drift:
    """Put another statement in the place of ours."""
    statement = {
        "StatementId": _SID,
        "Action": "lambda:InvokeFunctionUrl",
        "Principal": "cloudfront.amazonaws.com",
        "SourceArn": _ARN,
        **change,
    }

    def by_hand(aws: Aws) -> None:
        _lambda("remove_permission", StatementId=_SID)(aws)
        _lambda("add_permission", **statement)(aws)

    return Drift(by_hand, ("RemovePermission", "AddPermission"))


EDGE_PERMISSION: Final = Case(
    EdgePermission(
        _SID,
        function=FUNCTION.resource,
        distribution=_DISTRIBUTION,
        action="InvokeFunctionUrl",
    ),
    (*_AROUND, _DISTRIBUTION),
    {
        "any distribution": _permit(SourceArn="arn:aws:cloudfront::123456789012:distribution/*"),
        "action": _permit(Action="lambda:InvokeFunction"),
        "service": _permit(Principal="sns.amazonaws.com"),
    },
    remove=_lambda("remove_permission", StatementId=_SID),
    theirs=DISOWNED,
)
CASES = (FUNCTION_URL, EDGE_PERMISSION)
