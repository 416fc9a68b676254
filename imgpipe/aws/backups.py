"""What DynamoDB keeps of a table: backups of its own making after a deletion, and of others'."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from imgpipe.aws.errors import denied
from imgpipe.errors import NotSettledError

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

# It was seen to show within 8 s of the deletion.
_APPEARS_SECONDS: Final = 20.0


@dataclass(frozen=True)
class Backup:
    """A backup of a table, and when DynamoDB deletes it; ``None``: when somebody does."""

    name: str
    expires: datetime | None


def backups(aws: Aws, table: str) -> tuple[Backup, ...] | None:
    """Return the backups of ``table``, there or not; ``None`` if ``dynamodb:ListBackups`` lacks."""
    pages = aws.client("dynamodb").get_paginator("list_backups")
    try:
        found = [
            each
            for page in pages.paginate(TableName=table, BackupType="ALL")
            for each in page["BackupSummaries"]
        ]
    except ClientError as error:
        if denied(error):
            return None
        raise
    return tuple(_backup(each) for each in found if each.get("BackupStatus") != "DELETED")


def awaited_backups(aws: Aws, table: str) -> tuple[Backup, ...] | None:
    """Return what ``backups`` does, as soon as one shows that DynamoDB makes at a deletion."""
    try:
        return aws.settle(
            lambda: backups(aws, table),
            lambda found: found is None or any(each.expires for each in found),
            what=f"the backup of table {table}",
            seconds=_APPEARS_SECONDS,
        )
    except NotSettledError:
        return backups(aws, table)


def _backup(summary: dict[str, Any]) -> Backup:
    return Backup(summary["BackupName"], summary.get("BackupExpiryDateTime"))
