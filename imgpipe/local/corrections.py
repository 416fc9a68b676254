"""Where ministack does otherwise than AWS, or takes its time, put right within its own process."""

from __future__ import annotations

import os
import re
import shlex
import threading
from functools import wraps
from typing import TYPE_CHECKING, Any

import ministack.app
from ministack.core import cloudfront_js, iam_actions, iam_evaluator
from ministack.services import (
    cloudfront,
    cloudwatch_logs,
    dynamodb,
    lambda_svc,
)

from imgpipe.local import authorization, edges, streams

if TYPE_CHECKING:
    from collections.abc import Callable


class Environments:
    """What functions run in: at most ``limit`` at once, the others wait their turn.

    AWS queues asynchronous events. ministack starts a Python process for each at once, a hundred
    for a hundred pictures, or loses what its own limit refuses.
    """

    def __init__(self, execute: Callable[..., Any], limit: int) -> None:
        self._execute = execute
        self._free = threading.BoundedSemaphore(limit)
        self._pending = 0
        self._changed = threading.Condition()

    def __call__(self, *args: object, **kwargs: object) -> object:
        """Execute one function as ministack would."""
        self._count(1)
        try:
            with self._free:
                return self._execute(*args, **kwargs)
        finally:
            self._count(-1)

    def wait_idle(self, seconds: float) -> None:
        """Return when no function runs or waits, at the latest after ``seconds``."""
        with self._changed:
            self._changed.wait_for(lambda: not self._pending, seconds)

    def _count(self, more: int) -> None:
        with self._changed:
            self._pending += more
            self._changed.notify_all()


class Logs:
    """Write a function's log as ministack does, but only into a group that is there.

    ministack would create the group anew. On AWS the function's role must allow that, and imgpipe's
    does not: else the pictures still on their way when a pipeline is taken away would leave a group
    behind that is nobody's, and stop the next setup.
    """

    def __init__(self, emit: Callable[..., None]) -> None:
        self._emit = emit

    def __call__(self, function: dict[str, Any], *args: object, **kwargs: object) -> None:
        """Write one invocation's lines."""
        named = function.get("config", function).get("LoggingConfig", {}).get("LogGroup")
        if not named or named in cloudwatch_logs._log_groups:
            self._emit(function, *args, **kwargs)


def beyond_the_partition(evaluate: Callable[..., bool]) -> Callable[..., bool]:
    """Return ``evaluate`` less what ministack knows: rows that it found by their partition.

    It holds the condition that named the partition against each of them, which takes seconds.
    """

    def holds(expression: str, *args: object, slot: str = "ConditionExpression") -> bool:
        known = slot == "KeyConditionExpression" and " AND " not in expression.upper()
        return known or evaluate(expression, *args, slot=slot)

    return holds


def as_the_alias_says(invoke: Callable[..., None]) -> Callable[..., None]:
    """Return ``invoke`` for events that fail: ministack asks the version how, not its alias."""

    def invoke_so(function: dict[str, Any], event: object) -> None:
        config = function.get("config", function)
        place = lambda_svc._account_region_from_function_config(config)
        whole = lambda_svc._functions.get_scoped(*place, config["FunctionName"]) or {}
        aliases, settings = whole.get("aliases", {}), whole.get("event_invoke_configs", {})
        said = [
            settings[name]
            for name in aliases.keys() & settings.keys()
            if aliases[name]["FunctionVersion"] == config["Version"]
        ]
        invoke({**function, **({"event_invoke_config": said[0]} if said else {})}, event)

    return invoke_so


def with_its_urls(delete: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``delete`` of a function so that its URLs go, too: the next of its name has none.

    https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html
    """

    @wraps(delete)
    def deleted(name: str, *arguments: Any) -> Any:
        answer = delete(name, *arguments)
        if name not in lambda_svc._functions:
            for key, _ in list(lambda_svc._function_urls.items()):
                if key.partition(":")[0] == name:
                    del lambda_svc._function_urls[key]
        return answer

    return deleted


def any_term(compiled: Callable[[str], Callable[[str], bool]]) -> Callable[[str], Any]:
    """Return ``compiled``, which wants all terms of a filter, for filters such as ``?a ?"b c"``."""

    def matcher(pattern: str) -> Callable[[str], bool]:
        terms = [term[1:] for term in shlex.split(pattern)] if pattern[:1] == "?" else []
        return (lambda line: any(term in line for term in terms)) if terms else compiled(pattern)

    return matcher


def any_character(compiled: Callable[..., re.Pattern[str]]) -> Callable[..., re.Pattern[str]]:
    """Return ``compiled`` so that IAM's wildcards stand for a line's end, too: a key may have one.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
    """

    def whole(pattern: str, ignore_case: bool) -> re.Pattern[str]:  # noqa: FBT001 - ministack's
        found = compiled(pattern, ignore_case)
        return re.compile(rf"{found.pattern[:-1]}\Z", found.flags | re.DOTALL)

    return whole


def is_root(access_key: str) -> bool:
    """Say whether a key is the root's.

    Ours, or none on an anonymous request, which ministack refuses wherever AWS would.

    ministack itself takes "test", any 12 digits and credentials it cannot read for the root's, and
    checks no root's signature.
    """
    return (
        access_key == os.environ["AWS_ACCESS_KEY_ID"]
        if access_key
        else iam_evaluator._anonymous.get()
    )


def install(concurrency: int) -> Environments:
    """Put all of it into ministack; return what functions run in from now on."""
    environments = Environments(lambda_svc._execute_function, limit=concurrency)
    lambda_svc._execute_function = environments
    lambda_svc._emit_lambda_logs = Logs(lambda_svc._emit_lambda_logs)
    lambda_svc.invoke_async_with_retry = as_the_alias_says(lambda_svc.invoke_async_with_retry)
    lambda_svc._delete_function = with_its_urls(lambda_svc._delete_function)
    dynamodb._evaluate_condition = beyond_the_partition(dynamodb._evaluate_condition)
    dynamodb.get_state = streams.saved(dynamodb.get_state)
    dynamodb.load_persisted_state = streams.restored(dynamodb.load_persisted_state)
    hosts = ministack.app._parse_cloudfront_dataplane_host
    ministack.app._parse_cloudfront_dataplane_host = edges.by_names_of_ones_own(hosts)
    cloudfront.live_function_code = edges.with_keys(cloudfront.live_function_code)
    cloudfront_js._EVAL_TIMEOUT = edges.PATIENCE_SECONDS
    cloudfront._fetch_from_origin = edges.signed_by_the_edge(cloudfront._fetch_from_origin)
    filters = cloudwatch_logs._compile_filter_pattern
    cloudwatch_logs._compile_filter_pattern = any_term(filters)
    iam_evaluator.is_root_access_key = is_root
    iam_evaluator._fnmatch_compile = any_character(iam_evaluator._fnmatch_compile)
    iam_evaluator.enforce = authorization.enforce(iam_evaluator.enforce)
    iam_actions._BOTOCORE_SERVICE_MAP["lambda"] = ["lambda"]
    iam_actions.extract_iam_action = authorization.action(iam_actions.extract_iam_action)
    iam_actions.extract_resource_arn = authorization.resource(iam_actions.extract_resource_arn)
    iam_actions.request_tag_context = authorization.context(iam_actions.request_tag_context)
    return environments
