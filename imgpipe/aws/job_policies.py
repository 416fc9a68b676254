"""The policies of the role that jobs of S3 Batch Operations run as: pure functions from ARNs."""

from __future__ import annotations

from typing import Final

from imgpipe.aws.policies import VERSION, Policy, allow

SERVICE: Final = "batchoperations.s3.amazonaws.com"


def jobs_trust(account: str) -> Policy:
    """Return the policy that lets S3 Batch Operations assume the role, for ``account`` alone.

    AWS's own example has no condition, and does not say that the service tells for whom it asks.
    So the condition counts where it does, and shuts nobody out where it does not:
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-iam-role-policies.html,
    https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
    """
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": SERVICE},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEqualsIfExists": {"aws:SourceAccount": account}},
    }
    return {"Version": VERSION, "Statement": [statement]}


def jobs_policy(alias_arn: str, source_arn: str, lists_arn: str, reports_arn: str) -> Policy:
    """Return the least that a job needs: invoke, read its list or make one, write its report.

    S3 makes a list of a bucket's objects as an inventory, and so asks for the right to set that:
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-create-job.html. The objects
    themselves are the function's business.
    """
    statements = [
        allow("InvokeFunction", ["lambda:InvokeFunction"], alias_arn),
        allow("ListSources", ["s3:PutInventoryConfiguration"], source_arn),
        allow("ReadLists", ["s3:GetObject"], lists_arn),
        allow("WriteReports", ["s3:PutObject"], reports_arn),
    ]
    return {"Version": VERSION, "Statement": statements}
