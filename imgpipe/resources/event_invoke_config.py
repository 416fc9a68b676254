"""What becomes of an event the function cannot process: two more tries, then the failure queue."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final

from imgpipe.aws.errors import or_none
from imgpipe.engine.resource import InseparablePart, Live, Properties, Resource

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

# Lambda's own defaults, stated:
# https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
_RETRIES: Final = 2
_MAXIMUM_AGE_SECONDS: Final = 6 * 60 * 60


@dataclass(frozen=True)
class EventInvokeConfig(InseparablePart):
    """The settings of ``alias`` for asynchronous events; failures go to ``queue``.

    They count for who invokes by that alias, and for nobody else:
    https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html
    """

    type: ClassVar[str] = "AWS::Lambda::EventInvokeConfig"
    title: ClassVar[str] = "retry settings"
    alias: Resource
    queue: Resource

    @property
    def owner(self) -> Resource:
        """The function, with which the alias and its settings go."""
        return self.alias.owner

    def properties(self, live: Live) -> Properties:
        """Return the tries, how long an event may wait (seconds), and the queue's ARN."""
        return {
            "MaximumRetryAttempts": _RETRIES,
            "MaximumEventAgeInSeconds": _MAXIMUM_AGE_SECONDS,
            "DestinationConfig": {"OnFailure": {"Destination": live.attribute(self.queue, "Arn")}},
        }

    def read(self, aws: Aws) -> Properties | None:
        """Return the live settings; a destination for successes is not ours to know."""
        get = aws.client("lambda").get_function_event_invoke_config
        found = or_none(lambda: get(FunctionName=self.owner.name, Qualifier=self.alias.name))
        if found is None:
            return None
        failures = found.get("DestinationConfig", {}).get("OnFailure", {})
        return {
            "MaximumRetryAttempts": found.get("MaximumRetryAttempts"),
            "MaximumEventAgeInSeconds": found.get("MaximumEventAgeInSeconds"),
            "DestinationConfig": {"OnFailure": {"Destination": failures.get("Destination", "")}},
        }

    def create(self, aws: Aws, desired: Properties) -> None:
        """Put the settings, once Lambda sees the queue and that the role may send to it."""
        put = partial(
            aws.client("lambda").put_function_event_invoke_config,
            FunctionName=self.owner.name,
            Qualifier=self.alias.name,
        )
        aws.eventually("lambda", lambda: put(**desired))

    def update(self, aws: Aws, desired: Properties, changed: frozenset[str]) -> None:
        """Put the settings."""
        self.create(aws, desired)
