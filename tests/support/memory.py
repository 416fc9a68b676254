"""What the account in memory (moto) takes and forgets: its answers show it, as AWS's do."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any, Final

from moto.dynamodb.models import dynamodb_backends

Parameters = Mapping[str, Any]
Answer = dict[str, Any]

# What AWS dates an answer with.
ANSWERED: Final = "Sun, 29 Nov 2026 12:00:00 GMT"
_SENT: Final = "tests.sent"
_QUALIFIED: Final = ("FunctionName", "Qualifier")
_FUNCTION_SETTINGS: Final = ("LoggingConfig", "Architectures")


class Memory:
    """Listens to every call of a session, and completes the answers of the reading ones."""

    def __init__(self) -> None:
        self._functions: dict[str, dict[str, Any]] = {}
        self._versions: dict[tuple[str, str], dict[str, Any]] = {}
        self._failures: dict[str, dict[str, Any]] = {}
        self._distributions: dict[str, dict[str, Any]] = {}

    def note(self, params: Parameters, model: Any, context: dict[str, Any], **_: object) -> None:
        """Receive ``provide-client-params``: keep the parameters until the call is answered."""
        if model.name in _HANDLERS and not _namesake(model):
            # A body may be an open file, of which there is no copy.
            kept = {name: value for name, value in params.items() if name != "Body"}
            context[_SENT] = copy.deepcopy(kept)

    def complete(self, parsed: Answer, model: Any, context: dict[str, Any], **_: object) -> None:
        """Receive ``after-call``: learn from a write, complete a read.

        Errors stay what they are, and so do a test's own answers, which bring no status.
        """
        handler = _HANDLERS.get(model.name)
        answered = "HTTPStatusCode" in parsed.get("ResponseMetadata", {})
        if handler and "Error" not in parsed and answered and _SENT in context:
            handler(self, context[_SENT], parsed)

    def _function_written(self, sent: Parameters, _: Answer) -> None:
        settings = {name: sent[name] for name in _FUNCTION_SETTINGS if name in sent}
        self._functions.setdefault(sent["FunctionName"], {}).update(settings)

    def _function_read(self, sent: Parameters, answer: Answer) -> None:
        answer["Configuration"] |= self._functions.get(sent["FunctionName"], {})

    def _function_deleted(self, sent: Parameters, _: Answer) -> None:
        if "Qualifier" not in sent:
            self._functions.pop(sent["FunctionName"], None)
            self._failures.pop(sent["FunctionName"], None)

    def _version_published(self, sent: Parameters, answer: Answer) -> None:
        now = self._functions.get(sent["FunctionName"], {})
        self._versions[sent["FunctionName"], answer["Version"]] = dict(now)

    def _versions_read(self, sent: Parameters, answer: Answer) -> None:
        for version in answer["Versions"]:
            version.update(self._versions.get((sent["FunctionName"], version["Version"]), {}))

    def _failures_written(self, sent: Parameters, _: Answer) -> None:
        settings = {name: value for name, value in sent.items() if name not in _QUALIFIED}
        self._failures.setdefault(sent["FunctionName"], {}).update(settings)

    def _failures_read(self, sent: Parameters, answer: Answer) -> None:
        answer |= self._failures.get(sent["FunctionName"], {})

    def _table_updated(self, sent: Parameters, _: Answer) -> None:
        """Let a table have another stream: moto takes one that had any for one that has it."""
        if not sent.get("StreamSpecification", {"StreamEnabled": True})["StreamEnabled"]:
            for backend in dynamodb_backends["123456789012"].values():
                if table := backend.tables.get(sent["TableName"]):
                    table.latest_stream_label = None

    def _object_put(self, _: Parameters, answer: Answer) -> None:
        answer["ResponseMetadata"]["HTTPHeaders"].setdefault("date", ANSWERED)

    def _object_looked_at(self, sent: Parameters, answer: Answer) -> None:
        """Date the answer, and say of a checksum of parts how many they are."""
        self._object_put(sent, answer)
        _, of_parts, count = answer["ETag"].strip('"').partition("-")
        for name in [name for name in answer if name.startswith("Checksum")]:
            if of_parts and "-" not in answer[name]:
                answer[name] += f"-{count}"

    def _distribution_created(self, sent: Parameters, answer: Answer) -> None:
        config = sent["DistributionConfigWithTags"]["DistributionConfig"]
        self._distributions[answer["Distribution"]["Id"]] = _kept(config)

    def _distribution_updated(self, sent: Parameters, _: Answer) -> None:
        self._distributions[sent["Id"]] = _kept(sent["DistributionConfig"])

    def _distribution_read(self, sent: Parameters, answer: Answer) -> None:
        answer["Distribution"]["DistributionConfig"] |= self._distributions[sent["Id"]]

    def _distribution_config_read(self, sent: Parameters, answer: Answer) -> None:
        answer["DistributionConfig"] |= self._distributions[sent["Id"]]


def _kept(config: Parameters) -> dict[str, Any]:
    """Return what moto keeps a part of."""
    return {name: config[name] for name in ("Origins", "CacheBehaviors") if name in config}


def _namesake(model: Any) -> bool:
    """Say whether it is an operation of CloudFront's that Lambda has, too."""
    cloudfront = model.service_model.service_name == "cloudfront"
    return cloudfront and str(model.name).endswith("Function")


_HANDLERS: Final[Mapping[str, Callable[[Memory, Parameters, Answer], None]]] = {
    "CreateFunction": Memory._function_written,
    "UpdateFunctionConfiguration": Memory._function_written,
    "UpdateFunctionCode": Memory._function_written,
    "GetFunction": Memory._function_read,
    "DeleteFunction": Memory._function_deleted,
    "PublishVersion": Memory._version_published,
    "ListVersionsByFunction": Memory._versions_read,
    "PutFunctionEventInvokeConfig": Memory._failures_written,
    "UpdateFunctionEventInvokeConfig": Memory._failures_written,
    "GetFunctionEventInvokeConfig": Memory._failures_read,
    "UpdateTable": Memory._table_updated,
    "PutObject": Memory._object_put,
    "HeadObject": Memory._object_looked_at,
    "CreateDistributionWithTags": Memory._distribution_created,
    "UpdateDistribution": Memory._distribution_updated,
    "GetDistribution": Memory._distribution_read,
    "GetDistributionConfig": Memory._distribution_config_read,
}
