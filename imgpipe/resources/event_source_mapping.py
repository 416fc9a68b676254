"""What lets the table's stream start the page's function, a batch at a time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final

from imgpipe.aws.errors import already_gone
from imgpipe.engine.resource import Live, OwnedPart, Properties, Resource

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imgpipe.aws.account import Aws

# Seconds that changes are gathered for: all renditions of a picture, and those of an upload, become
# one write of the page and one invalidation.
_WINDOW_SECONDS: Final = 2
# Some 1.5 MB of the 6 that an invocation takes.
_BATCH_SIZE: Final = 1000
# DynamoDB keeps changes for 24 hours. Whatever fails is tried again for nearly as long, and then
# told to the failure queue while it can still be looked at.
_MAXIMUM_AGE_SECONDS: Final = 20 * 60 * 60
_FOR_EVER: Final = -1
_PLAIN: Final = (
    "EventSourceArn",
    "BatchSize",
    "MaximumBatchingWindowInSeconds",
    "MaximumRecordAgeInSeconds",
    "MaximumRetryAttempts",
    "BisectBatchOnFunctionError",
    "ParallelizationFactor",
)


@dataclass(frozen=True)
class EventSourceMapping(OwnedPart):
    """The mapping from the stream of ``table`` to ``function``; failures go to ``queue``.

    AWS chooses its id, so it is found by the function. It does not go with that.
    """

    type: ClassVar[str] = "AWS::Lambda::EventSourceMapping"
    title: ClassVar[str] = "page trigger"
    function: Resource
    table: Resource
    queue: Resource

    @property
    def owner(self) -> Resource:
        """The function, which it starts."""
        return self.function

    def properties(self, live: Live) -> Properties:
        """Return the stream, how changes are gathered, and what becomes of failures.

        One batch of a shard at a time: a table's changes come in several shards anyway, and all
        write one index.
        """
        return {
            "EventSourceArn": live.attribute(self.table, "StreamArn"),
            "BatchSize": _BATCH_SIZE,
            "MaximumBatchingWindowInSeconds": _WINDOW_SECONDS,
            "MaximumRecordAgeInSeconds": _MAXIMUM_AGE_SECONDS,
            "MaximumRetryAttempts": _FOR_EVER,
            "BisectBatchOnFunctionError": True,
            "ParallelizationFactor": 1,
            "DestinationConfig": {"OnFailure": {"Destination": live.attribute(self.queue, "Arn")}},
            "Enabled": True,
        }

    def read(self, aws: Aws) -> Properties | None:
        """Return the mapping, with its ``UUID``; one that is being deleted counts as absent."""
        return next(
            (_live(each) for each in self._mappings(aws) if each["State"] != "Deleting"), None
        )

    def create(self, aws: Aws, desired: Properties) -> None:
        """Create it, once Lambda sees what the role may do.

        It starts with the oldest change there is: Lambda takes minutes until it looks, and with the
        latest it would miss what came meanwhile.
        https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html
        """
        self._wait_until_gone(aws, "Deleting")
        create = partial(
            aws.client("lambda").create_event_source_mapping,
            FunctionName=self.function.name,
            StartingPosition="TRIM_HORIZON",
        )
        aws.eventually("lambda", lambda: create(**desired))

    def update(self, aws: Aws, desired: Properties, changed: frozenset[str]) -> None:
        """Set what ``changed`` names; for another stream another mapping takes its place."""
        live = self.read(aws) or {}
        if "EventSourceArn" in changed:
            self.delete(aws, live)
            self.create(aws, desired)
            return
        change = partial(aws.client("lambda").update_event_source_mapping, UUID=live["UUID"])
        aws.eventually("lambda", lambda: change(**{name: desired[name] for name in changed}))

    def delete(self, aws: Aws, live: Properties) -> None:
        """Delete it, and wait until Lambda no longer reads the stream.

        Two setups at once may have made two, and an earlier stream may have had one.
        """
        for mapping in self._mappings(aws):
            call = aws.client("lambda").delete_event_source_mapping
            with already_gone():
                aws.eventually("lambda", partial(call, UUID=mapping["UUID"]))
        self._wait_until_gone(aws, "")

    def _wait_until_gone(self, aws: Aws, state: str) -> None:
        aws.settle(
            lambda: [each for each in self._mappings(aws) if state in each["State"]],
            lambda left: not left,
            what=f"deletion of the mapping to {self.function.name}",
            every=1,
        )

    def _mappings(self, aws: Aws) -> list[Mapping[str, Any]]:
        """Return all mappings from the table's streams to the function, which may be gone."""
        pages = aws.client("lambda").get_paginator("list_event_source_mappings").paginate()
        return [
            mapping
            for page in pages
            for mapping in page["EventSourceMappings"]
            if mapping["FunctionArn"].endswith(f":function:{self.function.name}")
            and f":table/{self.table.name}/stream/" in mapping.get("EventSourceArn", "")
        ]


def _live(mapping: Mapping[str, Any]) -> Properties:
    failures = mapping.get("DestinationConfig", {}).get("OnFailure", {})
    return {
        **{name: mapping.get(name) for name in _PLAIN},
        "DestinationConfig": {"OnFailure": {"Destination": failures.get("Destination", "")}},
        "Enabled": mapping["State"] not in {"Disabled", "Disabling"},
        "UUID": mapping["UUID"],
    }
