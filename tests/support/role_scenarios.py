"""What the functions do as their roles, told as scenarios: each breaks where its role may not."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from handler.event import FILL, Kind, s3_event
from handler.gallery import INDEX_KEY, PAGE_PREFIX, Index, Page
from handler.gallery_pictures import picture_of
from handler.keys import processed_key
from handler.page_data import Store, update
from handler.schema import Metadata, Status
from tests.support.shell import photo

if TYPE_CHECKING:
    import boto3

    from tests.support.role_account import RoleAccount

KEY: Final = "a.jpg"
RESULT: Final = processed_key(KEY)
PAGE: Final = f"{PAGE_PREFIX}old.json"
ROW: Final = Metadata(
    filename=RESULT,
    size=9,
    timestamp="2026-01-01T00:00:00.000+00:00",
    status=Status.PROCESSED,
    source_key=KEY,
)

Scenario = Callable[["RoleAccount", "boto3.Session"], None]


def made(account: RoleAccount, _: boto3.Session) -> None:
    """A picture is made."""
    put(account, KEY)
    account.invoke(account.names.function, told(account, Kind.CREATED, KEY))


def gone(account: RoleAccount, _: boto3.Session) -> None:
    """An event comes after its picture went."""
    account.invoke(account.names.function, told(account, Kind.CREATED, "never.jpg"))


def replaced(account: RoleAccount, _: boto3.Session) -> None:
    """Results of an earlier version go, under a name that is not used any more."""
    write(account, replace(ROW, filename="processed-a-old.jpg"))
    made(account, _)


def damaged(account: RoleAccount, _: boto3.Session) -> None:
    """A picture is replaced by what is none: its result goes, and a reason takes its place."""
    write(account, ROW)
    s3, names = account.aws.client("s3"), account.names
    s3.put_object(Bucket=names.destination_bucket, Key=RESULT, Body=b"of before")
    s3.put_object(Bucket=names.source_bucket, Key=KEY, Body=b"no picture")
    account.invoke(names.function, told(account, Kind.CREATED, KEY))


def removed(account: RoleAccount, _: boto3.Session) -> None:
    """A removed picture takes its result and row along."""
    write(account, ROW)
    account.aws.client("s3").delete_object(Bucket=account.names.source_bucket, Key=KEY)
    account.invoke(account.names.function, told(account, Kind.REMOVED, KEY))


def begun(account: RoleAccount, _: boto3.Session) -> None:
    """The first picture ever shows on the page."""
    bucket = account.names.destination_bucket
    account.aws.client("s3").delete_object(Bucket=bucket, Key=INDEX_KEY)
    shown(account, _)


def shown(account: RoleAccount, _: boto3.Session) -> None:
    """A picture shows on the page, and the edges forget what was before."""
    write(account, ROW)
    old = replace(ROW, timestamp="2025-12-31T00:00:00.000+00:00")
    images = {"OldImage": old.to_item(), "NewImage": ROW.to_item()}
    record = {"eventID": "1", "dynamodb": {"Keys": {"filename": {"S": RESULT}}, **images}}
    account.invoke(account.names.page_function, {"Records": [record]})


def paged(account: RoleAccount, _: boto3.Session) -> None:
    """A picture on an older page changes: another page takes its place."""
    other = replace(ROW, filename="processed-b.jpg", source_key="b.jpg")
    start = (ROW.timestamp, "")
    index = Index(
        filled=True, start=("2026-02", ""), pages=(Page(name=PAGE, start=start, total=1),)
    )
    for key, value in ((PAGE, {"pictures": [picture_of(other)]}), (INDEX_KEY, index.to_json())):
        account.aws.client("s3").put_object(
            Bucket=account.names.destination_bucket, Key=key, Body=json.dumps(value)
        )
    shown(account, _)


def filled(account: RoleAccount, _: boto3.Session) -> None:
    """The page is filled from the table."""
    account.invoke(account.names.page_function, {FILL: {}})


def taken_back(account: RoleAccount, session: boto3.Session) -> None:
    """A batch that began before there was to be no page takes back what it put."""
    bucket, table = account.names.destination_bucket, account.names.table
    account.aws.client("s3").delete_object(Bucket=bucket, Key=INDEX_KEY)
    s3, dynamodb = (client(account, session, service) for service in ("s3", "dynamodb"))
    update(Store(s3, dynamodb, bucket, table, wanted=lambda: False), [RESULT], [])


def logged(account: RoleAccount, session: boto3.Session) -> None:
    """Lambda writes the function's log, as the role."""
    logs, group = client(account, session, "logs"), account.names.log_group
    account.aws.client("logs").create_log_stream(logGroupName=group, logStreamName="of root")
    try:
        logs.create_log_stream(logGroupName=group, logStreamName="of the role")
        event = {"timestamp": 1_800_000_000_000, "message": "a line"}
        logs.put_log_events(logGroupName=group, logStreamName="of root", logEvents=[event])
    finally:
        for stream in account.aws.client("logs").describe_log_streams(logGroupName=group)[
            "logStreams"
        ]:
            name = stream["logStreamName"]
            account.aws.client("logs").delete_log_stream(logGroupName=group, logStreamName=name)


def reported(account: RoleAccount, session: boto3.Session) -> None:
    """Lambda sends an event that failed for good to the queue, as the role."""
    queue = account.aws.client("sqs").get_queue_url(QueueName=account.names.queue)["QueueUrl"]
    client(account, session, "sqs").send_message(QueueUrl=queue, MessageBody="{}")


SCENARIOS: Final[Mapping[str, tuple[Scenario, ...]]] = {
    "role": (made, gone, replaced, removed, logged, reported),
    "page_role": (begun, shown, paged, filled, taken_back, logged, reported),
}


def client(account: RoleAccount, session: boto3.Session, service: str) -> Any:
    """A client with the role's credentials."""
    return session.client(service, endpoint_url=account.aws.endpoint_url)


def told(account: RoleAccount, kind: Kind, key: str) -> Mapping[str, Any]:
    """S3's event."""
    return s3_event(kind, account.names.source_bucket, key, account.aws.region)


def put(account: RoleAccount, key: str) -> None:
    """Upload a picture as the account's root."""
    body = photo(80, 60)
    account.aws.client("s3").put_object(Bucket=account.names.source_bucket, Key=key, Body=body)


def write(account: RoleAccount, row: Metadata) -> None:
    """Write a row as the account's root."""
    account.aws.client("dynamodb").put_item(TableName=account.names.table, Item=row.to_item())
