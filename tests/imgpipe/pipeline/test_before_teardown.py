"""What a teardown says before anything is gone, and of what AWS keeps after it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest

from imgpipe.aws.backups import Backup
from imgpipe.errors import ServiceError
from imgpipe.gallery.page import template_files
from imgpipe.pipeline import Pipeline, deployment, inventory
from imgpipe.pipeline.declaration import declared
from imgpipe.render import teardown as render
from imgpipe.render._paper import Paper
from imgpipe.resources.bucket import Bucket
from imgpipe.resources.layer_version import LayerVersion
from imgpipe.resources.table import Table
from imgpipe.settings import Settings

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from imgpipe.engine.resource import Resource
    from tests.support.account import Calls, Clock, Faults

pytestmark = pytest.mark.slow

EXPIRES: Final = datetime(2027, 1, 3, tzinfo=UTC)
SYSTEM: Final[dict[str, Any]] = {
    "BackupName": "ImageMetadata$DeletedTableBackup",
    "BackupStatus": "AVAILABLE",
    "BackupType": "SYSTEM",
    "BackupExpiryDateTime": EXPIRES,
}
USERS: Final = {"BackupName": "by hand", "BackupStatus": "AVAILABLE", "BackupType": "USER"}
LOCK: Final = {"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled"}}
LATER: Final = datetime.now(UTC) + timedelta(days=40)


def only(pipeline: Pipeline, kind: type[Resource]) -> Resource:
    """The first declared resource of a type."""
    return next(each for each in declared(pipeline) if isinstance(each, kind))


def stood(aws: Aws, kind: type[Resource], **settings: Any) -> Pipeline:
    """A pipeline of which one resource stands."""
    pipeline = Pipeline.of(Settings(local=True, **settings), aws)
    resource = only(pipeline, kind)
    resource.create(aws, resource.properties({}))  # type: ignore[arg-type]
    return pipeline


@pytest.mark.parametrize(
    ("found", "kept"),
    [
        ([], ()),
        ([SYSTEM], (Backup(SYSTEM["BackupName"], EXPIRES),)),
        (
            [USERS, SYSTEM, {**USERS, "BackupStatus": "DELETED"}],
            (Backup("by hand", None), Backup(SYSTEM["BackupName"], EXPIRES)),
        ),
    ],
)
def test_every_backup_is_named_with_its_end(
    aws: Aws, faults: Faults, found: list[dict[str, Any]], kept: tuple[Backup, ...]
) -> None:
    """Also such as an earlier teardown, or somebody, has left."""
    faults.answer("ListBackups", {"BackupSummaries": found})
    proof = inventory.proof(Pipeline.of(Settings(local=True), aws))
    assert proof.backups == kept
    text = "\n".join(render.proof(proof))
    assert text.count("Kept by DynamoDB") == len(kept)
    assert ("until 2027-01-03" in text) == (SYSTEM in found)


def test_who_may_not_look_for_backups_is_told_so(aws: Aws, faults: Faults) -> None:
    """The teardown itself went well."""
    faults.fail("ListBackups", "AccessDeniedException", "no")
    proof = inventory.proof(Pipeline.of(Settings(local=True), aws))
    assert proof.backups is None
    assert "dynamodb:ListBackups" in "\n".join(render.proof(proof))


@pytest.mark.parametrize("keep", [True, False])
def test_a_backup_is_kept_on_a_word_alone(aws: Aws, calls: Calls, keep: bool) -> None:
    """DynamoDB makes it of a table that can be restored; that is said before, and left on."""
    pipeline = stood(aws, Table, keep_backup=keep)
    planned = inventory.inventory(pipeline)
    assert any("a backup for 35 days" in note for note in planned.notes) == keep
    calls.clear()
    list(deployment.teardown(pipeline))
    assert ("UpdateContinuousBackups" in calls.mutating) != keep
    assert "DeleteTable" in calls.mutating


def test_a_backup_that_is_to_be_kept_is_waited_for(aws: Aws, faults: Faults, clock: Clock) -> None:
    """It shows some seconds after the deletion."""
    faults.answer("ListBackups", {"BackupSummaries": [USERS]}, times=3)
    faults.answer("ListBackups", {"BackupSummaries": [USERS, SYSTEM]})
    proof = inventory.proof(Pipeline.of(Settings(local=True, keep_backup=True), aws))
    assert [each.name for each in proof.backups or ()] == ["by hand", SYSTEM["BackupName"]]
    assert 0 < clock() <= 20


def test_of_a_kept_table_no_backup_is_announced(aws: Aws) -> None:
    """Nothing is deleted, so DynamoDB makes none."""
    assert inventory.inventory(stood(aws, Table, keep_backup=True, retain=("table",))).notes == []


@pytest.mark.parametrize(
    ("lock", "says"),
    [
        ({"ObjectLockLegalHoldStatus": "ON"}, "'a.jpg' is under a legal hold"),
        (
            {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": LATER},
            f"'a.jpg' is locked until {LATER:%Y-%m-%d}",
        ),
        (
            {
                "ObjectLockLegalHoldStatus": "OFF",
                "ObjectLockMode": "COMPLIANCE",
                "ObjectLockRetainUntilDate": LATER,
            },
            "is locked until",
        ),
    ],
)
def test_a_locked_object_stops_it_before_anything_is_gone(
    aws: Aws, faults: Faults, lock: dict[str, Any], says: str
) -> None:
    """A teardown that keeps the bucket is let through."""
    pipeline = stood(aws, Bucket)
    aws.client("s3").put_object(Bucket=pipeline.names.source_bucket, Key="a.jpg", Body=b"")
    faults.answer("GetObjectLockConfiguration", LOCK)
    # Others look for the page's files.
    faults.answer("HeadObject", {"Metadata": {}, **lock}, times=1 + len(template_files(None)))
    with pytest.raises(ServiceError, match=says) as caught:
        inventory.inventory(pipeline)
    assert "--retain" in caught.value.hint
    kept = replace(pipeline, settings=replace(pipeline.settings, retain=("source",)))
    assert inventory.inventory(kept).leaving == ()


@pytest.mark.parametrize(
    "lock",
    [
        {},
        {"ObjectLockLegalHoldStatus": "OFF"},
        {"ObjectLockRetainUntilDate": datetime.now(UTC) - timedelta(days=1)},
    ],
)
def test_a_lock_that_is_over_stops_nothing(aws: Aws, faults: Faults, lock: dict[str, Any]) -> None:
    """Only what S3 would refuse now."""
    pipeline = stood(aws, Bucket)
    aws.client("s3").put_object(Bucket=pipeline.names.source_bucket, Key="a.jpg", Body=b"")
    faults.answer("GetObjectLockConfiguration", LOCK)
    # Others look for the page's files.
    faults.answer("HeadObject", {"Metadata": {}, **lock}, times=1 + len(template_files(None)))
    leaving = {each.name for each in inventory.inventory(pipeline).leaving}
    assert pipeline.names.source_bucket in leaving


def test_who_may_not_look_for_locks_is_not_stopped(aws: Aws, faults: Faults) -> None:
    """The deletion itself says it then."""
    pipeline = stood(aws, Bucket)
    faults.fail("GetObjectLockConfiguration", "AccessDenied", "no", status=403)
    assert len(inventory.inventory(pipeline).leaving) == 1


def test_a_function_of_others_on_our_layer_is_named(aws: Aws, faults: Faults) -> None:
    """It is not stopped by that: it keeps the layer."""
    pipeline = stood(aws, LayerVersion)
    arn = (only(pipeline, LayerVersion).read(aws) or {})["Arn"]
    functions = [
        {"FunctionName": pipeline.names.function, "Layers": [{"Arn": arn}]},
        {"FunctionName": "theirs", "Layers": [{"Arn": "arn:x"}, {"Arn": arn}]},
        {"FunctionName": "others", "Layers": [{"Arn": f"{arn}0"}]},
        {"FunctionName": "plain"},
    ]
    faults.answer("ListFunctions", {"Functions": functions})
    planned = inventory.inventory(pipeline)
    (note,) = planned.notes
    assert note.startswith("function theirs, which is not this pipeline's, is on layer")
    words = "\n".join(line.plain for line in render.standing(planned, Paper(80)))
    assert "Note: function theirs" in words


def test_who_may_not_list_functions_is_not_stopped(aws: Aws, faults: Faults) -> None:
    """Nothing depends on it."""
    pipeline = stood(aws, LayerVersion)
    faults.fail("ListFunctions", "AccessDeniedException", "no")
    assert inventory.inventory(pipeline).notes == []
