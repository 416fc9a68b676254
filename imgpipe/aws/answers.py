"""Every answer of AWS's: looked at before botocore reads it, and told."""

from __future__ import annotations

import json
import logging
from typing import Any, Final

from botocore.parsers import ResponseParserError, ResponseParserFactory

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


def require_json(operation_model: Any, response_dict: dict[str, Any], **_: object) -> None:
    """Refuse a proxy's page, half an answer or a damaged one before botocore reads it.

    It would take them for an answer without content, or fail as only a bug may. Of XML it raises
    the same error itself. A refusal goes by its status, whatever is in it.

    Raises:
        ResponseParserError: it is no JSON object.
    """
    refused = response_dict["status_code"] >= _NO_SUCCESS
    is_json = operation_model.service_model.resolved_protocol in {"json", "rest-json"}
    if not is_json or (operation_model.has_streaming_output and not refused):
        return
    body = response_dict["body"]
    if body.strip() in _NOTHING or _is_object(body):
        return
    if not refused:
        name = operation_model.name
        raise ResponseParserError(f"{name} was answered with something else than JSON")
    response_dict["body"] = b""


class Parsers(ResponseParserFactory):  # type: ignore[misc]
    """botocore's parsers, where whatever one stumbles over is an answer that cannot be read.

    Of a damaged answer they raise what Python does: at bytes that are no text, a date that is none,
    a number with a letter in it.
    """

    def create_parser(self, protocol_name: str) -> Any:
        """Return the parser of a protocol."""
        parser = super().create_parser(protocol_name)
        parse = parser.parse

        def parsed(response: dict[str, Any], shape: Any) -> Any:
            try:
                return parse(response, shape)
            except (ValueError, LookupError, TypeError, AttributeError) as error:
                raise ResponseParserError(f"an answer cannot be read: {error}") from error

        parser.parse = parsed
        return parser


def _is_object(body: bytes) -> bool:
    try:
        return isinstance(json.loads(body), dict)
    except ValueError:  # UnicodeDecodeError is one
        return False
