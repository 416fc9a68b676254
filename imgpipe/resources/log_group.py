"""The function's log group: made first, so that its retention holds; deleted last."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from imgpipe.aws.errors import already_gone, or_none
from imgpipe.engine.resource import Live, Properties, TaggedResource

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws


@dataclass(frozen=True)
class LogGroup(TaggedResource):
    """A log group that keeps its events ``retention_days`` days.

    Read-only attribute: ``Arn``, without the ``:*``.
    """

    type: ClassVar[str] = "AWS::Logs::LogGroup"
    title: ClassVar[str] = "log group"
    # By Lambda, when an invocation still writes and its role may create groups.
    revived: ClassVar[bool] = True
    retention_days: int

    def properties(self, live: Live) -> Properties:
        """Retention and tags."""
        return {"RetentionInDays": self.retention_days, "Tags": dict(self.tags)}

    def read(self, aws: Aws) -> Properties | None:
        """Return the group; ``RetentionInDays`` is ``None`` where events are kept for ever."""
        group = _find(aws, self.name)
        # DescribeLogGroups gives the ARN as policies need it, the tagging calls want it without the
        # wildcard.
        arn = group["arn"].removesuffix(":*") if group else ""
        tags = (
            or_none(lambda: aws.client("logs").list_tags_for_resource(resourceArn=arn))
            if group
            else None
        )
        return group and {
            "RetentionInDays": group.get("retentionInDays"),
            "Tags": tags["tags"] if tags else {},
            "Arn": arn,
        }

    def create(self, aws: Aws, desired: Properties) -> None:
        """Create it, then say how long it keeps its events."""
        create = aws.client("logs").create_log_group
        aws.eventually("logs", lambda: create(logGroupName=self.name, tags=desired["Tags"]))
        self.update(aws, desired, frozenset({"RetentionInDays"}))

    def update(self, aws: Aws, desired: Properties, changed: frozenset[str]) -> None:
        """Set what ``changed`` names."""
        logs = aws.client("logs")
        if "RetentionInDays" in changed:
            days = desired["RetentionInDays"]
            put = partial(logs.put_retention_policy, logGroupName=self.name)
            aws.eventually("logs", lambda: put(retentionInDays=days))
        if "Tags" in changed:
            arn = _find(aws, self.name)["arn"].removesuffix(":*")
            logs.tag_resource(resourceArn=arn, tags=desired["Tags"])

    def delete(self, aws: Aws, live: Properties) -> None:
        """Delete it with all its events."""
        with already_gone():
            delete = aws.client("logs").delete_log_group
            aws.eventually("logs", lambda: delete(logGroupName=self.name))


def _find(aws: Aws, name: str) -> Any:
    """Return the group of exactly that name: AWS searches by prefix."""
    pages = (
        aws.client("logs").get_paginator("describe_log_groups").paginate(logGroupNamePrefix=name)
    )
    return next(
        (group for page in pages for group in page["logGroups"] if group["logGroupName"] == name),
        None,
    )
