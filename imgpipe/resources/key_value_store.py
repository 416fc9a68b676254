"""The store of the keys that sign addresses, which the edges read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final

from imgpipe.aws import distributions, signing_keys
from imgpipe.aws.errors import already_gone, or_none
from imgpipe.engine.resource import Live, Properties, TaggedResource

if TYPE_CHECKING:
    from typing import Any

    from imgpipe.aws.account import Aws

# Minutes at most: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/
# kvs-with-functions-create.html
_READY_SECONDS: Final = 600
_POLL_SECONDS: Final = 3


@dataclass(frozen=True)
class KeyValueStore(TaggedResource):
    """The store, once there is a key in it. Read-only attribute: ``Arn``.

    The keys themselves are asked for by nobody here, and no value holds them.
    """

    type: ClassVar[str] = "AWS::CloudFront::KeyValueStore"
    title: ClassVar[str] = "signing keys"

    def properties(self, live: Live) -> Properties:
        """Return that it has a key."""
        return {"Filled": True, "Tags": dict(self.tags)}

    def read(self, aws: Aws) -> Properties | None:
        """Return whether it has a key, and where it is."""
        found = or_none(lambda: self._described(aws)["KeyValueStore"])
        if found is None:
            return None
        ready = found["Status"] == "READY"
        return {
            "Filled": ready and signing_keys.filled(aws, found["ARN"]),
            "Tags": distributions.tags_of(aws, found["ARN"]),
            "Arn": found["ARN"],
        }

    def create(self, aws: Aws, desired: Properties) -> None:
        """Create it with its tags, wait until it is ready, and put a key into it."""
        aws.client("cloudfront").create_key_value_store(
            Name=self.name,
            Comment=f"Made by imgpipe: {self.name}",
            Tags=distributions.tag_list(desired["Tags"]),
        )
        self._fill(aws)

    def update(self, aws: Aws, desired: Properties, changed: frozenset[str]) -> None:
        """Tag it; put a key into it."""
        if "Tags" in changed:
            distributions.tag(aws, (self.read(aws) or {})["Arn"], desired["Tags"])
        if "Filled" in changed:
            self._fill(aws)

    def delete(self, aws: Aws, live: Properties) -> None:
        """Delete it, once CloudFront has noticed that no function reads it any more."""

        def attempt() -> None:
            etag = self._described(aws)["ETag"]
            aws.client("cloudfront").delete_key_value_store(Name=self.name, IfMatch=etag)

        with already_gone():
            aws.eventually("cloudfront", attempt)

    def _fill(self, aws: Aws) -> None:
        ready = aws.settle(
            partial(self._described, aws),
            lambda found: found["KeyValueStore"]["Status"] == "READY",
            what=f"key value store {self.name}",
            seconds=_READY_SECONDS,
            every=_POLL_SECONDS,
        )
        signing_keys.put(aws, ready["KeyValueStore"]["ARN"])

    def _described(self, aws: Aws) -> dict[str, Any]:
        return dict(aws.client("cloudfront").describe_key_value_store(Name=self.name))
