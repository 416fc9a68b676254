"""The CloudFront distribution in front of the destination bucket.

AWS chooses its id, so it is found by its comment and confirmed by our tag. It takes minutes to
reach every edge, and can only be deleted once the edges know that it is disabled: every step of
``delete`` looks again, so that a second run goes on with it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final
from uuid import uuid4

from botocore.exceptions import ClientError

from handler.address import PATTERN
from imgpipe.aws import certificates, distribution_names, distributions
from imgpipe.aws.distribution_config import Delivery, desired_config, live_properties, merged
from imgpipe.aws.errors import already_gone, error_code, error_text, or_none
from imgpipe.aws.pricing_plans import subscribed
from imgpipe.engine.resource import OWNER_TAG, Live, Properties, Resource, TaggedResource
from imgpipe.errors import NotOursError, ServiceError

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

# https://github.com/aws/aws-sdk-js-v3/issues/2618: "Already exists: E1SX..." ends the refusal.
_ALREADY_EXISTS: Final = re.compile(r"Already exists: (E[0-9A-Z]+)")


@dataclass(frozen=True)
class Distribution(TaggedResource):
    """The distribution whose comment is ``name``.

    Read-only attributes: ``Id``, ``Arn``, ``DomainName``, ``Status``, ``WebACLId``.

    Attributes:
        domain: a name of one's own that it answers to; empty = none, ``None`` = as it is.
        certificate: the certificate for that, requested by us; it answers once that is issued.
        certificate_arn: one of somebody's own in its place.
    """

    type: ClassVar[str] = "AWS::CloudFront::Distribution"
    title: ClassVar[str] = "CDN distribution"
    origin: Resource
    origin_access_control: Resource
    domain: str | None = None
    certificate: Resource | None = None
    certificate_arn: str = ""
    function_url: Resource | None = None
    url_access_control: Resource | None = None
    edge_function: Resource | None = None

    def properties(self, live: Live) -> Properties:
        """Return what makes it serve the bucket, and the URL, over HTTPS alone, signed, cached."""
        domain_name = live.attribute(self.origin, "RegionalDomainName")
        signer = live.attribute(self.origin_access_control, "Id")
        config = desired_config(domain_name, signer, self._delivery(live))
        tags, names = dict(self.tags), self._names(live)
        if names and self.domain is not None:
            tags |= distribution_names.remembering(self.domain, self.certificate_arn)
        return {**config, **names, "Tags": tags}

    def _names(self, live: Live) -> Properties:
        """Return the name that it is to answer to; nothing where that is left as it is."""
        if self.domain is None:
            return {}
        if not self.domain:
            return distribution_names.nameless()
        if self.certificate is None:
            return distribution_names.answering(self.domain, self.certificate_arn)
        if live.get(self.certificate, {}).get("Status") == certificates.PENDING:
            return {}
        arn = live.attribute(self.certificate, "Arn")
        return distribution_names.answering(self.domain, arn)

    def _delivery(self, live: Live) -> Delivery | None:
        url, signer, edge = self.function_url, self.url_access_control, self.edge_function
        if not (url and signer and edge and edge.wanted):
            return None
        told = ((url, "DomainName"), (signer, "Id"), (edge, "Arn"))
        return Delivery(PATTERN, *(live.attribute(each, name) for each, name in told))

    def keeping(self, desired: Properties, live: Properties) -> Properties:
        """Return ``desired`` with the names that somebody put beside ours."""
        return distribution_names.beside(desired, live)

    def read(self, aws: Aws) -> Properties | None:
        """Return the distribution with our comment *and* our tag: comments are not unique."""
        for found in distributions.commented(aws, self.name):
            tags = distributions.tags_of(aws, found["ARN"])
            if tags.get(OWNER_TAG) == dict(self.tags)[OWNER_TAG]:
                return _live(aws, found["Id"], tags)
        return None

    def create(self, aws: Aws, desired: Properties) -> None:
        """Create it with its tags; its edges are not waited for.

        A caller reference makes a call that is sent twice harmless. It holds the origin access
        control's id, which is another one in the pipeline's next life; if it is taken by a
        distribution that is gone, another reference is used.

        Raises:
            NotOursError: an earlier setup made it, and it does not carry our tag any more.
        """
        reference = f"{self.name} {desired['Origins'][0]['OriginAccessControlId']}"
        try:
            self._create(aws, desired, reference)
        except ClientError as error:
            if error_code(error) != "DistributionAlreadyExists":
                raise
            # The answer to an earlier call got lost; soon the distribution is listed, too.
            if not self._made_before(aws, error):
                self._create(aws, desired, f"{reference} {uuid4()}")

    def _create(self, aws: Aws, desired: Properties, reference: str) -> None:
        config = merged({"CallerReference": reference, "Comment": self.name}, desired)
        create = partial(
            aws.client("cloudfront").create_distribution_with_tags,
            DistributionConfigWithTags={
                "DistributionConfig": config,
                "Tags": distributions.tag_list(desired["Tags"]),
            },
        )
        with distributions.own_name(aws, self.domain):
            aws.eventually("cloudfront", create)

    def _made_before(self, aws: Aws, error: ClientError) -> bool:
        """Say whether the distribution that ``error`` speaks of is there, and ours.

        Raises:
            NotOursError: it is there and does not carry our tag.
        """
        named = _ALREADY_EXISTS.search(error_text(error))
        listed = [found["Id"] for found in distributions.commented(aws, self.name)]
        for identifier in [named[1]] if named else listed:
            get = partial(aws.client("cloudfront").get_distribution, Id=identifier)
            answer = or_none(get)
            if answer is None:
                continue
            if self.owned({"Tags": distributions.tags_of(aws, answer["Distribution"]["ARN"])}):
                return True
            raise NotOursError(
                f"distribution {identifier} was made by an earlier setup, "
                "but is not tagged as this pipeline's",
                hint=f"tag it {OWNER_TAG} with the stage's name, or delete it",
            )
        return False

    def update(self, aws: Aws, desired: Properties, changed: frozenset[str]) -> None:
        """Set what is ours, and send the rest back as it is.

        The tags come last: until then they tell which name was ours.
        """
        live = self.read(aws) or {}
        if changed - {"Tags"}:
            with distributions.own_name(aws, self.domain):
                distributions.change(aws, live["Id"], lambda config: merged(config, desired))
        if "Tags" in changed:
            distributions.tag(aws, live["Arn"], desired["Tags"])

    def let_go(self, aws: Aws, live: Properties) -> None:
        """Wait until no edge asks any more what a setup has taken out (3 to 15 minutes).

        Raises:
            NotSettledError: CloudFront took longer; the next setup goes on from there.
        """
        distributions.wait_deployed(aws, live["Id"])

    def check_deletable(self, aws: Aws, live: Properties) -> None:
        """Raise ``ServiceError`` if a flat-rate pricing plan keeps it from being deleted.

        A plan needs a web ACL on the distribution, so without one nobody is asked
        (``pricingplanmanager:ListSubscriptions``).
        https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HowToDeleteDistribution.html
        """
        if live["WebACLId"] and live["Arn"] in subscribed(aws):
            raise ServiceError(
                f"distribution {live['Id']} is subscribed to a CloudFront pricing plan",
                hint="cancel the plan in the CloudFront console; once its billing month is over "
                "the distribution can go",
                next=("teardown",),
            )

    def delete(self, aws: Aws, live: Properties) -> None:
        """Disable it, wait until every edge knows (3 to 15 minutes, at most 30), delete it.

        Raises:
            NotSettledError: CloudFront took longer; the next run goes on from there.
        """
        with already_gone():
            if distributions.config_of(aws, live["Id"])["DistributionConfig"]["Enabled"]:
                distributions.change(aws, live["Id"], lambda config: {**config, "Enabled": False})
            distributions.wait_deployed(aws, live["Id"])
            distributions.delete(aws, live["Id"])


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
        "WebACLId": found["DistributionConfig"].get("WebACLId", ""),
    }
    config = found["DistributionConfig"]
    names = distribution_names.read(config)
    return {**live_properties(config), **names, "Tags": tags, **identity}
