"""Tasks of S3 Batch Operations, answered one by one."""

from __future__ import annotations

import io
import resource
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from types import ModuleType
from typing import Any, Final
from urllib.parse import quote, quote_plus

import pytest
from botocore.exceptions import ClientError

from handler.event import REFUSED, Code, Kind, ObjectEvent, batch_answer, batch_tasks
from handler.schema import SOURCE_INDEX, Metadata
from handler.services import Services
from tests.handler.test_lambda_function import Context, function
from tests.support.handler import SOURCE, TABLE, jpeg

pytestmark = pytest.mark.slow

__all__ = ["function"]

JOB: Final = "f3cc4f60-61f6-4a2b-8a21-d07600c373ce"
BUCKETS: Final[dict[str, dict[str, str]]] = {
    "2.0": {"s3Bucket": SOURCE},
    "1.0": {"s3BucketArn": f"arn:aws:s3:::{SOURCE}"},
}
MILLION: Final = 1_000_000
MOST_GROWN_KIB: Final = 32 * 1024


def event(*keys: str, schema: str = "2.0") -> dict[str, Any]:
    """An event as S3 documents it, of keys as they stand in it."""
    tasks = [
        {"taskId": f"task-{n}", "s3Key": key, "s3VersionId": None, **BUCKETS[schema]}
        for n, key in enumerate(keys)
    ]
    job = {"id": JOB, **({"userArguments": {"k": "v"}} if schema == "2.0" else {})}
    return {"invocationSchemaVersion": schema, "invocationId": "i-1", "job": job, "tasks": tasks}


@pytest.mark.parametrize("schema", BUCKETS)
@pytest.mark.parametrize("encode", [quote, quote_plus])
def test_a_tasks_key_is_decoded(schema: str, encode: Any) -> None:
    """Whichever way a space is spelled; a plus of the key's own is never bare."""
    key = "a b/photo+1 %41 ü.jpg"
    (task,) = batch_tasks(event(encode(key), schema=schema))
    assert task == ("task-0", ObjectEvent(Kind.CREATED, SOURCE, key))


@pytest.mark.parametrize("schema", BUCKETS)
def test_each_task_has_its_result(function: ModuleType, services: Services, schema: str) -> None:
    """Made, refused for good, and gone, in the answer that S3 expects of this schema."""
    services.s3.put_object(Bucket=SOURCE, Key="a b.jpg", Body=jpeg())
    services.s3.put_object(Bucket=SOURCE, Key="bad.jpg", Body=b"bad")
    told = event("a%20b.jpg", "bad.jpg", "gone.jpg", "folder/", schema=schema)
    answer = function.lambda_handler(told, Context())
    results = answer.pop("results")
    assert answer == {
        "invocationSchemaVersion": schema,
        "treatMissingKeysAs": "PermanentFailure",
        "invocationId": "i-1",
    }
    assert [(each["taskId"], each["resultCode"]) for each in results] == [
        ("task-0", "Succeeded"),
        ("task-1", "PermanentFailure"),
        ("task-2", "Succeeded"),
        ("task-3", "Succeeded"),
    ]
    assert results[0]["resultString"] == "processed-a b.jpg"
    assert "known format" in results[1]["resultString"]


@pytest.mark.parametrize("schema", BUCKETS)
def test_a_job_says_whether_a_refused_picture_is_a_failure_of_its(
    function: ModuleType, services: Services, schema: str
) -> None:
    """S3 gives up a job half of whose tasks fail; 1.0, and a job of somebody's own, say nothing."""
    services.s3.put_object(Bucket=SOURCE, Key="bad.jpg", Body=b"bad")
    told = event("bad.jpg", schema=schema)
    for arguments, code in (
        ({REFUSED: "Succeeded"}, "Succeeded"),
        ({}, "PermanentFailure"),
        (None, "PermanentFailure"),
    ):
        told["job"]["userArguments"] = arguments
        (result,) = function.lambda_handler(told, Context())["results"]
        assert result["resultCode"] == code
        assert "known format" in result["resultString"]


def test_a_fault_is_temporary_and_the_others_go_on(
    function: ModuleType, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S3 tries it again; nothing is raised, which would fail every task of the event."""
    services.s3.put_object(Bucket=SOURCE, Key="good.jpg", Body=jpeg())
    process = function.process

    def fragile(job: Any) -> Any:
        if job.key == "denied.jpg":
            raise ClientError({"Error": {"Code": "SlowDown", "Message": "x" * 5_000}}, "GetObject")
        return process(job)

    monkeypatch.setattr(function, "process", fragile)
    answer = function.lambda_handler(event("denied.jpg", "good.jpg"), Context())
    first, second = answer["results"]
    assert (first["resultCode"], second["resultCode"]) == ("TemporaryFailure", "Succeeded")
    assert first["resultString"].startswith("ClientError: ")
    assert len(first["resultString"]) <= 1_000


def test_an_answer_without_results_is_one() -> None:
    """S3 takes what is missing for failed."""
    assert batch_answer(event(), [])["results"] == []


class Store:
    """S3 and DynamoDB in memory, for very many keys: what is put is counted and forgotten."""

    def __init__(self) -> None:
        self.body, self.throttled, self.counts = jpeg(8, 8), set[str](), Counter[str]()

    def get_object(self, Bucket: str, Key: str) -> dict[str, Any]:
        number = int(Key.partition(".")[0])
        if number % 1009 == 0:
            raise ClientError({"Error": {"Code": "NoSuchKey"}}, "GetObject")
        if number % 1013 == 0 and Key not in self.throttled:
            self.throttled.add(Key)
            raise ClientError({"Error": {"Code": "SlowDown"}}, "GetObject")
        body = b"bad" if number % 997 == 0 else self.body
        return {
            "Body": io.BytesIO(body),
            "ContentLength": len(body),
            "ETag": '"1"',
            "LastModified": datetime(2026, 11, 29, tzinfo=UTC),
            "Metadata": {},
        }

    def head_object(self, Bucket: str, Key: str) -> dict[str, Any]:
        if int(Key.partition(".")[0]) % 1009 == 0:
            raise ClientError({"Error": {"Code": "404"}}, "HeadObject")
        return {"ETag": '"1"', "LastModified": datetime(2026, 11, 29, tzinfo=UTC)}

    def put_object(self, **_: Any) -> None:
        self.counts["results"] += 1

    def delete_object(self, **_: Any) -> None:
        self.counts["deleted"] += 1

    def put_item(self, **options: Any) -> dict[str, Any]:
        self.counts[Metadata.from_item(options["Item"]).status] += 1
        return {}

    def query(self, **options: Any) -> dict[str, Any]:
        assert options["IndexName"] == SOURCE_INDEX
        return {"Items": []}

    def batch_get_item(self, **_: Any) -> dict[str, Any]:
        return {"Responses": {TABLE: []}}


@dataclass(frozen=True)
class Answered:
    """What a job's tasks were answered, and by how much memory grew after its first hundredth."""

    codes: Counter[str]
    seconds: float
    grown_kib: int


def answered(function: ModuleType, tasks: int) -> Answered:
    """Invoke the function for each task, as S3 does it, until none of them failed for a moment."""
    codes, began, memory = Counter[str](), time.perf_counter(), 0
    for number in range(1, tasks + 1):
        key = quote(f"{number}.jpg")
        code = Code.TEMPORARY
        while code == Code.TEMPORARY:
            (result,) = function.lambda_handler(event(key), Context())["results"]
            code = Code(result["resultCode"])
            codes[code] += 1
        if number == tasks // 100:
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory
    return Answered(codes, time.perf_counter() - began, grown)


@pytest.mark.parametrize(
    "tasks", [1_100, pytest.param(MILLION, marks=pytest.mark.prove)], ids="{:,} tasks".format
)
def test_every_task_of_a_job_is_answered(
    function: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
    tasks: int,
) -> None:
    """What failed for a moment is tried again; memory stays flat, and each key ends as it must."""
    store = Store()
    monkeypatch.setattr(function, "_SERVICES", Services(store, store))
    monkeypatch.setattr(function, "log", lambda *_, **__: None)
    done = answered(function, tasks)

    gone = set(range(1009, tasks + 1, 1009))
    bad = set(range(997, tasks + 1, 997)) - gone
    faults = set(range(1013, tasks + 1, 1013)) - gone
    assert done.codes == {
        Code.SUCCEEDED: tasks - len(bad),
        Code.PERMANENT: len(bad),
        Code.TEMPORARY: len(faults),
    }
    assert (store.counts["processed"], store.counts["rejected"]) == (
        tasks - len(bad) - len(gone),
        len(bad),
    )
    assert done.grown_kib < MOST_GROWN_KIB
    record_property("batch_tasks", tasks)
    record_property("of_them_tried_again", done.codes[Code.TEMPORARY])
    record_property("of_them_failed_for_good", done.codes[Code.PERMANENT])
    record_property("tasks_a_second", round(tasks / done.seconds))
    record_property("memory_grown_KiB", done.grown_kib)
