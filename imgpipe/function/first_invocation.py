"""The first invocations of a function, while AWS's parts may not all know of its role yet."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from imgpipe.function.answer import reason_of, result_of

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

# IAM's changes reach S3 and DynamoDB within seconds as a rule, and so does a bucket or table that
# was just made; what is missing for longer is missing.
_PROPAGATION_SECONDS: Final = 120
_PASSING: Final = ("AccessDenied", "not authorized", "NoSuchBucket", "ResourceNotFoundException")


def first_invocation(
    aws: Aws, function: Mapping[str, str], event: Any, *, what: str
) -> dict[str, Any]:
    """Return what a function returned for ``event``, once it no longer fails on what passes.

    Where it failed, ``failure`` says why. ``function`` has its FunctionName, and a Qualifier where
    one is meant; ``what`` names the invocation in errors.
    """
    deadline = aws.clock() + _PROPAGATION_SECONDS
    return aws.settle(
        lambda: _invoke(aws, function, json.dumps(event)),
        lambda answer: not _passing(answer) or aws.clock() >= deadline,
        what=what,
        seconds=_PROPAGATION_SECONDS,
        every=5,
    )


def _invoke(aws: Aws, function: Mapping[str, str], payload: str) -> dict[str, Any]:
    invoke = aws.invoker.invoke
    answer = aws.eventually("lambda", lambda: invoke(**function, Payload=payload))
    result = result_of(answer)
    return {"failure": reason_of(result)} if "FunctionError" in answer else dict(result)


def _passing(answer: Mapping[str, Any]) -> bool:
    """Say whether the function failed on what AWS may not have told all its parts yet."""
    return any(words in answer.get("failure", "") for words in _PASSING)
