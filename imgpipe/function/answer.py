"""What Lambda answers to an invocation: the function's result, or why there is none."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

NO_REASON: Final = "no reason given"
NEVER_RAN: Final = "it waited too long for its turn and never ran"

# "2026-07-09T06:05:50.562Z 8f5... Task timed out", "RequestId: 8f5... Error: Runtime exited": what
# differs from one occurrence to the next.
_PREFIX: Final = re.compile(
    r"(?:\d{4}-\d\d-\d\dT\S+ )?(?:RequestId: )?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"(?: Error:)? "
)
_DENIED: Final = (
    "the role lacks that permission: look for a permissions boundary or a service control policy"
)
_MEMORY: Final = "give the function more memory"
# What Lambda, or the function, says of a failure, and what helps. The first row that fits counts.
_CAUSES: Final = {
    "AccessDenied": _DENIED,
    "not authorized": _DENIED,
    "No module named 'PIL'": "it has no layer with Pillow in it; check --pillow-layer-arn",
    "ImportModuleError": "the layer does not fit the function's processor or Python: check "
    "'architecture' and 'runtime' in imgpipe.toml and --pillow-layer-arn",
    "Task timed out": "give the function more memory or time",
    "signal: killed": _MEMORY,
    "out of memory": _MEMORY,
    "OutOfMemory": _MEMORY,
    "MemoryError": _MEMORY,
    NEVER_RAN: "AWS runs too few functions at once here; that quota can be raised",
}


def result_of(answer: Mapping[str, Any]) -> Any:
    """Return the function's result from ``Invoke``'s answer; one that is no JSON stays text."""
    payload = answer["Payload"].read()
    try:
        return json.loads(payload) if payload else None
    except ValueError:
        return payload.decode(errors="replace")


def reason_of(result: Any) -> str:
    """Return in a line type and message of the failure that Lambda describes in a result's place.

    A timeout may have no type, and a runtime that crashed may say nothing at all.
    """
    told = result if isinstance(result, Mapping) else {}
    kind, message = (str(told.get(name) or "") for name in ("errorType", "errorMessage"))
    message = _PREFIX.sub("", " ".join(message.split()), count=1)
    return ": ".join(filter(None, (kind, message))) or NO_REASON


def hint_for(reason: str) -> str:
    """Return what helps against ``reason``, in words; empty where only the log can tell."""
    return next((hint for words, hint in _CAUSES.items() if words in reason), "")
