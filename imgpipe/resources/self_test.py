"""The self-test: one built-in picture through the deployed function, before the trigger is wired.

It shows what no configuration can: that Pillow loads on Lambda, and that the role may do all the function does. Which test was
passed is a tag on the function, a fingerprint of all that could break it; while that stands, nothing is tested again.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any, ClassVar, Final

from handler.event import self_test_event
from handler.schema import PARTITION_KEY
from imgpipe.aws.errors import already_gone, error_code, or_none
from imgpipe.engine.resource import Live, OwnedPart, Properties, Resource
from imgpipe.errors import SelfTestError
from imgpipe.resources.function import arn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocore.exceptions import ClientError

    from imgpipe.aws.account import Aws

FINGERPRINT_TAG: Final = "imgpipe:self-test"
KEY: Final = "imgpipe-self-test.jpg"

_PICTURE: Final = files("imgpipe.resources").joinpath("self-test.jpg")
# IAM's changes reach S3 and DynamoDB within seconds as a rule; a permission missing for longer is missing.
_PROPAGATION: Final = 120
_HINTS: Final = {
    "AccessDenied": "the role lacks that permission: look for a permissions boundary or a service control policy",
    "not authorized": "the role lacks that permission: look for a permissions boundary or a service control policy",
    "ImportModuleError": "the layer does not fit the function's processor or Python: check 'architecture' in imgpipe.toml and --pillow-layer-arn",
    "Task timed out": "give the function more memory or time",
}


@dataclass(frozen=True)
class SelfTest(OwnedPart):
    """The passed test of ``function``, which reads ``source`` and writes to ``destination`` and ``table`` as ``role``."""

    type: ClassVar[str] = "Custom::SelfTest"
    title: ClassVar[str] = "self-test"
    function: Resource
    role: Resource
    table: Resource
    source: Resource
    destination: Resource

    @property
    def owner(self) -> Resource:
        """The function, whose tag it is."""
        return self.function

    def properties(self, live: Live) -> Properties:
        """Return the fingerprint of the function's code and configuration and of the role's permissions."""
        tested = [{**each.properties(live), "Tags": ()} for each in (self.function, self.role)]
        canonical = json.dumps(tested, sort_keys=True).encode()
        return {"Fingerprint": hashlib.sha256(canonical).hexdigest()[:16]}

    def read(self, aws: Aws) -> Properties | None:
        """Return the fingerprint of the test that was passed."""
        found = (
            or_none(lambda: aws.client("lambda").get_function(FunctionName=self.function.name))
            or {}
        )
        fingerprint = found.get("Tags", {}).get(FINGERPRINT_TAG)
        return fingerprint and {"Fingerprint": fingerprint}

    def create(self, aws: Aws, desired: Properties) -> None:
        """Test the function, take the test's results away, and only then tag it.

        Raises:
            SelfTestError: the function could not process the picture.
        """
        for key in self._run(aws):
            aws.client("s3").delete_object(Bucket=self.destination.name, Key=key)
            aws.client("dynamodb").delete_item(
                TableName=self.table.name, Key={PARTITION_KEY: {"S": key}}
            )
        _tag(aws, self.function.name, desired["Fingerprint"])

    def update(self, aws: Aws, desired: Properties, changed: frozenset[str]) -> None:
        """Test again: something it depends on has changed."""
        self.create(aws, desired)

    def delete(self, aws: Aws, live: Properties) -> None:
        """Forget that it was passed."""
        with already_gone():
            aws.client("lambda").untag_resource(
                Resource=arn(aws, self.function.name), TagKeys=[FINGERPRINT_TAG]
            )

    def _run(self, aws: Aws) -> list[str]:
        """Return the keys of what the function made of the picture; its permissions may take a while to be known everywhere."""
        deadline = aws.clock() + _PROPAGATION
        answer = aws.settle(
            lambda: _invoke(aws, self.function.name),
            lambda answer: not _denied(answer) or aws.clock() >= deadline,
            what="the function's self-test",
            seconds=_PROPAGATION,
            every=5,
        )
        _raise_if_failed(self.function.name, answer)
        return list(answer["processed"])


def _invoke(aws: Aws, function: str) -> dict[str, Any]:
    """Return what the function returned, or raised: then it has an ``errorMessage``."""
    event = self_test_event(KEY, _PICTURE.read_bytes())
    client = aws.client("lambda")
    answer = aws.retry(
        lambda: client.invoke(FunctionName=function, Payload=json.dumps(event)), _not_yet
    )
    returned = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        return {"errorMessage": answer["FunctionError"], **returned}
    return dict(returned)


def _not_yet(error: ClientError) -> bool:
    """Say whether the function is still being set up, here or by a run before this one."""
    return error_code(error) in {"ResourceConflictException", "ResourceNotReadyException"}


def _denied(answer: Mapping[str, Any]) -> bool:
    return any(
        words in answer.get("errorMessage", "") for words in ("AccessDenied", "not authorized")
    )


def _raise_if_failed(function: str, answer: Mapping[str, Any]) -> None:
    rejected = "; ".join(answer.get("rejected", []))
    reason = (
        f"{answer.get('errorType', '')}: {answer['errorMessage']}"
        if "errorMessage" in answer
        else rejected
    )
    if reason or not answer.get("processed"):
        hint = next((hint for words, hint in _HINTS.items() if words in reason), "")
        raise SelfTestError(
            f"{function} could not process the built-in picture: {reason or 'it made nothing of it'}",
            hint=hint,
            next=("setup",) if hint else ("logs --since 10m",),
        )


def _tag(aws: Aws, function: str, fingerprint: str) -> None:
    aws.client("lambda").tag_resource(
        Resource=arn(aws, function), Tags={FINGERPRINT_TAG: fingerprint}
    )
