"""The self-test: one built-in picture through the deployed function, before the trigger is wired.

It shows what no configuration can: that Pillow loads on Lambda, and that the role may do all the
function does. Which test was passed is a tag on the function, a fingerprint of all that could break
it; while that stands, nothing is tested again.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any, ClassVar, Final

from handler.event import self_test_event
from handler.schema import PARTITION_KEY
from imgpipe.aws.errors import or_none
from imgpipe.aws.function_state import tag, tags_of
from imgpipe.engine.resource import InseparablePart, Live, Properties, Resource
from imgpipe.errors import SelfTestError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imgpipe.aws.account import Aws

FINGERPRINT_TAG: Final = "imgpipe:self-test"
KEY: Final = "imgpipe-self-test.jpg"

_PICTURE: Final = files("imgpipe.resources").joinpath("self-test.jpg")
# IAM's changes reach S3 and DynamoDB within seconds as a rule, and so does a bucket or table that
# was just made; what is missing for longer is missing.
_PROPAGATION_SECONDS: Final = 120
_PASSING: Final = ("AccessDenied", "not authorized", "NoSuchBucket", "ResourceNotFoundException")
_DENIED_HINT: Final = (
    "the role lacks that permission: look for a permissions boundary or a service control policy"
)
_HINTS: Final = {
    "AccessDenied": _DENIED_HINT,
    "not authorized": _DENIED_HINT,
    "ImportModuleError": "the layer does not fit the function's processor or Python: check "
    "'architecture' in imgpipe.toml and --pillow-layer-arn",
    "Task timed out": "give the function more memory or time",
}


@dataclass(frozen=True)
class SelfTest(InseparablePart):
    """The passed test of ``function``.

    It reads ``source`` and writes to ``destination`` and ``table`` as ``role``.
    """

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
        """Return the fingerprint of the function's code and configuration, and of the role.

        The role's unique id is in the function's properties: one made anew is always tested.
        """
        tested = [{**each.properties(live), "Tags": ()} for each in (self.function, self.role)]
        canonical = json.dumps(tested, sort_keys=True).encode()
        return {"Fingerprint": hashlib.sha256(canonical).hexdigest()[:16]}

    def read(self, aws: Aws) -> Properties | None:
        """Return the fingerprint of the test that was passed."""
        get = aws.client("lambda").get_function
        answer = or_none(lambda: get(FunctionName=self.function.name))
        fingerprint = tags_of(answer).get(FINGERPRINT_TAG) if answer else None
        return {"Fingerprint": fingerprint} if fingerprint else None

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
        tag(aws, self.function.name, {FINGERPRINT_TAG: desired["Fingerprint"]})

    def update(self, aws: Aws, desired: Properties, changed: frozenset[str]) -> None:
        """Test again: something it depends on has changed."""
        self.create(aws, desired)

    def _run(self, aws: Aws) -> list[str]:
        """Return the keys of what the function made of the picture."""
        deadline = aws.clock() + _PROPAGATION_SECONDS
        answer = aws.settle(
            lambda: _invoke(aws, self.function.name),
            lambda answer: not _passing(answer) or aws.clock() >= deadline,
            what="the function's self-test",
            seconds=_PROPAGATION_SECONDS,
            every=5,
        )
        _raise_if_failed(self.function.name, answer)
        return list(answer["processed"])


def _invoke(aws: Aws, function: str) -> dict[str, Any]:
    """Return what the function returned, or raised: then it has an ``errorMessage``."""
    event = self_test_event(KEY, _PICTURE.read_bytes())
    invoke, payload = aws.invoker.invoke, json.dumps(event)
    answer = aws.eventually("lambda", lambda: invoke(FunctionName=function, Payload=payload))
    returned = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        return {"errorMessage": answer["FunctionError"], **returned}
    return dict(returned)


def _passing(answer: Mapping[str, Any]) -> bool:
    """Say whether the function failed on what AWS may not have told all its parts yet."""
    return any(words in answer.get("errorMessage", "") for words in _PASSING)


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
            f"{function} could not process the built-in picture: "
            f"{reason or 'it made nothing of it'}",
            hint=hint,
            next=("setup",) if hint else ("logs --since 10m",),
        )
