"""The command line as an impatient person, a script and a poor terminal meet it, without AWS."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from imgpipe.cli._commands import row_of
from scripts.records import shown_by
from tests.support.conforms import problems
from tests.support.shell import Shell, opened
from tests.support.terminal import asked

HEAVY = ("boto3", "botocore", "PIL", "rich", "ministack")
COMPLETION = "_IMGPIPE_COMPLETE"
# Ctrl-C at the very moment when Python looks for the command line.
INTERRUPTED_WHILE_LOADING = """
import os, signal, sys

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "imgpipe.cli":
            os.kill(os.getpid(), signal.SIGINT)

sys.argv[1:] = ["status", "--local"]
sys.meta_path.insert(0, Finder())
from imgpipe.__main__ import main
main()
"""


def loaded(shell: Shell, code: str) -> set[str]:
    """The top-level packages a fresh Python has loaded after ``code``."""
    names = "{name.partition('.')[0] for name in sys.modules}"
    script = f"{code}\nimport sys; sys.stderr.write(' '.join({names}))"
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=shell.environ,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stderr.split())


def completed(shell: Shell, line: str) -> list[str]:
    """What bash is offered for the last word of ``line``."""
    words = shlex.split(line) + ([""] if line.endswith(" ") else [])
    asking = {COMPLETION: "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    return replace(shell, extra=asking).run().stdout.split()


def cut_off(shell: Shell, *arguments: str) -> tuple[int, str]:
    """Run a command whose reader is gone, as with ``| head``; return its exit code and stderr."""
    reading, writing = os.pipe()
    os.close(reading)
    process = shell.start(*arguments, stdout=writing)
    os.close(writing)
    _, stderr = process.communicate(timeout=60)
    return process.returncode, stderr


def test_global_options_may_stand_behind_the_command(shell: Shell) -> None:
    """People write ``imgpipe local status --output json``."""
    assert (
        shell.run("local", "status", "--output", "json").stdout
        == shell.run("--output", "json", "local", "status").stdout
    )


def test_the_version_is_told_without_loading_the_command_line(shell: Shell) -> None:
    """Alone, behind a command, and by the module's own attribute the same."""
    version = shell.run("--version").stdout
    assert re.fullmatch(r"imgpipe \d+\.\d+\.\d+(\.dev\d+)?\n", version)
    assert shell.run("setup", "--version").stdout == version
    code = "import sys; sys.argv[1:] = ['--version']\nfrom imgpipe.__main__ import main\n"
    code += "import os\nos._exit = sys.exit\ntry: main()\nexcept SystemExit: pass"
    assert not {"typer", *HEAVY} & loaded(shell, code)


def test_the_command_line_loads_nothing_heavy(shell: Shell) -> None:
    """So that --help and completion answer at once."""
    packages = loaded(shell, "import imgpipe.cli")
    assert "typer" in packages
    assert not set(HEAVY) & packages


def test_shells_complete_commands_options_and_values(shell: Shell) -> None:
    """The script bash is given, and what it gets from it."""
    # Typer looks for a shell among the parents, and who runs the tests may have none; told so, it
    # takes the shell's name.
    named = replace(shell, extra={"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"})
    assert f"{COMPLETION}=complete_bash" in named.run("--show-completion", "bash").stdout
    assert completed(shell, "imgpipe te") == ["teardown"]
    assert completed(shell, "imgpipe --local s") == ["setup", "status", "show"]
    assert completed(shell, "imgpipe local st") == ["start", "stop", "status"]
    assert completed(shell, "imgpipe setup --dr") == ["--dry-run"]
    assert completed(shell, "imgpipe list-metadata --status ") == ["processed", "rejected"]


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["local", "status", "--output", "json"]]
)
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_has_had_enough_is_no_failure(
    shell: Shell, arguments: list[str], unbuffered: str
) -> None:
    """``imgpipe ... | head -1`` says nothing of it, however Python buffers."""
    assert cut_off(replace(shell, extra={"PYTHONUNBUFFERED": unbuffered}), *arguments) == (0, "")


@pytest.mark.skipif(
    not Path("/dev/full").exists(), reason="only Linux has a disk that is always full"
)
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_disk_is_told_in_one_line(shell: Shell, unbuffered: str) -> None:
    """Output that could not be written is a failure."""
    with Path("/dev/full").open("w") as full:
        process = replace(shell, extra={"PYTHONUNBUFFERED": unbuffered}).start(
            "local", "status", stdout=full
        )
        _, stderr = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "No space left on device" in stderr
    assert "Traceback" not in stderr


@pytest.mark.parametrize("closing", ["<&-", ">&-", "<&- >&- 2>&-"])
def test_closed_streams_do_no_harm(shell: Shell, closing: str) -> None:
    """As under some schedulers."""
    command = f"{shlex.quote(sys.executable)} -m imgpipe local stop {closing}"
    done = subprocess.run(
        ["sh", "-c", command],
        cwd=shell.folder,
        env=shell.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")
    assert "Traceback" not in done.stderr


def test_quiet_leaves_data_and_errors(shell: Shell) -> None:
    """Nothing to say is nothing said."""
    done = shell.run("local", "stop", "--quiet")
    assert (done.stdout, done.stderr) == ("", "")
    assert shell.run("upload", "nowhere.jpg", "--quiet", code=2).stderr.startswith(
        "Error: nowhere.jpg does not exist"
    )


def test_no_raw_byte_of_a_hostile_name_reaches_the_terminal(shell: Shell) -> None:
    """Line breaks, escape sequences, text direction, and bytes that are no text."""
    hostile = os.fsdecode("bad\x1b]0;owned\x07\r\n\u202egpj".encode() + b"\xff.jpg")
    stderr = shell.run("upload", hostile, code=2).stderr
    assert "does not exist" in stderr
    assert len(stderr.splitlines()) == 2
    assert all(character.isprintable() for line in stderr.splitlines() for character in line)


def test_a_locale_that_knows_no_unicode_is_no_obstacle(shell: Shell) -> None:
    """Text comes out as UTF-8, as JSON must."""
    (shell.folder / "imgpipe.toml").write_text("'größe' = 3", encoding="utf-8")
    poor = replace(shell, extra={"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"})
    assert "unknown key 'größe'" in poor.run("local", "status", code=3).stderr


def test_ctrl_c_while_loading_ends_at_once(shell: Shell) -> None:
    """No traceback of half-loaded modules."""
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_WHILE_LOADING],
        cwd=shell.folder,
        env=shell.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_a_reset_that_is_declined_is_told_as_json(shell: Shell) -> None:
    """What stands is documented, whether or not it goes."""

    def no(_: object, terminal: int) -> None:
        os.write(terminal, b"n\n")

    code, shown = asked(shell, "--output", "json", "local", "reset", answer=no)
    data = opened(shown[shown.index("{") :])
    (documented,) = shown_by(row_of("local reset"))
    assert (code, list(problems(data, documented.record))) == (0, [])
    assert data["running"] is False
