"""The DynamoDB table of metadata: a row for each rendition, found by key, by source and by time.

Paid by request, and restorable to any second of the last 35 days.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final

from handler.schema import PARTITION_KEY
from imgpipe.aws.errors import already_gone, or_none
from imgpipe.aws.tags import tag_dict, tag_list
from imgpipe.engine.resource import Live, Properties, TaggedResource
from imgpipe.errors import ServiceError
from imgpipe.resources import table_indexes, table_stream

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imgpipe.aws.account import Aws

_KEY: Final = ("KeySchema", "AttributeDefinitions")
_UPDATABLE: Final = ("BillingMode", "DeletionProtectionEnabled")
_PITR: Final = "PointInTimeRecoverySpecification"
_INDEXES: Final = "GlobalSecondaryIndexes"
_STREAM: Final = "StreamSpecification"
_NEW: Final = timedelta(minutes=1)
_TAGS_APPEAR_SECONDS: Final = 5.0


@dataclass(frozen=True)
class Table(TaggedResource):
    """A table keyed by ``filename`` (text). Read-only attributes: ``Arn``, ``StreamArn``."""

    type: ClassVar[str] = "AWS::DynamoDB::Table"
    title: ClassVar[str] = "metadata table"
    deletion_protection: bool
    keep_backup: bool = False

    def properties(self, live: Live) -> Properties:
        """Key, indexes, stream, on-demand billing, recovery, deletion protection and tags."""
        return {
            "KeySchema": [{"AttributeName": PARTITION_KEY, "KeyType": "HASH"}],
            "AttributeDefinitions": table_indexes.attribute_definitions(PARTITION_KEY),
            _INDEXES: dict(table_indexes.INDEXES),
            _STREAM: dict(table_stream.SPECIFICATION),
            "BillingMode": "PAY_PER_REQUEST",
            "DeletionProtectionEnabled": self.deletion_protection,
            _PITR: {"PointInTimeRecoveryEnabled": True},
            "Tags": dict(self.tags),
        }

    def read(self, aws: Aws) -> Properties | None:
        """Return the table and its filled indexes; one that is being deleted counts as absent."""
        table = _describe(aws, self.name)
        if table is None or table["TableStatus"] == "DELETING":
            return None
        return {
            "KeySchema": table["KeySchema"],
            "AttributeDefinitions": _key_attributes(table),
            _INDEXES: table_indexes.filled(table),
            _STREAM: table_stream.specification(table),
            "BillingMode": table.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED"),
            "DeletionProtectionEnabled": table.get("DeletionProtectionEnabled", False),
            _PITR: {"PointInTimeRecoveryEnabled": _recoverable(aws, self.name)},
            "Tags": _tags(aws, table),
            "Arn": table["TableArn"],
            "StreamArn": table.get("LatestStreamArn", ""),
        }

    def create(self, aws: Aws, desired: Properties) -> None:
        """Create it, and turn recovery on when it is active.

        A deleted namesake that is still going is waited for.
        """
        given = {name: desired[name] for name in ("KeySchema", *_UPDATABLE)}
        given |= {**table_indexes.definitions(), _STREAM: table_stream.ENABLED}
        create = partial(aws.client("dynamodb").create_table, TableName=self.name)
        aws.eventually("dynamodb", lambda: create(Tags=tag_list(desired["Tags"]), **given))
        self.update(aws, desired, frozenset({_PITR}))

    def update(self, aws: Aws, desired: Properties, changed: frozenset[str]) -> None:
        """Set what ``changed`` names, on an active table; DynamoDB takes one change at a time.

        The indexes come last: filling them may take long.

        Raises:
            ServiceError: the table has another key, which DynamoDB cannot change.
        """
        if changed & set(_KEY):
            raise _other_key(self.name)
        arn = _wait_until_active(aws, self.name)["TableArn"]
        if settings := {name: desired[name] for name in _UPDATABLE if name in changed}:
            change = partial(aws.client("dynamodb").update_table, **settings)
            aws.eventually("dynamodb", lambda: change(TableName=self.name))
            _wait_until_active(aws, self.name)
        if _PITR in changed:
            _turn_recovery_on(aws, self.name)
        if "Tags" in changed:
            tag = partial(aws.client("dynamodb").tag_resource, Tags=tag_list(desired["Tags"]))
            aws.eventually("dynamodb", lambda: tag(ResourceArn=arn))
        if _STREAM in changed:
            table_stream.bring_about(aws, self.name, lambda: _wait_until_active(aws, self.name))
        if _INDEXES in changed:
            table_indexes.bring_about(aws, self.name, lambda: _describe(aws, self.name) or {})

    def check_deletable(self, aws: Aws, live: Properties) -> None:
        """Raise ``ServiceError`` if the table is protected against deletion."""
        if live["DeletionProtectionEnabled"]:
            raise _protected(self.name)

    def delete(self, aws: Aws, live: Properties) -> None:
        """Delete it and wait until it is gone; a backup is left with ``keep_backup`` alone.

        Of a table that can be restored, DynamoDB keeps a backup for 35 days after its deletion, so
        else that is switched off first:
        https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery_Howitworks.html

        Raises:
            ServiceError: it is protected. A teardown never lifts the protection by itself, whatever
                the settings say now: being taken away by a command is what it protects from.
        """
        self.check_deletable(aws, live)
        with already_gone():
            if live[_PITR]["PointInTimeRecoveryEnabled"] and not self.keep_backup:
                _switch_recovery(aws, self.name, on=False)
            delete = aws.client("dynamodb").delete_table
            aws.eventually("dynamodb", lambda: delete(TableName=self.name))
        aws.settle(
            lambda: _describe(aws, self.name),
            lambda table: table is None,
            what=f"deletion of table {self.name}",
        )


def _describe(aws: Aws, name: str) -> dict[str, Any] | None:
    answer = or_none(lambda: aws.client("dynamodb").describe_table(TableName=name))
    return answer and dict(answer["Table"])


def _wait_until_active(aws: Aws, name: str) -> dict[str, Any]:
    return aws.settle(
        lambda: _describe(aws, name) or {},
        lambda table: table.get("TableStatus") == "ACTIVE",
        what=f"table {name}",
    )


def _key_attributes(table: Mapping[str, Any]) -> list[Mapping[str, str]]:
    """Return the key's attributes alone: an index somebody added brings its own."""
    key = {each["AttributeName"] for each in table["KeySchema"]}
    return [each for each in table["AttributeDefinitions"] if each["AttributeName"] in key]


def _recoverable(aws: Aws, name: str) -> bool:
    answer = (
        or_none(lambda: aws.client("dynamodb").describe_continuous_backups(TableName=name)) or {}
    )
    recovery = answer.get("ContinuousBackupsDescription", {}).get(
        "PointInTimeRecoveryDescription", {}
    )
    return bool(recovery.get("PointInTimeRecoveryStatus") == "ENABLED")


def _turn_recovery_on(aws: Aws, name: str) -> None:
    _switch_recovery(aws, name, on=True)
    # Now and then DynamoDB accepts it and does not do it.
    aws.settle(
        lambda: _recoverable(aws, name), bool, what=f"point-in-time recovery of table {name}"
    )


def _switch_recovery(aws: Aws, name: str, *, on: bool) -> None:
    specification = {"PointInTimeRecoveryEnabled": on}
    switch = partial(aws.client("dynamodb").update_continuous_backups, TableName=name)
    aws.eventually("dynamodb", lambda: switch(PointInTimeRecoverySpecification=specification))


def _tags(aws: Aws, table: Mapping[str, Any]) -> dict[str, str]:
    """Return the table's tags; DynamoDB may not tell those of a table it has just made.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListTagsOfResource.html
    """
    deadline = aws.clock() + _TAGS_APPEAR_SECONDS
    age = datetime.now(UTC) - table["CreationDateTime"]
    return aws.settle(
        lambda: _list_tags(aws, table["TableArn"]),
        lambda tags: bool(tags) or age > _NEW or aws.clock() >= deadline,
        what=f"the tags of table {table['TableName']}",
        every=1,
    )


def _list_tags(aws: Aws, arn: str) -> dict[str, str]:
    pages = aws.client("dynamodb").get_paginator("list_tags_of_resource").paginate(ResourceArn=arn)
    return tag_dict(tag for page in pages for tag in page["Tags"])


def _other_key(name: str) -> ServiceError:
    return ServiceError(
        f"table {name} is not keyed by {PARTITION_KEY} (S) alone, and a key cannot be changed",
        hint="delete the table, or choose another --stage",
    )


def _protected(name: str) -> ServiceError:
    return ServiceError(
        f"table {name} is protected against deletion",
        hint="set deletion_protection = false, run setup, then tear it down again",
        next=("setup", "teardown"),
    )
