"""Running the function by hand, on an event or on one picture, and seeing what it says."""

from __future__ import annotations

import base64
import json
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from imgpipe.aws.errors import absent, error_code
from imgpipe.errors import PartialError, ServiceError, UsageError, not_set_up
from imgpipe.function.answer import reason_of, result_of
from imgpipe.function.lines import LogLine, line

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from imgpipe.aws.account import Aws


# How long a concurrency that is used up is waited for.
_THROTTLED_SECONDS: Final = 60.0


@dataclass(frozen=True)
class Invocation:
    """What the function returned and said, and the seconds it took from here.

    ``result`` is any JSON, ``log`` the last 4 KB.

    ``failed`` says that the function raised or was cut off; ``result`` is then Lambda's description
    of it.
    """

    result: Any
    failed: bool
    log: tuple[LogLine, ...]
    seconds: float


def read_event(path: Path) -> Any:
    """Return the JSON in the file ``path``, or on standard input for ``-``.

    ``UsageError`` says what is wrong with it.
    """
    try:
        return json.loads(
            sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
        )
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror}",
            hint="name a file with an event in it, or - for standard input",
        ) from error
    except (ValueError, RecursionError) as error:
        raise UsageError(
            f"{path} is not JSON: {error}",
            hint="an event is one JSON value, such as the guide's test event",
        ) from error


def invoke(aws: Aws, function: str, alias: str, event: Any) -> Invocation:
    """Invoke what ``alias`` serves on ``event`` and wait for its end (``lambda:InvokeFunction``).

    Raises:
        NotSetUpError: there is no such function or alias.
    """
    began = aws.clock()
    try:
        invoke, payload = aws.invoker.invoke, json.dumps(event).encode()
        # Refused for want of capacity, it did not run; any other failure may mean that it did.
        answer = aws.retry(
            lambda: invoke(FunctionName=function, Qualifier=alias, LogType="Tail", Payload=payload),
            lambda error: error_code(error) == "TooManyRequestsException",
            seconds=_THROTTLED_SECONDS,
        )
    except ClientError as error:
        if absent(error):
            raise not_set_up() from error
        raise
    failed, seconds = "FunctionError" in answer, aws.clock() - began
    return Invocation(result_of(answer), failed, _log(answer), seconds)


def start(aws: Aws, function: str, alias: str, event: Any) -> datetime:
    """Let what ``alias`` serves run on ``event`` (``lambda:InvokeFunction``); return AWS's time.

    That is in UTC, to the second. Nothing is waited for: Lambda queues the event, tries it three
    times, and then sends it to the failure queue, as an event of S3's.
    """
    payload = json.dumps(event).encode()
    answer = aws.client("lambda").invoke(
        FunctionName=function, Qualifier=alias, InvocationType="Event", Payload=payload
    )
    return parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])


def at_once(aws: Aws) -> int:
    """Return how many functions the account may run at once here (``lambda:GetAccountSettings``).

    New accounts have far fewer than the usual 1,000:
    https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
    """
    limit = aws.client("lambda").get_account_settings()["AccountLimit"]
    return int(limit["UnreservedConcurrentExecutions"])


def raise_for_failures(invocation: Invocation) -> None:
    """Raise if the invocation did not process what it was given.

    Raises:
        ServiceError: the function failed.
        PartialError: a picture was rejected, or is not in the source bucket.
    """
    told = invocation.result if isinstance(invocation.result, dict) else {}
    if invocation.failed:
        raise ServiceError(
            f"the function failed: {reason_of(told)}",
            hint="its log says more",
            next=("logs --all",),
        )
    if rejected := told.get("rejected"):
        raise PartialError(f"rejected: {'; '.join(rejected)}")
    if missing := told.get("missing"):
        names = ", ".join(missing)
        raise PartialError(f"not in the source bucket: {names}", next=("upload PHOTO",))


def _log(answer: Mapping[str, Any]) -> tuple[LogLine, ...]:
    """Lambda gives the log's last 4 KB without CloudWatch's times: the present stands in."""
    text = base64.b64decode(answer.get("LogResult", "")).decode(errors="replace")
    now = int(datetime.now(UTC).timestamp() * 1000)
    return tuple(line({"timestamp": now, "message": said}) for said in text.split("\n") if said)
