"""CloudFront Functions as moto has them not: changed in one stage, published to another."""

from __future__ import annotations

import io
import json
import re
from base64 import b64decode
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

from moto.cloudfront.models import cloudfront_backends

Answer = tuple[object, dict[str, Any]]


class EdgeFunctions:
    """What takes the place of the operations that moto lacks; the rest stays moto's."""

    def answer(self, model: Any, params: Any, **_: object) -> Answer | None:
        """Receive ``before-call``; a returned answer takes the place of the call."""
        if model.service_model.service_name == "cloudfront-keyvaluestore":
            return _keys(model.name, params)
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
        arns = re.findall("<KeyValueStoreARN>(.*?)</KeyValueStoreARN>", text)
        stores = {"Quantity": len(arns), "Items": [{"KeyValueStoreARN": arn} for arn in arns]}
        told = {"Runtime": runtime, "KeyValueStoreAssociations": stores}
        function.config = {**function.config, **told}
    return _success(ETag=function.etag)


def _keys(operation: str, params: Any) -> Answer:
    """Answer of a store's keys, which moto has not."""
    arn, _, key = unquote(params["url_path"]).removeprefix("/key-value-stores/").partition("/keys")
    stores = cloudfront_backends["123456789012"]["aws"].key_value_stores.values()
    store = next((each for each in stores if each.arn == arn), None)
    if store is None:
        return _refusal(404, "ResourceNotFoundException")
    keys = store.__dict__.setdefault("keys", {})
    if operation == "UpdateKeys":
        if params["headers"]["If-Match"] != store.etag:
            return _refusal(409, "ConflictException")
        keys |= {each["Key"]: each["Value"] for each in json.loads(params["body"])["Puts"]}
        store.etag = uuid4().hex
    if operation == "GetKey":
        name = key.lstrip("/")
        if name not in keys:
            return _refusal(404, "ResourceNotFoundException")
        return _success(Key=name, Value=keys[name], ItemCount=len(keys))
    return _success(ItemCount=len(keys), ETag=store.etag, KvsARN=arn)


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
