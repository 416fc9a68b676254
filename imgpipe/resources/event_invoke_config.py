"""What becomes of an event the function cannot process: two more tries, then the failure queue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from imgpipe.aws.errors import already_gone, error_code, or_none
from imgpipe.engine.resource import Live, OwnedPart, Properties, Resource

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

    from imgpipe.aws.account import Aws

# Lambda's own defaults, stated: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
_RETRIES: Final = 2
_MAXIMUM_AGE: Final = 6 * 60 * 60


@dataclass(frozen=True)
class EventInvokeConfig(OwnedPart):
    """The settings of ``function`` for asynchronous events; what fails for good is sent to ``queue``."""

    type: ClassVar[str] = "AWS::Lambda::EventInvokeConfig"
    title: ClassVar[str] = "retry settings"
    function: Resource
    queue: Resource

    @property
    def owner(self) -> Resource:
        """The function, which it is a setting of."""
        return self.function

    def properties(self, live: Live) -> Properties:
        """Return the tries, how long an event may wait (seconds), and the queue's ARN."""
        return {
            "MaximumRetryAttempts": _RETRIES,
            "MaximumEventAgeInSeconds": _MAXIMUM_AGE,
            "DestinationConfig": {"OnFailure": {"Destination": live.attribute(self.queue, "Arn")}},
        }

    def read(self, aws: Aws) -> Properties | None:
        """Return the live settings; a destination for successes is not ours to know."""
        found = or_none(
            lambda: aws.client("lambda").get_function_event_invoke_config(
                FunctionName=self.function.name
            )
        )
        if found is None:
            return None
        failures = found.get("DestinationConfig", {}).get("OnFailure", {})
        return {
            "MaximumRetryAttempts": found.get("MaximumRetryAttempts"),
            "MaximumEventAgeInSeconds": found.get("MaximumEventAgeInSeconds"),
            "DestinationConfig": {"OnFailure": {"Destination": failures.get("Destination", "")}},
        }

    def create(self, aws: Aws, desired: Properties) -> None:
        """Put the settings, for as long as it takes Lambda to see that the role may send to the queue."""
        client = aws.client("lambda")
        aws.retry(
            lambda: client.put_function_event_invoke_config(
                FunctionName=self.function.name, **desired
            ),
            _not_yet,
        )

    def update(self, aws: Aws, desired: Properties, changed: frozenset[str]) -> None:
        """Put the settings."""
        self.create(aws, desired)

    def delete(self, aws: Aws, live: Properties) -> None:
        """Go back to Lambda's defaults: no destination."""
        with already_gone():
            aws.client("lambda").delete_function_event_invoke_config(
                FunctionName=self.function.name
            )


def _not_yet(error: ClientError) -> bool:
    refused = error_code(error) == "InvalidParameterValueException" and "permission" in str(error)
    return refused or error_code(error) == "ResourceConflictException"
