"""The CloudFront Function: what the edges run before they look into their cache."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final

from imgpipe.aws import distributions, signing_keys
from imgpipe.aws.errors import already_gone, or_none
from imgpipe.engine.resource import Live, Properties, Resource, TaggedResource

if TYPE_CHECKING:
    from collections.abc import Callable

    from imgpipe.aws.account import Aws

_RUNTIME: Final = "cloudfront-js-2.0"


@dataclass(frozen=True)
class EdgeFunction(TaggedResource):
    """The published JavaScript ``code``, once ``behind``, what answers its paths, is there.

    Where addresses are signed it reads ``keys``, a key value store that is wanted.

    Read-only attribute: ``Arn``. A change is made to a stage that nobody sees, and published:
    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/managing-functions.html
    """

    type: ClassVar[str] = "AWS::CloudFront::Function"
    title: ClassVar[str] = "edge function"
    code: str
    behind: Resource
    keys: Resource | None = None

    def properties(self, live: Live) -> Properties:
        """Return its code, as the edges are to run it, and the store of keys that it reads."""
        stores = [self.keys] if self.keys and self.keys.wanted else []
        return {
            "Code": self.code,
            "Runtime": _RUNTIME,
            "KeyValueStores": [live.attribute(each, "Arn") for each in stores],
            "Tags": dict(self.tags),
        }

    def read(self, aws: Aws) -> Properties | None:
        """Return what the edges run; no code where none was published yet."""
        cloudfront = aws.client("cloudfront")
        described = or_none(lambda: cloudfront.describe_function(**self._changed))
        if described is None:
            return None
        summary = described["FunctionSummary"]
        arn = summary["FunctionMetadata"]["FunctionARN"]
        live = or_none(lambda: cloudfront.get_function(Name=self.name, Stage="LIVE"))
        return {
            "Code": live["FunctionCode"].read().decode() if live else "",
            "Runtime": summary["FunctionConfig"]["Runtime"],
            "KeyValueStores": signing_keys.associated(summary["FunctionConfig"]),
            "Tags": distributions.tags_of(aws, arn),
            "Arn": arn,
        }

    def create(self, aws: Aws, desired: Properties) -> None:
        """Create it with its tags, and publish it."""
        create = aws.client("cloudfront").create_function
        create(
            Name=self.name, **self._contents(desired), Tags=distributions.tag_list(desired["Tags"])
        )
        self._with_etag(aws, aws.client("cloudfront").publish_function)

    def update(self, aws: Aws, desired: Properties, changed: frozenset[str]) -> None:
        """Change it, and publish the change."""
        if "Tags" in changed:
            distributions.tag(aws, (self.read(aws) or {})["Arn"], desired["Tags"])
        if changed - {"Tags"}:
            cloudfront = aws.client("cloudfront")
            self._with_etag(aws, partial(cloudfront.update_function, **self._contents(desired)))
            self._with_etag(aws, cloudfront.publish_function)

    def delete(self, aws: Aws, live: Properties) -> None:
        """Delete it, once CloudFront has noticed that the distribution is gone."""
        with already_gone():
            self._with_etag(aws, aws.client("cloudfront").delete_function)

    @property
    def _changed(self) -> dict[str, str]:
        """What names the stage that changes are made to."""
        return {"Name": self.name, "Stage": "DEVELOPMENT"}

    def _contents(self, desired: Properties) -> dict[str, Any]:
        stores = [{"KeyValueStoreARN": arn} for arn in desired["KeyValueStores"]]
        config = {
            "Comment": f"Made by imgpipe: {self.name}",
            "Runtime": desired["Runtime"],
            "KeyValueStoreAssociations": {"Quantity": len(stores), "Items": stores},
        }
        return {"FunctionConfig": config, "FunctionCode": desired["Code"].encode()}

    def _with_etag(self, aws: Aws, call: Callable[..., object]) -> None:
        """Send ``call`` with the ETag of the moment, which changes with every change."""
        describe = partial(aws.client("cloudfront").describe_function, **self._changed)
        aws.eventually("cloudfront", lambda: call(Name=self.name, IfMatch=describe()["ETag"]))
