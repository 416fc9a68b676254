"""What Lambda answers to an invocation: the function's result, or why there is none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

_DENIED: Final = (
    "the role lacks that permission: look for a permissions boundary or a service control policy"
)
# What Lambda, or the function, says of a failure, and what helps. The first row that fits counts.
_CAUSES: Final = {
    "AccessDenied": _DENIED,
    "not authorized": _DENIED,
    "No module named 'PIL'": "it has no layer with Pillow in it; check --pillow-layer-arn",
    "ImportModuleError": "the layer does not fit the function's processor or Python: check "
    "'architecture' and 'runtime' in imgpipe.toml and --pillow-layer-arn",
    "Task timed out": "give the function more memory or time",
}


def result_of(answer: Mapping[str, Any]) -> Any:
    """Return the function's result from ``Invoke``'s answer; one that is no JSON stays text."""
    payload = answer["Payload"].read()
    try:
        return json.loads(payload) if payload else None
    except ValueError:
        return payload.decode(errors="replace")


def reason_of(result: Any) -> str:
    """Return type and message of the failure that Lambda describes in the place of a result.

    A timeout has no type, and a runtime that crashed may say nothing at all.
    """
    told = result if isinstance(result, dict) else {}
    parts = (str(told[name]) for name in ("errorType", "errorMessage") if told.get(name))
    return ": ".join(parts) or "no reason given"


def hint_for(reason: str) -> str:
    """Return what helps against ``reason``, in words; empty where only the log can tell."""
    return next((hint for words, hint in _CAUSES.items() if words in reason), "")
