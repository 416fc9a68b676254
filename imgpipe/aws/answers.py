"""Every answer of AWS's, as botocore's ``after-call`` hands it on: told, and looked at."""

from __future__ import annotations

import logging
from typing import Any, Final

from botocore.parsers import ResponseParserError

_NO_SUCCESS: Final = 300
# What JSON services answer where an operation returns nothing.
_NOTHING: Final = (b"", b"null")

_log = logging.getLogger(__name__)


def log(http_response: Any, model: Any, **_: object) -> None:
    """Write one line for debugging: which operation, and the answer's status."""
    # Never the request itself: its headers carry signatures, its body may carry a picture.
    _log.debug(
        "%s %s -> %s", model.service_model.service_name, model.name, http_response.status_code
    )


def require_json(http_response: Any, model: Any, **_: object) -> None:
    """Refuse a proxy's page, or half an answer, which botocore takes for an answer without content.

    Of XML it raises the same error itself.

    Raises:
        ResponseParserError: it is no JSON object.
    """
    is_json = model.service_model.protocol in {"json", "rest-json"}
    if not is_json or http_response.status_code >= _NO_SUCCESS or model.has_streaming_output:
        return
    body = http_response.content.strip()
    if body not in _NOTHING and (body[:1], body[-1:]) != (b"{", b"}"):
        raise ResponseParserError(f"{model.name} was answered with something else than JSON")
