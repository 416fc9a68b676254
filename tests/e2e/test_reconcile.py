"""What changed while nothing listened is found and mended, by the real function."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handler.gallery import INDEX_KEY
from tests.support.shell import embedded, outputs, photo

if TYPE_CHECKING:
    from tests.support.shell import Shell


def test_what_changed_while_the_trigger_was_gone_is_mended(pipeline: Shell) -> None:
    """Put, replaced and removed with another tool, and a result that was deleted by hand."""
    for name in ("gone.jpg", "lost.jpg", "new.jpg", "same.jpg"):
        (pipeline.folder / name).write_bytes(photo(60, 40))
    pipeline.run("--local", "upload", "gone.jpg", "lost.jpg", "new.jpg", "same.jpg")
    names = outputs(pipeline)
    source, destination = names["source_bucket"], names["destination_bucket"]
    s3 = embedded(pipeline.state).client("s3")

    s3.put_bucket_notification_configuration(Bucket=source, NotificationConfiguration={})
    s3.put_object(Bucket=source, Key="missed.jpg", Body=photo(50, 50))
    s3.put_object(Bucket=source, Key="new.jpg", Body=photo(40, 60))
    s3.delete_object(Bucket=source, Key="gone.jpg")
    s3.delete_object(Bucket=destination, Key="processed-lost.jpg")
    pipeline.run("--local", "setup")

    expected = {
        "gone.jpg": "orphaned",
        "lost.jpg": "lost",
        "missed.jpg": "unprocessed",
        "new.jpg": "outdated",
    }
    found = pipeline.json("--local", "reconcile", "--dry-run")
    assert {each["key"]: each["difference"] for each in found} == expected
    assert "reconcile --yes" in pipeline.run("--local", "reconcile", code=2).stderr

    done = pipeline.json("--local", "reconcile", "--yes")
    assert {each["key"]: each["mended"] for each in done} == dict.fromkeys(expected, True)
    assert pipeline.json("--local", "reconcile", "--yes") == []

    rows = {row["source_key"]: row for row in pipeline.stream("--local", "list-metadata")}
    assert set(rows) >= {"lost.jpg", "missed.jpg", "new.jpg", "same.jpg"}
    assert "gone.jpg" not in rows
    assert (rows["new.jpg"]["width"], rows["new.jpg"]["height"]) == (40, 60)
    for row in rows.values():
        s3.head_object(Bucket=destination, Key=row["filename"])


def test_a_page_that_was_damaged_is_made_anew(pipeline: Shell) -> None:
    """Its data deleted by hand, though rows, results and originals agree."""
    (pipeline.folder / "shown.jpg").write_bytes(photo(60, 40))
    pipeline.run("--local", "upload", "shown.jpg")
    s3, bucket = embedded(pipeline.state).client("s3"), outputs(pipeline)["destination_bucket"]
    s3.put_object(Bucket=bucket, Key=INDEX_KEY, Body=b"[" * 100_000)
    done = pipeline.json("--local", "reconcile", "--yes", "--prefix", "shown")
    assert done == [{"key": "shown.jpg", "difference": "misshown", "mended": True, "reason": ""}]
    assert pipeline.json("--local", "reconcile", "--dry-run") == []
