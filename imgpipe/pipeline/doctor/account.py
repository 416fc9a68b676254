"""What somebody added by hand to the buckets, the functions and the queue."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Final

from imgpipe.aws.bucket_settings import SWITCHES
from imgpipe.aws.errors import or_none
from imgpipe.aws.policies import open_to_the_world
from imgpipe.aws.policy_text import document
from imgpipe.pipeline.doctor.probe import AdviceError, NotHereError, Patient, Probe

_EVERYBODY: Final = ("AllUsers", "AuthenticatedUsers")


def _buckets(patient: Patient) -> tuple[str, str]:
    return patient.pipeline.names.source_bucket, patient.pipeline.names.destination_bucket


def _policies(patient: Patient) -> Iterator[str]:
    for name, policy in _texts(patient):
        statements = document(policy)["Statement"] if policy else []
        for each in statements if isinstance(statements, list) else [statements]:
            if open_to_the_world(each):
                what = each.get("Action") or f"all but {each.get('NotAction')}"
                yield f"the policy of {name} lets everybody {what}"


def _texts(patient: Patient) -> Iterator[tuple[str, str]]:
    """Yield whose policy it is, and the policy; empty where there is none."""
    names, aws = patient.pipeline.names, patient.pipeline.aws
    s3, function, sqs = aws.client("s3"), aws.client("lambda"), aws.client("sqs")
    for bucket in _buckets(patient):
        yield bucket, _policy(partial(s3.get_bucket_policy, Bucket=bucket))
    delivery = [names.delivery_function] if patient.pipeline.settings.delivery.enabled else []
    served = f"{names.function}:{names.alias}"
    for name in (names.function, served, names.page_function, *delivery):
        yield name, _policy(partial(function.get_policy, FunctionName=name))
    if queue := or_none(partial(sqs.get_queue_url, QueueName=names.queue)):
        ask = partial(sqs.get_queue_attributes, QueueUrl=queue["QueueUrl"])
        answer = ask(AttributeNames=["Policy"])
        yield names.queue, _policy(lambda: answer.get("Attributes", {}))


def _policy(ask: Callable[[], Mapping[str, Any]]) -> str:
    return str((or_none(ask) or {}).get("Policy", ""))


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


_BY_HAND: Final = "take it away: setup leaves alone what others put beside its own"
PROBES: Final = (
    Probe(
        "by hand: policies",
        "no policy of a bucket, a function or the queue is open to the world",
        f"{_BY_HAND} (PutBucketPolicy, RemovePermission, SetQueueAttributes)",
        _policies,
    ),
    Probe(
        "by hand: ACLs",
        "no ACL is open to the world",
        "give it the ACL private again (PutBucketAcl), then setup, which forbids ACLs",
        _acls,
    ),
    Probe(
        "by hand: websites",
        "no bucket is a website",
        f"{_BY_HAND} (DeleteBucketWebsite)",
        _websites,
    ),
    Probe(
        "account: public access",
        "Block Public Access for the whole account",
        "switch it on in the S3 console, if no bucket of the account is to be public",
        _public_access,
    ),
)
