"""The handler as Lambda calls it."""

from __future__ import annotations

import importlib
import json
from types import ModuleType
from typing import Any

import pytest
from botocore.exceptions import ClientError

from handler.event import Kind, s3_event, self_test_event
from handler.schema import BEGIN, COLD_START
from handler.services import Services
from tests.support.handler import DEST, SOURCE, TABLE, jpeg


class Context:
    """Lambda's context, as far as the handler looks at it."""

    aws_request_id = "r-1"
    memory_limit_in_mb = "512"

    def get_remaining_time_in_millis(self) -> int:
        """A minute."""
        return 60_000


@pytest.fixture
def function(services: Services, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module as a cold start loads it, in the environment setup gives it."""
    for name, value in {"SOURCE_BUCKET": SOURCE, "DEST_BUCKET": DEST, "TABLE_NAME": TABLE}.items():
        monkeypatch.setenv(name, value)
    return importlib.reload(importlib.import_module("handler.lambda_function"))


def event(*keys: str, bucket: str = SOURCE) -> dict[str, Any]:
    """An S3 event with a record for each key."""
    events = [s3_event(Kind.CREATED, bucket, key, "us-east-1") for key in keys]
    return {"Records": [record for event in events for record in event["Records"]]}


def test_every_record_is_processed_and_answered(
    function: ModuleType, services: Services, capsys: pytest.CaptureFixture[str]
) -> None:
    """Good, bad and missing pictures in one event each get their word and one JSON log line."""
    services.s3.put_object(Bucket=SOURCE, Key="a b.jpg", Body=jpeg())
    services.s3.put_object(Bucket=SOURCE, Key="bad.jpg", Body=b"bad")
    answer = function.lambda_handler(event("a b.jpg", "bad.jpg", "gone.jpg"), Context())
    assert answer["processed"] == ["processed-a b.jpg"]
    assert answer["rejected"][0].startswith("bad.jpg: ")
    assert answer["missing"] == ["gone.jpg"]
    lines = [json.loads(text) for text in capsys.readouterr().out.splitlines()]
    begun, ended = lines[0::2], lines[1::2]
    assert [line["message"] for line in begun] == [
        f"{BEGIN} {key}" for key in ("a b.jpg", "bad.jpg", "gone.jpg")
    ]
    assert [line["level"] for line in ended] == ["INFO", "WARN", "WARN"]
    assert ended[0]["filename"] == "processed-a b.jpg"
    assert {line["requestId"] for line in lines} == {"r-1"}


def test_the_first_line_alone_tells_of_a_cold_start(
    function: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of an execution environment, however many pictures and invocations it sees."""
    for _ in range(2):
        function.lambda_handler(event("a.jpg", "b.jpg"), Context())
    lines = [json.loads(text) for text in capsys.readouterr().out.splitlines()]
    assert [line.get(COLD_START) for line in lines] == [True, *(None for _ in lines[1:])]


def test_a_hostile_key_stays_on_its_log_line(
    function: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    """A newline in a key must not forge a line beside its two: one it begins with, one it ends."""
    function.lambda_handler(event('x\n{"level":"INFO","message":"forged"}'), Context())
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line)["level"] for line in lines] == ["INFO", "WARN"]


def test_the_guides_test_event_reads_our_source_bucket(
    function: ModuleType, services: Services
) -> None:
    """Its bucket name is not ours; whatever an event says, only the source bucket is read."""
    services.s3.put_object(Bucket=SOURCE, Key="test-image.jpg", Body=jpeg())
    guide = {
        "Records": [
            {"s3": {"bucket": {"name": "raw-image-bucket"}, "object": {"key": "test-image.jpg"}}}
        ]
    }
    assert function.lambda_handler(guide, Context())["processed"] == ["processed-test-image.jpg"]


def test_a_folder_marker_is_no_picture(function: ModuleType, services: Services) -> None:
    """The console makes empty objects ending in a slash."""
    services.s3.put_object(Bucket=SOURCE, Key="album/", Body=b"")
    function.lambda_handler(event("album/"), Context())
    assert services.dynamodb.scan(TableName=TABLE)["Count"] == 0


def test_a_fault_is_raised_after_the_other_records_had_their_turn(
    function: ModuleType, services: Services
) -> None:
    """The table is gone: both pictures are put, then Lambda gets the error to retry."""
    for key in ("a.jpg", "b.jpg"):
        services.s3.put_object(Bucket=SOURCE, Key=key, Body=jpeg())
    services.dynamodb.delete_table(TableName=TABLE)
    with pytest.raises(ClientError):
        function.lambda_handler(event("a.jpg", "b.jpg"), Context())
    assert services.s3.list_objects_v2(Bucket=DEST)["KeyCount"] == 2


def test_the_self_test_reads_renders_writes_and_deletes(
    function: ModuleType, services: Services
) -> None:
    """Every permission is used, those to delete, too, so that nothing is left."""
    versions = {"Status": "Enabled"}
    services.s3.put_bucket_versioning(Bucket=DEST, VersioningConfiguration=versions)
    answer = function.lambda_handler(self_test_event("self-test.jpg", jpeg()), Context())
    assert answer["processed"] == ["processed-self-test.jpg"]
    put = services.s3.list_object_versions(Bucket=DEST)
    assert [len(put["Versions"]), len(put["DeleteMarkers"])] == [1, 1]
    assert services.dynamodb.scan(TableName=TABLE)["Count"] == 0


def test_without_the_right_to_delete_the_self_test_deletes_nothing(
    function: ModuleType, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With ``removed = "keep"``; the answer names what setup has to clean up."""
    monkeypatch.setattr(function, "_FOLLOWS", False)
    answer = function.lambda_handler(self_test_event("self-test.jpg", jpeg()), Context())
    assert answer["processed"] == ["processed-self-test.jpg"]
    assert services.s3.list_objects_v2(Bucket=DEST)["KeyCount"] == 1
    assert services.dynamodb.scan(TableName=TABLE)["Count"] == 1
