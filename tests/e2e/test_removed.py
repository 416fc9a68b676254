"""A picture removed with another tool takes its results along, with the role's own permissions."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tests.support.shell import embedded, photo

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.shell import Shell


def until(seen: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until something is seen; the trigger takes its time."""
    deadline = time.monotonic() + seconds
    while not seen():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_a_picture_removed_by_other_means_is_gone_everywhere(pipeline: Shell) -> None:
    """As `aws s3 rm` removes it: its results and its rows go, other pictures' stay."""
    for name in ("gone.jpg", "stays.jpg"):
        (pipeline.folder / name).write_bytes(photo())
    pipeline.run("--local", "upload", "gone.jpg", "stays.jpg")
    names = pipeline.json("--local", "setup")["outputs"]
    s3 = embedded(pipeline.state).client("s3")

    def results() -> set[str]:
        listed = s3.list_objects_v2(Bucket=names["destination_bucket"])
        return {each["Key"] for each in listed["Contents"] if "processed-" in each["Key"]}

    assert results() == {"processed-gone.jpg", "processed-stays.jpg"}
    s3.delete_object(Bucket=names["source_bucket"], Key="gone.jpg")
    until(lambda: results() == {"processed-stays.jpg"})
    until(lambda: len(pipeline.stream("--local", "list-metadata")) == 1)
    (row,) = pipeline.stream("--local", "list-metadata")
    assert row["source_key"] == "stays.jpg"
