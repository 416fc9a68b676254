"""One pipeline, several directories: no setup loses unseen what another made it with."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest
from PIL import Image

from imgpipe import cdn
from imgpipe.engine import reconcile
from imgpipe.pipeline import Pipeline, deployment, pull
from imgpipe.pipeline.declaration import concerned
from imgpipe.pipeline.doctor import Verdict, examine
from imgpipe.settings import Settings
from tests.support.contract.domain import DOMAIN, acm, records, zone
from tests.support.shell import Shell, embedded
from tests.support.terminal import asked, press_ctrl_c

if TYPE_CHECKING:
    from pathlib import Path

TOML: Final = """\
memory = 1024
tags = { team = "photo" }
[picture]
format = "webp"
[watermark]
text = "© Jane"
image = "logos/mark.png"
[[rendition]]
name = "thumb"
width = 320
"""
LOST: Final = {
    "memory": (1024, 448),
    "picture.format": ("webp", "keep"),
    "watermark.text": ("© Jane", "Watermark"),
    "watermark.image": ("mark.png", ""),
    "rendition.thumb": ({"name": "thumb", "width": 320}, None),
}
WORDS: Final = [
    "memory               1024 -> 448 (default)",
    '[watermark] text     "© Jane" -> "Watermark" (default)',
    "[[rendition]] thumb  removed",
]


@pytest.fixture(scope="module")
def home(shared_shell: Shell) -> Shell:
    """The directory with the settings file; its pipeline stands."""
    shell = directory(shared_shell, "home")
    (shell.folder / "logos").mkdir()
    Image.new("RGBA", (60, 30), "red").save(shell.folder / "logos/mark.png")
    return shell


@pytest.fixture
def pipeline(home: Shell) -> Shell:
    """``home``, set up as its file says, whatever the test before left of it."""
    (home.folder / "imgpipe.toml").write_text(TOML, encoding="utf-8")
    home.run("--local", "setup", "--reset")
    return home


@pytest.fixture
def elsewhere(shared_shell: Shell, tmp_path: Path) -> Shell:
    """Another directory, without any settings, that leads to the same pipeline."""
    return replace(shared_shell, folder=tmp_path)


def directory(shell: Shell, name: str) -> Shell:
    """The shell in a folder of that name."""
    folder = shell.folder / name
    folder.mkdir()
    return replace(shell, folder=folder)


def live(shell: Shell) -> Any:
    """What the function is now; equal only if nobody touched it."""
    aws = embedded(shell.state)
    names = Pipeline.of(Settings(local=True), aws).names
    return aws.client("lambda").get_function(FunctionName=names.function)["Configuration"]


def told(changes: list[dict[str, Any]]) -> dict[str, tuple[object, object]]:
    """The changes by key."""
    return {each["key"]: (each["old"], each["new"]) for each in changes}


def test_a_setup_from_elsewhere_is_refused_and_changes_nothing(
    pipeline: Shell, elsewhere: Shell
) -> None:
    """With the difference in the file's own words, a stable code, and what to do next."""
    before = live(pipeline)
    error = elsewhere.error("--local", "setup", code=3)
    assert error["code"] == "other_settings"
    assert "memory, [picture] format, [watermark] text" in error["message"]
    assert error["next"] == [
        "imgpipe --local config pull",
        "imgpipe --local setup --reset",
    ]
    said = elsewhere.run("--local", "setup", code=3).stderr
    assert [words for words in WORDS if words not in said] == []
    assert live(pipeline) == before
    assert pipeline.json("--local", "status")["in_sync"] is True


def test_the_demo_resets_nothing_either(pipeline: Shell, elsewhere: Shell) -> None:
    """It means the same pipeline on the embedded AWS."""
    before = live(pipeline)
    said = elsewhere.run("demo", code=3).stderr
    assert "imgpipe --local config pull" in " ".join(said.split())
    assert live(pipeline) == before


def test_status_and_dry_run_show_the_same_and_propose_no_setup(
    pipeline: Shell, elsewhere: Shell
) -> None:
    """Old and new of each, never Lambda's word for where they are."""
    plan = elsewhere.json("--local", "setup", "--dry-run")
    status = elsewhere.json("--local", "status")
    assert told(plan["changes"]) == told(status["changes"]) == LOST
    assert {each["default"] for each in plan["changes"]} == {True}
    for command in (["status"], ["setup", "--dry-run"]):
        done = elsewhere.run("--local", *command)
        assert [words for words in WORDS if words not in done.stdout] == []
        assert "Environment" not in done.stdout
        following = " ".join(done.stderr.split()).partition("Next: ")[2]
        assert following == "imgpipe --local config pull or imgpipe --local setup --reset"
    assert pipeline.json("--local", "status")["changes"] == []


def test_a_pulled_file_makes_the_next_setup_change_nothing(
    pipeline: Shell, elsewhere: Shell
) -> None:
    """The watermark's image comes along; a file that is there is never overwritten unasked."""
    before = live(pipeline)
    pulled = elsewhere.json("--local", "config", "pull")
    assert (pulled["file"], pulled["assets"]) == ("imgpipe.toml", ["mark.png"])
    assert pulled["settings"]["rendition"] == [{"name": "thumb", "width": 320}]
    mark = elsewhere.folder / "mark.png"
    assert mark.read_bytes() == (pipeline.folder / "logos/mark.png").read_bytes()
    assert "\n0 changed, " in elsewhere.run("--local", "setup").stderr
    assert live(pipeline) == before
    elsewhere.run("--local", "config", "pull")  # the same once more is no harm

    file = elsewhere.folder / "imgpipe.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text("quiet = false\nmemory = 512\n", encoding="utf-8")
    mark.write_bytes(b"mine")
    refused = elsewhere.run("--local", "config", "pull", code=2).stderr
    assert "mark.png, imgpipe.toml exist already" in refused
    assert (mark.read_bytes(), file.stat().st_size) == (b"mine", 27)
    elsewhere.run("--local", "config", "pull", "--force")
    assert file.read_text(encoding="utf-8") == text.replace("memory", "quiet = false\nmemory")
    beside = elsewhere.json("--local", "config", "pull", "live/imgpipe.toml", code=0)
    assert beside["file"] == "live/imgpipe.toml"


def test_a_file_that_lacks_what_is_live_is_named(pipeline: Shell, elsewhere: Shell) -> None:
    """What it says is no loss, what it lacks is; the pull goes beside it."""
    (elsewhere.folder / "imgpipe.toml").write_text(
        TOML.replace('text = "© Jane"', 'text = "© Joe"').replace("memory = 1024", "")
    )
    (elsewhere.folder / "logos").mkdir()
    (elsewhere.folder / "logos/mark.png").write_bytes(
        (pipeline.folder / "logos/mark.png").read_bytes()
    )
    error = elsewhere.error("--local", "setup", code=3)
    assert error["message"].endswith("in the place of memory")
    assert "add to imgpipe.toml what it lacks" in error["hint"]
    assert error["next"][0] == "imgpipe --local config pull live.toml"


def edit(shell: Shell, old: str, new: str) -> None:
    """Change the settings file."""
    file = shell.folder / "imgpipe.toml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


Answer = Callable[[subprocess.Popen[str], int], object]


@pytest.mark.parametrize(
    ("answer", "code", "words"),
    [
        (lambda _, terminal: os.write(terminal, b"n\n"), 0, "Nothing was changed."),
        (lambda _, terminal: os.write(terminal, b"\n"), 0, "Nothing was changed."),
        (press_ctrl_c, 130, "nothing was changed"),
    ],
    ids=["no", "nothing", "Ctrl-C"],
)
def test_who_says_no_has_changed_nothing(
    pipeline: Shell, answer: Answer, code: int, words: str
) -> None:
    """Asked on a terminal, since pictures would come out otherwise."""
    before = live(pipeline)
    edit(pipeline, '"© Jane"', '"© Joe"')
    ended, shown = asked(pipeline, "--local", "setup", answer=answer)
    assert (ended, words in shown) == (code, True), shown
    assert '[watermark] text  "© Jane" -> "© Joe"' in shown
    assert "Pictures will come out otherwise. Go on?" in shown
    assert live(pipeline) == before


def test_who_says_yes_has_it_changed(pipeline: Shell) -> None:
    """On the terminal, or beforehand; a workflow, where nobody is asked, says it by its file."""

    def yes(_: subprocess.Popen[str], terminal: int) -> None:
        os.write(terminal, b"y\n")

    edit(pipeline, '"© Jane"', '"by Joe"')
    ended, shown = asked(pipeline, "--local", "setup", answer=yes)
    assert (ended, "Go on?" in shown) == (0, True), shown
    assert "by Joe" in recipe(pipeline)

    edit(pipeline, '"by Joe"', '"by Jim"')
    ended, shown = asked(pipeline, "--local", "setup", "--yes", answer=yes)
    assert (ended, "Go on?" in shown) == (0, False), shown
    assert "by Jim" in recipe(pipeline)

    edit(pipeline, "width = 320", "width = 400")
    assert "[[rendition]] thumb width  320 -> 400" in pipeline.run("--local", "setup").stderr
    assert '"width":400' in recipe(pipeline)

    edit(pipeline, "memory = 1024", "memory = 512")
    ended, shown = asked(pipeline, "--local", "setup", answer=yes)
    assert (ended, "Go on?" in shown) == (0, False), "no picture shows how much memory there is"
    assert "memory  1024 -> 512" in shown


def test_what_is_served_counts_and_not_what_was_deployed_last(
    pipeline: Shell, elsewhere: Shell
) -> None:
    """After a rollback the older version's settings are live: compared with, and pulled."""
    edit(pipeline, "memory = 1024", "memory = 768")
    pipeline.run("--local", "setup")
    aws = embedded(pipeline.state)
    names = Pipeline.of(Settings(local=True), aws).names
    alias = {"FunctionName": names.function, "Name": names.alias}
    served = aws.client("lambda").get_alias(**alias)["FunctionVersion"]
    aws.client("lambda").update_alias(**alias, FunctionVersion=str(int(served) - 1))
    for command in (["status"], ["setup", "--dry-run"]):
        found = pipeline.json("--local", *command)["changes"]
        assert told(found) == {"memory": (1024, 768)}
    assert elsewhere.json("--local", "config", "pull")["settings"]["memory"] == 1024


def recipe(shell: Shell) -> str:
    """The function's own."""
    return str(live(shell)["Environment"]["Variables"]["RECIPE"])


def test_reset_is_how_defaults_are_meant(pipeline: Shell, elsewhere: Shell) -> None:
    """It shows what goes, and then it is gone; and a look before costs no call more.

    A setup that finds all as it is reads each resource once, as the engine alone would.
    """
    assert told(elsewhere.json("--local", "setup", "--reset")["changes"]) == LOST
    assert "thumb" not in recipe(pipeline)
    assert elsewhere.json("--local", "status")["in_sync"] is True

    aws = embedded(pipeline.state)
    sent: list[str] = []
    aws.session.events.register("before-call", lambda model, **_: sent.append(model.name))
    here = Pipeline.of(Settings(local=True, region=aws.region), aws)
    calls = []
    for events in (reconcile.setup(concerned(here), aws), deployment.setup(here)):
        sent.clear()
        list(events)
        calls.append(sorted(sent))
    assert calls[0] == calls[1] != []


def test_a_domain_of_ones_own_is_served_told_from_elsewhere_and_taken_away(
    pipeline: Shell, elsewhere: Shell
) -> None:
    """Its page comes under it; who does not name it leaves it; its records and certificate go."""
    aws = embedded(pipeline.state)
    zone_id = zone(aws)
    done = pipeline.json("--local", "setup", "--domain", "Images.Example.com.")
    assert told(done["changes"]) == {"domain": ("", DOMAIN)}
    assert done["records_to_make"] == []
    url = done["outputs"]["url"]
    assert DOMAIN in url
    assert cdn.fetch(url).status == 200
    assert {(DOMAIN, "A"), (DOMAIN, "AAAA")} <= set(records(aws, zone_id))

    assert elsewhere.json("--local", "status")["url"] == url
    there = Pipeline.of(Settings(local=True, region=aws.region), aws)
    assert pull.pull(there).values["domain"] == DOMAIN
    findings = {each.probe.name: each for each in examine(there)}
    assert findings["domain: certificate"].verdict is Verdict.WELL
    assert findings["domain: records"].verdict is Verdict.WELL
    assert findings["domain: DNS"].verdict is Verdict.ELSEWHERE

    gone = pipeline.json("--local", "setup", "--domain", "none")
    assert told(gone["changes"]) == {"domain": (DOMAIN, "")}
    assert DOMAIN not in gone["outputs"]["url"]
    assert records(aws, zone_id, "A", "AAAA") == {}
    assert acm(aws).list_certificates()["CertificateSummaryList"] == []
