"""What a request asks IAM for, where ministack has it otherwise: action, resource, conditions."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import unquote

from ministack.core import iam_actions
from ministack.core.responses import get_account_id, get_region
from ministack.services import lambda_svc

# The operations that IAM has another name for; ministack takes Lambda's by their paths, so that who
# may list aliases could change one.
_RENAMED: Final = {
    "lambda:Invoke": "lambda:InvokeFunction",
    "lambda:GetLayerVersionByArn": "lambda:GetLayerVersion",
    "cloudfront:CreateDistributionWithTags": "cloudfront:CreateDistribution",
}
_FUNCTION: Final = "lambda:FunctionArn"
_KEYS: Final = "cloudfront-keyvaluestore"
# By the method, and whether it is about keys: ministack takes the ARN in a path for several parts.
_KEY_ACTIONS: Final = {
    ("GET", False): "DescribeKeyValueStore",
    ("GET", True): "GetKey",
    ("POST", True): "UpdateKeys",
    ("PUT", True): "PutKey",
    ("DELETE", True): "DeleteKey",
}
_STORE: Final = re.compile(r"arn:[^/]+/[^/]+")

Request = Mapping[str, Any]


def action(found: Callable[..., str | None]) -> Callable[..., str | None]:
    """Return ``found``, which names the action of a request, with Lambda's and CloudFront's."""

    def named(service: str, method: str, path: str, *rest: Any) -> str | None:
        if service == _KEYS:
            return f"{service}:{_KEY_ACTIONS[method, '/keys' in path]}"
        operation = (
            iam_actions._match_rest_action(service, method, path, rest[-1])
            if service in {"lambda", "cloudfront"}
            else None
        )
        # What is not found would be allowed.
        if operation is None:
            return found(service, method, path, *rest)
        called = f"{service}:{operation}"
        return _RENAMED.get(called, called)

    return named


def resource(found: Callable[..., str]) -> Callable[..., str]:
    """Return ``found``, which says what a request is about, with what it leaves out."""

    def about(service: str, method: str, path: str, *rest: Any) -> str:
        arn = found(service, method, path, *rest)
        parts, query = [unquote(part) for part in path.split("/") if part], rest[2]
        if service == "dynamodb" and arn == "*":
            return str(json.loads(rest[1] or b"{}").get("ResourceArn", arn))
        if service == "lambda" and method == "POST" and parts[-1] == "functions":
            return _arn(json.loads(rest[1])["FunctionName"])
        if service == "lambda" and "layers" in parts:
            return _layer(arn, parts, query)
        if service == _KEYS:
            return str(_STORE.findall(unquote(path))[0])
        if service == "cloudfront":
            return _of_cloudfront(arn, parts, query, f"arn:aws:cloudfront::{rest[4]}", rest[1])
        return arn

    return about


def _of_cloudfront(arn: str, parts: list[str], query: Request, account: str, body: bytes) -> str:
    if "origin-access-control" in parts[:-1]:
        return f"{account}:origin-access-control/{parts[2]}"
    if "key-value-store" in parts[1:2]:
        return f"{account}:key-value-store/{(*parts[2:], _named(body))[0]}"
    if "function" in parts[1:2]:
        return f"{account}:function/{(*parts[2:], _named(body))[0]}"
    return _first(query, "Resource") if "tagging" in parts else arn


def _named(body: bytes) -> str:
    """Return what the edge function is called that a request's XML is to make."""
    found = re.search(rb"<Name>([^<]*)</Name>", body or b"")
    return found[1].decode() if found else ""


def lets_the_edge_in(resolved: tuple[Any, ...], distribution: str) -> bool:
    """Say whether the policy of the function behind a URL lets ``distribution`` call it."""
    account, region, name, *_ = resolved
    function = lambda_svc._functions.get_scoped(account, region, name) or {}
    allowed = {
        each["Action"]
        for each in function.get("policy", {}).get("Statement", [])
        if each["Principal"] == {"Service": "cloudfront.amazonaws.com"}
        and distribution in each.get("Condition", {}).get("ArnLike", {}).values()
    }
    return allowed >= {"lambda:InvokeFunctionUrl", "lambda:InvokeFunction"}


def _layer(arn: str, parts: list[str], query: Request) -> str:
    if _first(query, "Arn"):
        return _first(query, "Arn")
    return f"{arn}:{parts[-1]}" if parts[-2] == "versions" else arn


def _first(query: Request, name: str) -> str:
    values = query.get(name, "")
    return str(values[0] if isinstance(values, list) else values)


def context(found: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Return ``found``, which says on what conditions, with the function that a mapping starts."""

    def conditions(service: str, name: str, body: bytes, query: Request) -> dict[str, Any]:
        keys = found(service, name, body, query)
        if name == "lambda:CreateEventSourceMapping":
            return {**keys, _FUNCTION: _arn(json.loads(body)["FunctionName"])}
        return keys

    return conditions


def enforce(found: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``found``, which decides, told of the function that a mapping there is starts."""

    def decided(
        *request: Any, resource_arn: str = "*", service_context: Request | None = None
    ) -> Any:
        conditions = {**(service_context or {})}
        kind, _, mapping = resource_arn.rpartition(":")
        if kind.endswith(":event-source-mapping") and mapping in lambda_svc._esms:
            conditions[_FUNCTION] = lambda_svc._esms[mapping]["FunctionArn"]
        return found(*request, resource_arn=resource_arn, service_context=conditions)

    return decided


def _arn(function: str) -> str:
    if function.startswith("arn:"):
        return function
    return f"arn:aws:lambda:{get_region()}:{get_account_id()}:function:{function}"
