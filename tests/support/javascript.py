"""The edge's JavaScript in two engines: what it makes of many requests, one after another."""

from __future__ import annotations

import hmac
import json
import subprocess
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import pytest

from tests.support.tools import found, needs

Request = dict[str, Any]
Engine = Callable[[str, Iterable[Request]], list[Any]]
Keys = Mapping[str, str]
SigningEngine = Callable[[str, Keys, Iterable[Request]], list[Any]]

_RUN: Final = "\nfunction run(text) { return JSON.stringify(JSON.parse(text).map(handler)); }\n"
_AWAIT: Final = """
const events = JSON.parse(require('fs').readFileSync(0, 'utf8'));
Promise.all(events.map(handler)).then(done => console.log(JSON.stringify(done)));
"""
_IMPORTS: Final = "import cf from 'cloudfront';\nimport crypto from 'crypto';\n"
# What takes the place of the runtime's own modules: a store with these keys, and HMAC.
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-custom-methods.html
_STORE: Final = """const keys = new Map(Object.entries(%s));
const cf = { kvs: () => ({ get: async name => {
  if (!keys.has(name)) throw new Error('KeyNotFound');
  return keys.get(name);
} }) };
"""
_NODES_CRYPTO: Final = "const crypto = require('crypto');\n"
# QuickJS has none: Python's, in the shape that is documented.
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-javascript-runtime-20.html#writing-functions-javascript-features-builtin-modules-crypto-20
_PYTHONS_CRYPTO: Final = """const crypto = { createHmac: (algorithm, key) => {
  let text = '';
  const made = {
    update: data => { text += data; return made; },
    digest: encoding => digested(algorithm, key, text, encoding),
  };
  return made;
} };
"""
_BEGIN: Final = """
var told = null;
function begin(text) {
  Promise.all(JSON.parse(text).map(handler)).then(
    done => { told = JSON.stringify(done); },
    error => { told = JSON.stringify(String(error)); },
  );
}
"""
_ALGORITHMS: Final = ("md5", "sha1", "sha256")
_ENCODINGS: Final[Mapping[str, Callable[[bytes], str]]] = {
    "hex": bytes.hex,
    "base64": lambda digest: b64encode(digest).decode(),
    "base64url": lambda digest: urlsafe_b64encode(digest).decode().rstrip("="),
}
_SECONDS: Final = 60


def request(
    path: str, query: Mapping[str, object] | None = None, accept: str | None = None
) -> Request:
    """The event of a viewer's request, as far as it matters.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html
    """
    values = {name: {"value": str(value)} for name, value in (query or {}).items()}
    headers = {"accept": {"value": accept}} if accept is not None else {}
    return {"request": {"method": "GET", "uri": path, "querystring": values, "headers": headers}}


def _node(code: str, requests: Iterable[Request]) -> list[Any]:
    command = [found("node"), "-e", code + _AWAIT]
    text = json.dumps(list(requests))
    done = subprocess.run(
        command, input=text, capture_output=True, text=True, timeout=_SECONDS, check=True
    )
    return list(json.loads(done.stdout))


def _with_modules(code: str, keys: Keys, crypto: str) -> str:
    assert code.startswith(_IMPORTS)
    return f"{crypto}{_STORE % json.dumps(dict(keys))}{code.removeprefix(_IMPORTS)}"


def _signed_in_node(code: str, keys: Keys, requests: Iterable[Request]) -> list[Any]:
    return _node(_with_modules(code, keys, _NODES_CRYPTO), requests)


def _signed_in_quickjs(code: str, keys: Keys, requests: Iterable[Request]) -> list[Any]:
    quickjs = pytest.importorskip("quickjs")
    context = quickjs.Context()
    context.add_callable("digested", digested)
    context.eval(_with_modules(code, keys, _PYTHONS_CRYPTO) + _BEGIN)
    context.get("begin")(json.dumps(list(requests)))
    while context.execute_pending_job():
        pass
    done = json.loads(context.get("told"))
    assert isinstance(done, list), done
    return done


def digested(algorithm: str, key: str, text: str, encoding: str) -> str:
    """Return the HMAC that the runtime documents; ``KeyError``, ``ValueError`` for any other."""
    if algorithm not in _ALGORITHMS:
        raise ValueError(algorithm)
    return _ENCODINGS[encoding](hmac.digest(key.encode(), text.encode(), algorithm))


def _quickjs(code: str, requests: Iterable[Request]) -> list[Any]:
    quickjs = pytest.importorskip("quickjs")
    run = quickjs.Function("run", code + _RUN)
    return list(json.loads(run(json.dumps(list(requests)))))


ENGINES: Final = [
    pytest.param(_node, id="node", marks=needs("node")),
    pytest.param(_quickjs, id="quickjs"),
]
SIGNING_ENGINES: Final = [
    pytest.param(_signed_in_node, id="node", marks=needs("node")),
    pytest.param(_signed_in_quickjs, id="quickjs"),
]
