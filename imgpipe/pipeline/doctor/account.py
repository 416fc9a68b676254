"""What somebody added by hand to the buckets."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

from imgpipe.aws.bucket_settings import SWITCHES
from imgpipe.aws.errors import or_none
from imgpipe.aws.policies import open_to_the_world
from imgpipe.aws.policy_text import document
from imgpipe.pipeline.doctor.probe import AdviceError, NotHereError, Patient, Probe

_EVERYBODY: Final = ("AllUsers", "AuthenticatedUsers")


def _buckets(patient: Patient) -> tuple[str, str]:
    return patient.pipeline.names.source_bucket, patient.pipeline.names.destination_bucket


def _policies(patient: Patient) -> Iterator[str]:
    s3 = patient.pipeline.aws.client("s3")
    for bucket in _buckets(patient):
        answer = or_none(partial(s3.get_bucket_policy, Bucket=bucket))
        statements = document(answer["Policy"])["Statement"] if answer else []
        for each in statements if isinstance(statements, list) else [statements]:
            if open_to_the_world(each):
                yield f"the policy of {bucket} lets everybody {each['Action']}"


def _acls(patient: Patient) -> Iterator[str]:
    s3 = patient.pipeline.aws.client("s3")
    for bucket in _buckets(patient):
        answer = or_none(partial(s3.get_bucket_acl, Bucket=bucket)) or {"Grants": []}
        for grant in answer["Grants"]:
            if grant["Grantee"].get("URI", "").endswith(_EVERYBODY):
                yield f"the ACL of {bucket} lets everybody {grant['Permission']}"


def _websites(patient: Patient) -> Iterator[str]:
    s3 = patient.pipeline.aws.client("s3")
    for bucket in _buckets(patient):
        if or_none(partial(s3.get_bucket_website, Bucket=bucket)):
            yield f"{bucket} is set up as a website"


def _public_access(patient: Patient) -> Iterator[str]:
    """The buckets' own switches suffice; the account's keep them from being switched off by hand.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
    """
    aws = patient.pipeline.aws
    if aws.endpoint_url:
        raise NotHereError(f"{aws.endpoint_url} has no S3 Control")
    ask = partial(aws.client("s3control").get_public_access_block, AccountId=aws.account)
    found = (or_none(ask) or {}).get("PublicAccessBlockConfiguration", {})
    if off := [name for name in SWITCHES if not found.get(name)]:
        raise AdviceError(f"the account itself does not say {', '.join(off)}")
    yield from ()


_BY_HAND: Final = "take it away by hand: setup leaves alone what others put beside its own"
PROBES: Final = (
    Probe("by hand: policies", "no bucket policy is open to the world", _BY_HAND, _policies),
    Probe("by hand: ACLs", "no ACL is open to the world", _BY_HAND, _acls),
    Probe("by hand: websites", "no bucket is a website", _BY_HAND, _websites),
    Probe(
        "account: public access",
        "Block Public Access for the whole account",
        "switch it on in the S3 console, if no bucket of the account is to be public",
        _public_access,
    ),
)
