"""CloudFront's distributions: found by their comments, and changed on top of what they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from imgpipe.aws.errors import error_code, or_none
from imgpipe.errors import ServiceError

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

# Usually 3 to 15 minutes:
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HowToDeleteDistribution.html
_DEPLOYMENT_SECONDS: Final = 30 * 60
_POLL_SECONDS: Final = 12


def listed(aws: Aws) -> Iterator[dict[str, Any]]:
    """Yield the summary of every distribution (``cloudfront:ListDistributions``)."""
    for page in aws.client("cloudfront").get_paginator("list_distributions").paginate():
        yield from page["DistributionList"].get("Items", [])


def commented(aws: Aws, comment: str) -> Iterator[dict[str, Any]]:
    """Yield the summaries of those with this ``comment``, of which there may be several."""
    return (each for each in listed(aws) if each["Comment"] == comment)


def tags_of(aws: Aws, arn: str) -> dict[str, str]:
    """Return the tags of what CloudFront calls ``arn``; none where it is gone."""
    answer = or_none(lambda: aws.client("cloudfront").list_tags_for_resource(Resource=arn)) or {
        "Tags": {}
    }
    return {tag["Key"]: tag.get("Value", "") for tag in answer["Tags"].get("Items", [])}


def tag(aws: Aws, arn: str, tags: Mapping[str, str]) -> None:
    """Give it ``tags``, beside those that it has."""
    aws.client("cloudfront").tag_resource(Resource=arn, Tags=tag_list(tags))


def tag_list(tags: Mapping[str, str]) -> dict[str, list[dict[str, str]]]:
    """Return ``tags`` as CloudFront takes them."""
    return {"Items": [{"Key": key, "Value": value} for key, value in tags.items()]}


def untag(aws: Aws, arn: str, keys: Sequence[str]) -> None:
    """Take the tags of these ``keys`` from it."""
    aws.client("cloudfront").untag_resource(Resource=arn, TagKeys={"Items": list(keys)})


def config_of(aws: Aws, distribution_id: str) -> dict[str, Any]:
    """Return its ``DistributionConfig`` and the ``ETag`` of that."""
    return dict(aws.client("cloudfront").get_distribution_config(Id=distribution_id))


def change(
    aws: Aws, distribution_id: str, changed: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    """Put what ``changed`` makes of its configuration in the place of that."""

    def attempt() -> None:
        found = config_of(aws, distribution_id)
        aws.client("cloudfront").update_distribution(
            Id=distribution_id,
            IfMatch=found["ETag"],
            DistributionConfig=changed(found["DistributionConfig"]),
        )

    aws.eventually("cloudfront", attempt)


def delete(aws: Aws, distribution_id: str) -> None:
    """Delete one that is disabled, once every edge knows that."""

    def attempt() -> None:
        # The ETag changed when it was disabled, and again when that was deployed.
        aws.client("cloudfront").delete_distribution(
            Id=distribution_id, IfMatch=config_of(aws, distribution_id)["ETag"]
        )

    aws.eventually("cloudfront", attempt)


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
        seconds=_DEPLOYMENT_SECONDS,
        every=_POLL_SECONDS,
    )


@contextmanager
def own_name(aws: Aws, domain: str | None) -> Iterator[None]:
    """Say in words that another distribution, perhaps of another account, has the name ``domain``.

    Raises:
        ServiceError: in the place of CloudFront's ``CNAMEAlreadyExists``.
    """
    try:
        yield
    except ClientError as error:
        if error_code(error) != "CNAMEAlreadyExists":
            raise
        holders = [each["Id"] for each in listed(aws) if domain in names_of(each)]
        who = f"distribution {holders[0]}" if holders else "a distribution of another account"
        raise ServiceError(
            f"{domain} is a name of {who}: CloudFront lets but one have it",
            hint="take it away there, or ask AWS Support to move it where you cannot; "
            "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/"
            "alternate-domain-names-move.html",
            next=("setup",),
            aws_code=error_code(error),
        ) from error


def names_of(summary: Mapping[str, Any]) -> list[str]:
    """Return the names of one's own that a distribution answers to, of its summary."""
    return list((summary.get("Aliases") or {}).get("Items") or [])
