"""Where ministack does otherwise than AWS, or takes its time, put right within its own process."""

from __future__ import annotations

import json
import os
import shlex
import threading
from typing import TYPE_CHECKING, Any, Final

import ministack.app
from ministack.core import iam_actions, iam_evaluator
from ministack.services import (
    cloudfront,
    cloudfront_keyvaluestore,
    cloudwatch_logs,
    dynamodb,
    lambda_svc,
)

from imgpipe.local import authorization, function_urls, streams

if TYPE_CHECKING:
    from collections.abc import Callable


_HERE: Final = ".localhost"
_MODULE: Final = b"import cf from 'cloudfront';"
# As AWS's, it refuses a key that is not there.
_STORE: Final = """const items = {};
const cf = { kvs: function () { return { get: async function (name) {
  if (!Object.prototype.hasOwnProperty.call(items, name)) throw new Error('KeyNotFound');
  return items[name];
} }; } };"""


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


def any_term(compiled: Callable[[str], Callable[[str], bool]]) -> Callable[[str], Any]:
    """Return ``compiled``, which wants all terms of a filter, for filters such as ``?a ?"b c"``."""

    def matcher(pattern: str) -> Callable[[str], bool]:
        terms = [term[1:] for term in shlex.split(pattern)] if pattern[:1] == "?" else []
        return (lambda line: any(term in line for term in terms)) if terms else compiled(pattern)

    return matcher


def by_names_of_ones_own(
    parse: Callable[[str], str | None],
) -> Callable[[str], str | None]:
    """Return ``parse``, which finds a distribution by its host, for names of one's own as well.

    That is ``images.example.com.localhost``, as nothing leads ``images.example.com`` here.
    """

    def parsed(host: str) -> str | None:
        name = host.partition(":")[0].lower()
        if (found := parse(host)) or not name.endswith(_HERE):
            return found
        for each in cloudfront._distributions.values():
            if name.removesuffix(_HERE) in cloudfront._get_distribution_aliases(each):
                return str(each["DomainName"]).partition(".")[0].lower()
        return None

    return parsed


def signed_by_the_edge(fetch: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``fetch``, which asks an origin, for functions' URLs too: ministack does not sign.

    As Lambda does, it lets in whom the function's policy gives both rights.
    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-lambda.html
    """

    async def fetched(
        origin: dict[str, Any], method: str, uri: str, query: str, headers: Any, *rest: Any
    ) -> Any:
        host = cloudfront._registered_function_url(origin) or ""
        found = lambda_svc.resolve_function_url(host.partition(".")[0])
        if not found or not origin["oac_id"] or not authorization.lets_the_edge_in(found, rest[-1]):
            return await fetch(origin, method, uri, query, headers, *rest)
        signed = {**headers, "authorization": "AWS4-HMAC-SHA256 by CloudFront"}
        status, told, body = await lambda_svc.handle_function_url_request(
            host.partition(".")[0], method, uri, signed, b"", {}, resolved=found
        )
        return status, "", {name.lower(): value for name, value in told.items()}, body

    return fetched


def with_keys(live: Callable[[str], bytes | None]) -> Callable[[str], bytes | None]:
    """Return ``live``, an edge function's code by its ARN, with the store that it reads.

    ministack has no module ``cloudfront``: in its place is one whose store has what is in it now.
    """

    def code(arn: str) -> bytes | None:
        found = live(arn)
        function = cloudfront._functions.get(arn.rpartition("/")[2]) or {}
        for store in function.get("kvs_arns", ()):
            items = cloudfront_keyvaluestore._stores.get(store, {}).get("items", {})
            read = _STORE.replace("{}", json.dumps(items), 1)
            found = found and found.replace(_MODULE, read.encode())
        return found

    return code


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


def install() -> Environments:
    """Put all of it into ministack; return what functions run in from now on."""
    environments = Environments(lambda_svc._execute_function, limit=max(2, os.cpu_count() or 2))
    lambda_svc._execute_function = environments
    lambda_svc._emit_lambda_logs = Logs(lambda_svc._emit_lambda_logs)
    lambda_svc.invoke_async_with_retry = as_the_alias_says(lambda_svc.invoke_async_with_retry)
    lambda_svc._delete_function = function_urls.deleted(lambda_svc._delete_function)
    dynamodb._evaluate_condition = beyond_the_partition(dynamodb._evaluate_condition)
    dynamodb.get_state = streams.saved(dynamodb.get_state)
    dynamodb.load_persisted_state = streams.restored(dynamodb.load_persisted_state)
    hosts = ministack.app._parse_cloudfront_dataplane_host
    ministack.app._parse_cloudfront_dataplane_host = by_names_of_ones_own(hosts)
    cloudfront.live_function_code = with_keys(cloudfront.live_function_code)
    cloudfront._fetch_from_origin = signed_by_the_edge(cloudfront._fetch_from_origin)
    filters = cloudwatch_logs._compile_filter_pattern
    cloudwatch_logs._compile_filter_pattern = any_term(filters)
    iam_evaluator.is_root_access_key = is_root
    iam_evaluator.enforce = authorization.enforce(iam_evaluator.enforce)
    iam_actions._BOTOCORE_SERVICE_MAP["lambda"] = ["lambda"]
    iam_actions.extract_iam_action = authorization.action(iam_actions.extract_iam_action)
    iam_actions.extract_resource_arn = authorization.resource(iam_actions.extract_resource_arn)
    iam_actions.request_tag_context = authorization.context(iam_actions.request_tag_context)
    return environments
