"""The CloudFront distribution in front of the destination bucket.

AWS chooses its id, so it is found by its comment and confirmed by our tag. It takes minutes to reach every edge, and can only
be deleted once the edges know that it is disabled: every step of ``delete`` looks again, so that a second run goes on with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final

from botocore.exceptions import ClientError

from imgpipe.aws.errors import already_gone, error_code, or_none
from imgpipe.engine.resource import OWNER_TAG, Live, Properties, Resource, TaggedResource
from imgpipe.resources.distribution_config import desired_config, live_properties, merged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from imgpipe.aws.account import Aws

# Usually 3 to 15 minutes: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HowToDeleteDistribution.html
_DEPLOYMENT: Final = 30 * 60
_POLL: Final = 12
# Somebody changed it in between, or AWS's own parts do not agree yet that it is disabled.
_PASSING: Final = frozenset(
    {"PreconditionFailed", "InvalidIfMatchVersion", "DistributionNotDisabled"}
)
_DISAGREEMENT: Final = 120


@dataclass(frozen=True)
class Distribution(TaggedResource):
    """The distribution whose comment is ``name``. Read-only attributes: ``Id``, ``Arn``, ``DomainName``, ``Status``."""

    type: ClassVar[str] = "AWS::CloudFront::Distribution"
    title: ClassVar[str] = "CDN distribution"
    origin: Resource
    origin_access_control: Resource

    def properties(self, live: Live) -> Properties:
        """Return what makes it serve the origin bucket, and only over HTTPS, signed and cached."""
        domain_name = live.attribute(self.origin, "RegionalDomainName")
        signer = live.attribute(self.origin_access_control, "Id")
        return {**desired_config(domain_name, signer), "Tags": dict(self.tags)}

    def read(self, aws: Aws) -> Properties | None:
        """Return the distribution with our comment *and* our tag: comments need not be unique, so others may have it too."""
        for listed in _listed(aws, self.name):
            tags = _tags(aws, listed["ARN"])
            if tags.get(OWNER_TAG) == dict(self.tags)[OWNER_TAG]:
                return _live(aws, listed["Id"], tags)
        return None

    def create(self, aws: Aws, desired: Properties) -> None:
        """Create it with its tags; its edges are not waited for.

        The reference makes a call that is sent twice harmless. It holds the origin access control's id, which is another one
        in the pipeline's next life: AWS does not say whether a deleted distribution's reference can be used again.
        """
        reference = f"{self.name} {desired['Origins'][0]['OriginAccessControlId']}"
        config = merged({"CallerReference": reference, "Comment": self.name}, desired)
        tags = {"Items": [{"Key": key, "Value": value} for key, value in desired["Tags"].items()]}
        try:
            aws.client("cloudfront").create_distribution_with_tags(
                DistributionConfigWithTags={"DistributionConfig": config, "Tags": tags}
            )
        except ClientError as error:
            # An earlier call did reach AWS, though its answer did not reach us; soon it is listed, too.
            if error_code(error) != "DistributionAlreadyExists":
                raise

    def update(self, aws: Aws, desired: Properties, changed: frozenset[str]) -> None:
        """Set what is ours, and send the rest back as it is."""
        live = self.read(aws) or {}
        if "Tags" in changed:
            tags = [{"Key": key, "Value": value} for key, value in desired["Tags"].items()]
            aws.client("cloudfront").tag_resource(Resource=live["Arn"], Tags={"Items": tags})
        if changed - {"Tags"}:
            _change(aws, live["Id"], lambda config: merged(config, desired))

    def delete(self, aws: Aws, live: Properties) -> None:
        """Disable it, wait until every edge knows (usually 3 to 15 minutes, at most 30), and delete it.

        Raises:
            NotSettledError: CloudFront took longer; the next run goes on from there.
        """
        with already_gone():
            if _config(aws, live["Id"])["DistributionConfig"]["Enabled"]:
                _change(aws, live["Id"], lambda config: {**config, "Enabled": False})
            wait_deployed(aws, live["Id"])
            aws.retry(lambda: _delete(aws, live["Id"]), _passing, seconds=_DISAGREEMENT, every=5)


def wait_deployed(aws: Aws, distribution_id: str) -> None:
    """Wait until every edge has the distribution's present configuration; at most 30 minutes.

    Raises:
        NotSettledError: it took longer.
    """
    cloudfront = aws.client("cloudfront")
    aws.settle(
        lambda: cloudfront.get_distribution(Id=distribution_id)["Distribution"]["Status"],
        lambda status: status == "Deployed",
        what=f"distribution {distribution_id}",
        seconds=_DEPLOYMENT,
        every=_POLL,
    )


def _listed(aws: Aws, comment: str) -> Iterator[dict[str, Any]]:
    for page in aws.client("cloudfront").get_paginator("list_distributions").paginate():
        yield from (
            item for item in page["DistributionList"].get("Items", []) if item["Comment"] == comment
        )


def _tags(aws: Aws, arn: str) -> dict[str, str]:
    answer = or_none(lambda: aws.client("cloudfront").list_tags_for_resource(Resource=arn)) or {
        "Tags": {}
    }
    return {tag["Key"]: tag.get("Value", "") for tag in answer["Tags"].get("Items", [])}


def _live(aws: Aws, distribution_id: str, tags: dict[str, str]) -> Properties | None:
    answer = or_none(lambda: aws.client("cloudfront").get_distribution(Id=distribution_id))
    if answer is None:
        return None
    found = answer["Distribution"]
    identity = {
        "Id": found["Id"],
        "Arn": found["ARN"],
        "DomainName": found["DomainName"],
        "Status": found["Status"],
    }
    return {**live_properties(found["DistributionConfig"]), "Tags": tags, **identity}


def _config(aws: Aws, distribution_id: str) -> dict[str, Any]:
    return dict(aws.client("cloudfront").get_distribution_config(Id=distribution_id))


def _change(
    aws: Aws, distribution_id: str, change: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    def attempt() -> None:
        found = _config(aws, distribution_id)
        changed = change(found["DistributionConfig"])
        aws.client("cloudfront").update_distribution(
            Id=distribution_id, IfMatch=found["ETag"], DistributionConfig=changed
        )

    aws.retry(attempt, _passing, seconds=_DISAGREEMENT)


def _delete(aws: Aws, distribution_id: str) -> None:
    # The ETag changed when it was disabled, and again when that was deployed.
    aws.client("cloudfront").delete_distribution(
        Id=distribution_id, IfMatch=_config(aws, distribution_id)["ETag"]
    )


def _passing(error: ClientError) -> bool:
    return error_code(error) in _PASSING
