"""The main job from beginning to end, each step a process of its own, in a person's order."""

from __future__ import annotations

import csv
import http.client
import io
from urllib.parse import urlsplit

import pytest
from PIL import Image

from imgpipe import cdn
from tests.support.shell import Shell, embedded, photo, sideways
from tests.support.standing import standing

FILES = {
    "holiday/beach 1+1=2.jpg": photo(),
    "holiday/chart.PNG": photo(900, 900, "PNG"),
    "holiday/sub/portrait.jpg": sideways(),
    "holiday/ümläut %20.jpg": photo(50, 40),
    "broken.jpg": photo()[:3000],
}


@pytest.fixture
def journey(shell: Shell) -> Shell:
    """A pipeline on an embedded AWS, and pictures to send through it."""
    for name, content in FILES.items():
        path = shell.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (shell.folder / "notes.txt").write_text("not a picture")
    return shell


def upload_before_setup_says_what_to_do(journey: Shell) -> None:
    """One line and the next command, exit code 1."""
    result = journey.run("--local", "upload", "broken.jpg", code=1)
    assert "imgpipe --local setup" in result.stderr
    assert journey.run("--local", "logs").stderr == (
        "There is no log group /aws/lambda/ImageProcessingFunction yet: no invocations so far.\n"
        "\nNext: imgpipe --local setup\n"
    )
    assert "imgpipe --local setup" in journey.run("--local", "list-metadata", code=1).stderr


def a_dry_run_writes_nothing(journey: Shell) -> None:
    """The plan names everything, and afterwards everything is still missing."""
    plan = journey.json("--local", "setup", "--dry-run")
    assert {each["state"] for each in plan["resources"]} == {"to create"}
    status = journey.json("--local", "status")
    assert {each["state"] for each in status["resources"]} == {"missing"}
    assert embedded(journey.state).client("s3").list_buckets()["Buckets"] == []


def setup_makes_everything_and_names_the_next_command(journey: Shell) -> None:
    """Every resource has its line; the outputs are data on stdout."""
    planned = journey.json("--local", "setup", "--dry-run")["resources"]
    result = journey.run("--local", "setup")
    assert result.stderr.count("created") == len(planned) > 10
    assert "upload" in result.stderr
    assert "cloudfront.localhost" in result.stdout


def a_second_setup_changes_nothing(journey: Shell) -> None:
    """And says so for each resource."""
    done = journey.json("--local", "setup")
    assert {each["state"] for each in done["resources"]} == {"unchanged"}


def upload_follows_every_picture(journey: Shell) -> None:
    """Good ones to their address, the broken one to its reason, what is no picture not at all."""
    results = {
        each["key"]: each
        for each in journey.json(
            "--local", "upload", "holiday", "broken.jpg", "--prefix", "2026", code=4
        )
    }
    assert {key: each["status"] for key, each in results.items()} == {
        "2026/beach 1+1=2.jpg": "processed",
        "2026/chart.PNG": "processed",
        "2026/sub/portrait.jpg": "processed",
        "2026/ümläut %20.jpg": "processed",
        "2026/broken.jpg": "rejected",
    }
    assert results["2026/broken.jpg"]["reason"]
    assert "notes.txt" in journey.run("--local", "upload", "notes.txt", code=2).stderr
    (journey.folder / "mixed").mkdir()
    (journey.folder / "mixed" / "notes.txt").write_text("not a picture")
    (journey.folder / "mixed" / "small.jpg").write_bytes(photo(30, 20))
    said = journey.run("--local", "upload", "mixed").stderr
    assert "Left out 1 file" in said
    assert "Uploaded 1 of 1 files" in said


def list_metadata_shows_them_in_every_form(journey: Shell) -> None:
    """Table, JSON and CSV hold the same rows; filters choose."""
    rows = journey.stream("--local", "list-metadata")
    assert len(rows) == 6
    portrait = next(row for row in rows if row["source_key"] == "2026/sub/portrait.jpg")
    assert (portrait["width"], portrait["height"], portrait["filename"]) == (
        400,
        600,
        "2026/sub/processed-portrait.jpg",
    )
    text = journey.run("--local", "--output", "csv", "list-metadata", "--status", "rejected").stdout
    assert [row["source_key"] for row in csv.DictReader(io.StringIO(text))] == ["2026/broken.jpg"]
    assert "processed-chart.PNG" in journey.run("--local", "list-metadata").stdout


def logs_show_one_line_a_picture_and_no_platform_lines(journey: Shell) -> None:
    """Unless asked."""
    plain = journey.run("--local", "logs", "--since", "1h").stdout
    assert "processed 2026/chart.PNG" in plain
    assert "rejected 2026/broken.jpg" in plain
    assert "REPORT" not in plain
    assert "REPORT" in journey.run("--local", "logs", "--since", "1h", "--all").stdout
    none = journey.run("--local", "logs", "--filter", "nobody-ever-said-this")
    assert none.stdout == ""
    assert "--since" in none.stderr


def status_counts(journey: Shell) -> None:
    """In sync, six uploaded, no failure waiting."""
    status = journey.json("--local", "status")
    assert status["in_sync"] is True
    assert (status["uploaded"], status["failures_waiting"]) == (6, 0)


def the_cdn_serves_the_picture_and_nobody_else_does(journey: Shell) -> None:
    """200 with type and size by CDN, a redirect from http, 403 from the bucket when unsigned."""
    (beach, *_) = journey.json("--local", "upload", "holiday/beach 1+1=2.jpg", "--prefix", "again")
    address = beach["renditions"][0]["url"]
    reply = cdn.fetch(address)
    picture = Image.open(io.BytesIO(reply.body))
    assert (reply.status, reply.headers["content-type"], picture.size) == (
        200,
        "image/jpeg",
        (800, 600),
    )
    assert plain_http(address) in {301, 302, 307, 308}
    aws = embedded(journey.state)
    assert (
        cdn.fetch(
            f"{aws.endpoint_url}/imgpipe-dest-{aws.account}-{aws.region}-an/2026/processed-chart.PNG"
        ).status
        == 403
    )


def plain_http(address: str) -> int:
    """Return the status a viewer without TLS gets: a terminator's header says that it is one."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection("127.0.0.1", parts.port or 80, timeout=30)
    connection.request(
        "GET", parts.path, headers={"Host": parts.netloc, "X-Forwarded-Proto": "http"}
    )
    return connection.getresponse().status


def the_guides_test_event_works(journey: Shell) -> None:
    """As it stands in the guide, with a bucket name that is nobody's."""
    (journey.folder / "event.json").write_text(
        '{"Records": [{"s3": {"bucket": {"name": "raw-image-bucket"}, '
        '"object": {"key": "2026/chart.PNG"}}}]}'
    )
    assert (
        "2026/processed-chart.PNG"
        in journey.run("--local", "invoke", "--event", "event.json").stdout
    )
    assert "2026/processed-chart.PNG" in journey.run("--local", "invoke", "2026/chart.PNG").stdout


def a_changed_setting_updates_only_what_it_touches(journey: Shell) -> None:
    """Another memory size: the function, its version, its self-test, its alias; nothing else."""
    (journey.folder / "imgpipe.toml").write_text("memory = 1024\n")
    done = journey.json("--local", "setup")
    assert {each["type"] for each in done["resources"] if each["state"] != "unchanged"} <= {
        "AWS::Lambda::Function",
        "AWS::Lambda::Version",
        "AWS::Lambda::Alias",
        "Custom::SelfTest",
    }
    assert any(
        each["state"] == "updated" and each["changed"] == ["MemorySize"]
        for each in done["resources"]
    )


def teardown_asks_and_refuses_without_a_terminal(journey: Shell) -> None:
    """It names what would go, with counts, and deletes nothing."""
    result = journey.run("--local", "teardown", code=2)
    assert "--yes" in result.stderr
    assert "objects" in result.stderr
    assert journey.json("--local", "status")["in_sync"] is True


def teardown_leaves_nothing(journey: Shell) -> None:
    """Asked of every service itself, not of imgpipe."""
    assert "none of the" in journey.run("--local", "teardown", "--yes").stderr
    assert standing(embedded(journey.state)) == {}


def a_second_teardown_is_success(journey: Shell) -> None:
    """Already gone is what was wanted."""
    assert "Nothing" in journey.run("--local", "teardown", "--yes").stderr


STEPS = (
    upload_before_setup_says_what_to_do,
    a_dry_run_writes_nothing,
    setup_makes_everything_and_names_the_next_command,
    a_second_setup_changes_nothing,
    upload_follows_every_picture,
    list_metadata_shows_them_in_every_form,
    logs_show_one_line_a_picture_and_no_platform_lines,
    status_counts,
    the_cdn_serves_the_picture_and_nobody_else_does,
    the_guides_test_event_works,
    a_changed_setting_updates_only_what_it_touches,
    teardown_asks_and_refuses_without_a_terminal,
    teardown_leaves_nothing,
    a_second_teardown_is_success,
)


def test_the_main_job_from_beginning_to_end(journey: Shell, subtests: pytest.Subtests) -> None:
    """Every step stands on those before it; each is reported by its own name."""
    for step in STEPS:
        with subtests.test(step.__name__):
            step(journey)
