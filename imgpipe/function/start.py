"""Whether the function starts: one invocation of it that asks for nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from handler.event import empty_event
from imgpipe.aws.errors import absent, denied, error_code, translation
from imgpipe.errors import ImgpipeError, ServiceError
from imgpipe.function.answer import hint_for, reason_of, result_of

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

_BUSY: Final = "TooManyRequestsException"


@dataclass(frozen=True)
class Start:
    """What became of an attempt: the ``version`` that answered, or the ``error`` that came instead.

    ``starts`` is ``None`` where that could not be found out, such as without the permission.
    """

    starts: bool | None
    version: str = ""
    error: ImgpipeError | None = None


def start(aws: Aws, function: str, qualifier: str) -> Start | None:
    """Start a version, or an alias, of ``function`` on an event of no objects.

    (``lambda:InvokeFunction``; the function reads and writes nothing but its log.) ``None`` = there
    is no such function, version or alias.
    """
    invoke, payload = aws.invoker.invoke, json.dumps(empty_event()).encode()
    try:
        answer = invoke(FunctionName=function, Qualifier=qualifier, Payload=payload)
    except ClientError as error:
        if absent(error):
            return None
        known = not denied(error) and error_code(error) != _BUSY
        return Start(starts=False if known else None, error=translation(error))
    version, result = str(answer.get("ExecutedVersion", qualifier)), result_of(answer)
    if "FunctionError" in answer:
        return Start(starts=False, version=version, error=_failure(reason_of(result)))
    return Start(starts=True, version=version)


def _failure(reason: str) -> ServiceError:
    return ServiceError(
        f"the function does not start: {reason}",
        hint=hint_for(reason),
        next=("setup", "rollback", "logs --since 10m"),
    )
