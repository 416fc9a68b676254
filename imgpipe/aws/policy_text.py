"""A policy's document as one text, and two of them compared."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from botocore.parsers import ResponseParserError

if TYPE_CHECKING:
    from imgpipe.aws.policies import Policy


def canonical(policy: Policy) -> str:
    """Return ``policy`` as JSON that is always the same text for the same policy."""
    return json.dumps(policy, sort_keys=True, separators=(",", ":"))


def document(text: str) -> Policy:
    """Return the policy that AWS gave as a ``text`` within its answer.

    Raises:
        ResponseParserError: it is no policy, but half of one, or damaged on its way.
    """
    try:
        policy = json.loads(text)
    except ValueError as error:
        raise ResponseParserError(f"a policy cannot be read: {error}") from error
    if not isinstance(policy, dict) or "Statement" not in policy:
        raise ResponseParserError("a policy cannot be read: it has no statements")
    return policy


def normalised(policy: Any) -> Any:
    """Return ``policy``, or a part of it, so that two which mean the same are equal.

    AWS and its emulators may give a list of one back as its element, a list in another order, and a
    boolean as a text.
    """
    if isinstance(policy, dict):
        return {name: normalised(value) for name, value in policy.items()}
    if isinstance(policy, list):
        values = sorted(
            (normalised(value) for value in policy),
            key=lambda value: json.dumps(value, sort_keys=True),
        )
        return values[0] if len(values) == 1 else values
    return str(policy).lower() if isinstance(policy, bool) else policy
