"""CloudFront Functions as moto has them not: changed in one stage, published to another."""

from __future__ import annotations

import io
import re
from base64 import b64decode
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from moto.cloudfront.models import cloudfront_backends

Answer = tuple[object, dict[str, Any]]


class EdgeFunctions:
    """What takes the place of the operations that moto lacks; the rest stays moto's."""

    def answer(self, model: Any, params: Any, **_: object) -> Answer | None:
        """Receive ``before-call``; a returned answer takes the place of the call."""
        if model.service_model.service_name != "cloudfront":
            return None
        name = params["url_path"].split("/")[-1 if model.name != "PublishFunction" else -2]
        if model.name == "GetFunction" and params["query_string"].get("Stage") == "LIVE":
            return _published(_function(name))
        if model.name in {"UpdateFunction", "PublishFunction"}:
            return _changed(_function(name), params, publish=model.name == "PublishFunction")
        return None


def _function(name: str) -> Any:
    return cloudfront_backends["123456789012"]["aws"].functions.get(name)


def _published(function: Any) -> Answer:
    if function is None or not hasattr(function, "published"):
        return _refusal(404, "NoSuchFunctionExists")
    return _success(FunctionCode=io.BytesIO(function.published))


def _changed(function: Any, params: Any, *, publish: bool) -> Answer:
    if function is None:
        return _refusal(404, "NoSuchFunctionExists")
    if params["headers"]["If-Match"] != function.etag:
        return _refusal(412, "PreconditionFailed")
    if publish:
        function.published = _code(function.code)
    else:
        text = params["body"].decode()
        (coded,) = re.findall("<FunctionCode>(.*)</FunctionCode>", text, re.DOTALL)
        (runtime,) = re.findall("<Runtime>(.*)</Runtime>", text)
        function.code, function.etag = b64decode(coded), uuid4().hex
        function.config = {**function.config, "Runtime": runtime}
    return _success(ETag=function.etag)


def _code(code: bytes | str) -> bytes:
    """Return the code as bytes: moto keeps it as it came."""
    return b64decode(code) if isinstance(code, str) else code


def _success(**answer: Any) -> Answer:
    return SimpleNamespace(status_code=200, content=b""), {**answer, "ResponseMetadata": {}}


def _refusal(status: int, code: str) -> Answer:
    return SimpleNamespace(status_code=status, content=b""), {
        "Error": {"Code": code},
        "ResponseMetadata": {},
    }
