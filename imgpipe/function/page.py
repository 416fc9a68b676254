"""The page's function, asked to bring the page's data to what the table says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from handler.page_settings import PageSettings
from handler.schema import PAGE
from imgpipe.aws.errors import or_none
from imgpipe.errors import ServiceError
from imgpipe.function.answer import hint_for
from imgpipe.function.first_invocation import first_invocation

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws


def is_public(aws: Aws, function: str) -> bool:
    """Say whether ``function`` is there and keeps a page (``lambda:GetFunctionConfiguration``).

    Settings that are read here may be others than those it was deployed with.
    """
    get = aws.client("lambda").get_function_configuration
    live = or_none(lambda: get(FunctionName=function))
    told = live["Environment"]["Variables"] if live else {}
    return bool(live) and PageSettings.from_json(told.get(PAGE, "{}")).public


def portions(aws: Aws, function: str, *kinds: str) -> Iterator[Mapping[str, Any]]:
    """Let ``function`` do one kind of event after another; yield what it says of each portion.

    ``handler.event.COMPARE`` takes off the page what has no row, ``FILL`` puts there what has one.

    Raises:
        ServiceError: the function could not do it.
    """
    for kind in kinds:
        cursor: Any = {}
        while cursor is not None:
            answer = _portion(aws, function, {kind: cursor})
            yield answer
            cursor = answer[kind] or None


def _portion(aws: Aws, function: str, event: Mapping[str, Any]) -> Mapping[str, Any]:
    if aws.interrupted.is_set():
        raise KeyboardInterrupt
    answer = first_invocation(aws, {"FunctionName": function}, event, what="the page's data")
    if reason := answer.get("failure"):
        raise ServiceError(
            f"{function} could not write the page's data: {reason}",
            hint=hint_for(reason),
            next=("logs --since 10m",),
        )
    return answer
