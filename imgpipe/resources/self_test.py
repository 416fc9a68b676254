"""The self-test: one built-in picture through the published version, before that is served.

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
from handler.schema import PARTITION_KEY, SELF_TEST_KEY
from imgpipe.aws.errors import or_none
from imgpipe.aws.function_state import tag, tags_of
from imgpipe.engine.resource import InseparablePart, Live, Properties, Resource
from imgpipe.errors import SelfTestError
from imgpipe.function.answer import hint_for
from imgpipe.function.first_invocation import first_invocation
from imgpipe.resources.alias import served

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imgpipe.aws.account import Aws

FINGERPRINT_TAG: Final = "imgpipe:self-test"

_PICTURE: Final = files("imgpipe.resources").joinpath("self-test.jpg")


@dataclass(frozen=True)
class SelfTest(InseparablePart):
    """The passed test of ``version``, before the alias called ``alias`` is pointed at it.

    It reads ``source`` and writes to ``destination`` and ``table`` as ``role``.
    """

    type: ClassVar[str] = "Custom::SelfTest"
    title: ClassVar[str] = "self-test"
    version: Resource
    alias: str
    role: Resource
    table: Resource
    source: Resource
    destination: Resource

    @property
    def owner(self) -> Resource:
        """The function, whose tag it is."""
        return self.version.owner

    def properties(self, live: Live) -> Properties:
        """Return the fingerprint of the function's code and configuration, and of the role.

        The role's unique id is in the function's properties: one made anew is always tested.
        """
        tested = [{**_kept(each, live), "Tags": ()} for each in (self.owner, self.role)]
        canonical = json.dumps(tested, sort_keys=True).encode()
        return {"Fingerprint": hashlib.sha256(canonical).hexdigest()[:16]}

    def read(self, aws: Aws) -> Properties | None:
        """Return the fingerprint of the test that was passed."""
        get = aws.client("lambda").get_function
        answer = or_none(lambda: get(FunctionName=self.owner.name))
        fingerprint = tags_of(answer).get(FINGERPRINT_TAG) if answer else None
        return {"Fingerprint": fingerprint} if fingerprint else None

    def create(self, aws: Aws, desired: Properties) -> None:
        """Test the newest version, take the test's results away, and only then tag it.

        Raises:
            SelfTestError: the function could not process the picture.
        """
        for key in self._run(aws):
            aws.client("s3").delete_object(Bucket=self.destination.name, Key=key)
            aws.client("dynamodb").delete_item(
                TableName=self.table.name, Key={PARTITION_KEY: {"S": key}}
            )
        tag(aws, self.owner.name, {FINGERPRINT_TAG: desired["Fingerprint"]})

    def update(self, aws: Aws, desired: Properties, changed: frozenset[str]) -> None:
        """Test again: something it depends on has changed."""
        self.create(aws, desired)

    def _run(self, aws: Aws) -> list[str]:
        """Return the keys of what the version made of the picture."""
        version = (self.version.read(aws) or {})["Version"]
        answer = first_invocation(
            aws,
            {"FunctionName": self.owner.name, "Qualifier": version},
            self_test_event(SELF_TEST_KEY, _PICTURE.read_bytes()),
            what="the function's self-test",
        )
        if reason := _failure(answer):
            raise self._failed(aws, version, reason)
        return list(answer["processed"])

    def _failed(self, aws: Aws, version: str, reason: str) -> SelfTestError:
        """Return what failed, what that means for the pictures that come, and what helps."""
        before = served(aws, self.owner.name, self.alias)
        meanwhile = f"version {before['FunctionVersion']} goes on serving" if before else ""
        hint = hint_for(reason)
        return SelfTestError(
            f"version {version} of {self.owner.name} could not process the built-in picture: "
            + "; ".join(filter(None, [reason, meanwhile])),
            hint=hint,
            next=("setup",) if hint else ("logs --since 10m",),
        )


def _kept(resource: Resource, live: Live) -> Properties:
    """Return what ``resource`` should be, with what it may keep of what it is."""
    desired, there = resource.properties(live), live.get(resource)
    return resource.keeping(desired, there) if there else desired


def _failure(answer: Mapping[str, Any]) -> str:
    """Return why the picture was not processed; empty if it was."""
    made_nothing = "" if answer.get("processed") else "it made nothing of it"
    return answer.get("failure") or "; ".join(answer.get("rejected", [])) or made_nothing
