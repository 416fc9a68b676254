"""Policies: exactly the least the function needs, and equality of what means the same."""

from __future__ import annotations

import json

import pytest
from moto.iam.aws_managed_policies import aws_managed_policies_data

from imgpipe.aws import policies, policy_text
from imgpipe.aws.errors import translated
from imgpipe.errors import ServiceError

SOURCE, DESTINATION = "arn:aws:s3:::source", "arn:aws:s3:::dest"
TABLE = "arn:aws:dynamodb:eu-west-1:123456789012:table/ImageMetadata"
LOGS = "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/F"
QUEUE = "arn:aws:sqs:eu-west-1:123456789012:Failures"
FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:ImageGalleryFunction"
DISTRIBUTION = "arn:aws:cloudfront::123456789012:distribution/E1"


def _grants(policy: policies.Policy) -> set[tuple[str, str]]:
    return {
        (action, statement["Resource"])
        for statement in policy["Statement"]
        for action in statement["Action"]
    }


@pytest.mark.parametrize("text", ['{"Version": "2012-10-17", "Stat', "", "[]", "{}", "<html>"])
def test_a_policy_damaged_on_its_way_is_told(text: str) -> None:
    """It is a text within an answer that is whole."""
    with pytest.raises(ServiceError, match="policy cannot be read"), translated():
        policy_text.document(text)


def test_execution_policy_grants_exactly_the_least() -> None:
    """Seven actions, each on the one resource it is needed on, and nothing granted beside."""
    policy = policies.execution_policy(SOURCE, DESTINATION, TABLE, LOGS, QUEUE)
    assert _grants(policy) == {
        ("s3:GetObject", "arn:aws:s3:::source/*"),
        ("s3:ListBucket", "arn:aws:s3:::source"),
        ("s3:PutObject", "arn:aws:s3:::dest/*processed-*"),
        ("dynamodb:PutItem", TABLE),
        ("logs:CreateLogStream", f"{LOGS}:*"),
        ("logs:PutLogEvents", f"{LOGS}:*"),
        ("sqs:SendMessage", QUEUE),
    }
    assert {statement["Effect"] for statement in policy["Statement"]} == {"Allow"}


def test_removals_take_results_and_rows_and_nothing_else() -> None:
    """Not the page, not its data, not another index."""
    statements = policies.removal_statements(DESTINATION, TABLE)
    extended = policies.extended(policies.failures_policy(QUEUE), statements)
    assert _grants(extended) - {("sqs:SendMessage", QUEUE)} == {
        ("s3:ListBucket", "arn:aws:s3:::dest"),
        ("s3:DeleteObject", "arn:aws:s3:::dest/*processed-*"),
        ("dynamodb:BatchGetItem", TABLE),
        ("dynamodb:DeleteItem", TABLE),
        ("dynamodb:Query", f"{TABLE}/index/imgpipe-by-source"),
    }
    assert {statement["Effect"] for statement in extended["Statement"]} == {"Allow"}


def test_the_page_is_written_from_the_table_and_nothing_else_is() -> None:
    """No source, no result, no row: a thief of it has a page, and what the page shows anyway."""
    policy = policies.page_policy(DESTINATION, TABLE, LOGS, QUEUE, FUNCTION)
    policy = policies.extended(policy, [policies.invalidation_statement(DISTRIBUTION)])
    pages = "arn:aws:s3:::dest/gallery/page-*"
    stream = f"{TABLE}/stream/*"
    assert _grants(policy) == {
        ("s3:GetObject", "arn:aws:s3:::dest/gallery/index.json"),
        ("s3:PutObject", "arn:aws:s3:::dest/gallery/index.json"),
        ("s3:GetObject", pages),
        ("s3:PutObject", pages),
        ("s3:DeleteObject", pages),
        ("s3:PutObject", "arn:aws:s3:::dest/gallery/newest.html"),
        ("s3:DeleteObject", "arn:aws:s3:::dest/gallery/newest.html"),
        ("lambda:GetFunctionConfiguration", FUNCTION),
        ("s3:ListBucket", "arn:aws:s3:::dest"),
        ("dynamodb:BatchGetItem", TABLE),
        ("dynamodb:Query", f"{TABLE}/index/imgpipe-by-time"),
        ("dynamodb:DescribeStream", stream),
        ("dynamodb:GetRecords", stream),
        ("dynamodb:GetShardIterator", stream),
        ("dynamodb:ListStreams", stream),
        ("logs:CreateLogStream", f"{LOGS}:*"),
        ("logs:PutLogEvents", f"{LOGS}:*"),
        ("sqs:SendMessage", QUEUE),
        ("cloudfront:CreateInvalidation", DISTRIBUTION),
    }
    assert {statement["Effect"] for statement in policy["Statement"]} == {"Allow"}


def test_failures_policy_grants_sending_alone() -> None:
    """What the guide's managed policies lack is one action on one queue."""
    assert _grants(policies.failures_policy(QUEUE)) == {("sqs:SendMessage", QUEUE)}


def test_trust_policy_trusts_lambda_only() -> None:
    """The one principal is Lambda's."""
    (statement,) = policies.trust_policy()["Statement"]
    assert (statement["Principal"], statement["Action"]) == (
        {"Service": "lambda.amazonaws.com"},
        "sts:AssumeRole",
    )


def test_tls_only_denies_bucket_and_objects_over_plain_http() -> None:
    """Everybody, every action, the bucket and what is in it."""
    statement = policies.tls_only_statement(SOURCE)
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == (
        "Deny",
        "*",
        "s3:*",
    )
    assert statement["Resource"] == [SOURCE, f"{SOURCE}/*"]
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_cloudfront_reads_objects_for_exactly_one_distribution() -> None:
    """The principal is CloudFront, bound to the distribution's own ARN without wildcards."""
    statement = policies.cloudfront_read_statement(DESTINATION, DISTRIBUTION)
    assert (statement["Principal"], statement["Action"]) == (
        {"Service": "cloudfront.amazonaws.com"},
        "s3:GetObject",
    )
    assert statement["Resource"] == f"{DESTINATION}/*"
    assert statement["Condition"] == {"StringEquals": {"AWS:SourceArn": DISTRIBUTION}}


@pytest.mark.parametrize("partition", ["aws", "aws-us-gov"])
def test_managed_policies_are_the_guides_three(partition: str) -> None:
    """They are in the partition, and AWS has policies of these names."""
    arns = policies.managed_policy_arns(partition)
    names = {arn.removeprefix(f"arn:{partition}:iam::aws:policy/") for arn in arns}
    assert names == {"AmazonS3FullAccess", "AmazonDynamoDBFullAccess", "CloudWatchLogsFullAccess"}
    assert names <= json.loads(aws_managed_policies_data).keys()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"Action": ["s3:GetObject"]}, {"Action": "s3:GetObject"}),
        ({"Resource": ["b", "a"]}, {"Resource": ["a", "b"]}),
        ({"Bool": {"aws:SecureTransport": False}}, {"Bool": {"aws:SecureTransport": "false"}}),
        ({"Statement": [{"Sid": "B"}, {"Sid": "A"}]}, {"Statement": [{"Sid": "A"}, {"Sid": "B"}]}),
    ],
)
def test_what_means_the_same_is_normalised_to_the_same(
    one: policies.Policy, other: policies.Policy
) -> None:
    """A list of one, an order, a boolean written as a text."""
    assert policy_text.normalised(one) == policy_text.normalised(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"Action": ["s3:GetObject", "s3:PutObject"]}, {"Action": "s3:GetObject"}),
        ({"Resource": "a"}, {"Resource": "b"}),
        ({"Bool": {"aws:SecureTransport": True}}, {"Bool": {"aws:SecureTransport": "false"}}),
    ],
)
def test_what_differs_stays_different(one: policies.Policy, other: policies.Policy) -> None:
    """Nothing that matters is normalised away."""
    assert policy_text.normalised(one) != policy_text.normalised(other)


def test_canonical_text_does_not_depend_on_the_order_of_keys() -> None:
    """The same policy is the same text, so that a role which holds it is an equal value."""
    assert (
        policy_text.canonical({"b": 1, "a": [2]})
        == policy_text.canonical({"a": [2], "b": 1})
        == '{"a":[2],"b":1}'
    )
