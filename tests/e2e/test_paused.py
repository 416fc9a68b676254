"""Paused: nothing is processed, whoever uploads; resumed: it is as if nothing had been paused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imgpipe import cdn
from tests.support.shell import embedded, outputs, photo

if TYPE_CHECKING:
    from tests.support.shell import Shell


def rows(shell: Shell) -> dict[str, Any]:
    """The rows by their originals."""
    return {row["source_key"]: row for row in shell.stream("--local", "list-metadata")}


def test_what_happens_while_it_is_paused_is_caught_up(pipeline: Shell) -> None:
    """Put, replaced and removed with another tool; rm, setup and status know how it is."""
    for name in ("gone.jpg", "new.jpg", "rm.jpg"):
        (pipeline.folder / name).write_bytes(photo(60, 40))
    sent = pipeline.json("--local", "upload", "gone.jpg", "new.jpg", "rm.jpg")
    url = {each["key"]: each["renditions"][0]["url"] for each in sent}
    names = outputs(pipeline)
    since = pipeline.json("--local", "pause")["paused_since"]
    assert pipeline.json("--local", "pause")["paused_since"] == since

    aws = embedded(pipeline.state)
    s3, source = aws.client("s3"), names["source_bucket"]
    s3.put_object(Bucket=source, Key="missed.jpg", Body=photo(50, 50))
    s3.put_object(Bucket=source, Key="new.jpg", Body=photo(40, 60))
    s3.delete_object(Bucket=source, Key="gone.jpg")
    assert "resume" in pipeline.run("--local", "upload", "rm.jpg", code=1).stderr
    pipeline.run("--local", "rm", "processed-rm.jpg", "--yes")
    assert cdn.fetch(url["rm.jpg"]).status != 200

    setup = pipeline.run("--local", "setup")
    assert "0 changed" in setup.stderr
    assert f"Paused since {since}" in setup.stderr
    status = pipeline.json("--local", "status")
    assert (status["in_sync"], status["paused_since"]) == (True, since)
    before = rows(pipeline)
    assert before.keys() == {"gone.jpg", "new.jpg"}
    assert before["new.jpg"]["width"] == 60

    expected = {"gone.jpg": "orphaned", "missed.jpg": "unprocessed", "new.jpg": "outdated"}
    found = pipeline.json("--local", "resume", "--dry-run")
    assert {each["key"]: each["difference"] for each in found} == expected
    done = pipeline.json("--local", "resume")
    assert {each["key"]: each["mended"] for each in done} == dict.fromkeys(expected, True)

    after = rows(pipeline)
    assert after.keys() == {"new.jpg", "missed.jpg"}
    assert after["new.jpg"]["width"] == 40
    status = pipeline.json("--local", "status")
    assert (status["in_sync"], status["paused_since"], status["differences"]) == (True, "", 0)
    assert status["failures_waiting"] == 0
    pipeline.run("--local", "upload", "gone.jpg")
