"""A picture removed with another tool takes its results along, with the role's own permissions."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from imgpipe import cdn
from tests.support.shell import embedded, outputs, photo

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
    names = outputs(pipeline)
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

    stays = pipeline.json("--local", "explain", "processed-stays.jpg")
    assert (stays["key"], stays["outcome"], stays["missing"]) == ("stays.jpg", "processed", "")
    assert {each["step"] for each in stays["timeline"]} >= {"uploaded", "started", "page", "CDN"}
    assert [each["status"] for each in stays["answers"]] == [200]
    gone = pipeline.json("--local", "explain", stays["answers"][0]["url"].replace("stays", "gone"))
    assert (gone["key"], gone["outcome"], gone["rows"]) == ("gone.jpg", "removed", [])
    never = pipeline.json("--local", "explain", "stay.jpg")
    assert (never["outcome"], never["missing"]) == ("never arrived", "uploaded")
    assert never["next"] == ["imgpipe --local explain stays.jpg"]


def test_rm_takes_pictures_away_from_everywhere(pipeline: Shell) -> None:
    """By an address and by a prefix; page and CDN show nothing of them when it returns."""
    names = ("one.jpg", "two.jpg", "three (1).jpg")
    for name in names:
        (pipeline.folder / name).write_bytes(photo(60, 40))
    sent = pipeline.json("--local", "upload", *names, "--prefix", "rm")
    urls = {each["key"]: each["renditions"][0]["url"] for each in sent}
    assert {cdn.fetch(url).status for url in urls.values()} == {200}
    asked = pipeline.run("--local", "rm", "--prefix", "rm/", code=2).stderr
    assert "3 originals, 3 results and 3 rows" in asked
    assert "rm --prefix rm/ --yes" in asked
    assert "list-metadata" in pipeline.run("--local", "rm", "nowhere.jpg", code=2).stderr

    (done,) = pipeline.json("--local", "rm", urls["rm/one.jpg"], "--yes")
    assert (done["key"], done["status"]) == ("rm/one.jpg", "removed")
    assert cdn.fetch(urls["rm/one.jpg"]).status != 200
    pipeline.run("--local", "rm", "--prefix", "rm/", "--yes")
    assert 200 not in {cdn.fetch(url).status for url in urls.values()}
    assert pipeline.stream("--local", "list-metadata", "--prefix", "rm/") == []
    assert pipeline.json("--local", "reconcile", "--dry-run") == []
