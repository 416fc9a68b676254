"""What `make prove` shows: each proof's figures, kept as it ends, and a page of them all.

A plugin of pytest's, `-p bench.reliability`. A proof says its figures with pytest's own
`record_property`: a name that FIGURES has, perhaps with a kind behind a slash. Proofs that ran at
other times stay, each with its commit and date, so a page never says more than what ran.
"""

from __future__ import annotations

import fcntl
import json
import os
import platform
import re
import subprocess
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import pytest

from bench.markdown import section, table

RECORDS: Final = Path(__file__).with_name("reliability.json")
PAGE: Final = Path(__file__).with_name("reliability.md")
PACKAGES: Final = ("Pillow", "pi-heif", "boto3", "ministack", "microburst", "moto", "hypothesis")
# What is summed over all proofs, in the page's order.
FIGURES: Final = {
    "calls interrupted": "calls of a command's, killed before or after each, and run again",
    "converged": "of those, ended as if nothing had happened",
    "function calls interrupted": "calls of the function's, killed before or after each",
    "faults injected": "faults injected between AWS and who calls it",
    "histories": "histories of put, replace, delete and restore",
    "bad inputs": "hostile pictures tried",
    "role actions necessary": "actions of the functions' roles, each proven necessary",
    "denials": "things the functions' roles may not do, each tried and denied",
    "deployer actions necessary": "actions of whoever runs a command, each proven necessary",
    "doors tried": "doors tried from outside, each found closed",
    "batch tasks": "tasks of S3 Batch Operations, each answered as it must be",
    "pictures loaded": "pictures uploaded under load, and followed to their rows",
    "lost": "lost, or left otherwise than undisturbed",
}
_COLUMNS: Final = ("proof", "runs", "figures", "seconds", "ended, UTC", "commits")
_FOLDERS: Final = re.compile(r"(?<![:/\w])(?:/[^/\s'\"]+)+/")
# Nothing of a proof that never ran.
Record = dict[str, Any]


def pytest_collection_finish(session: pytest.Session) -> None:
    """Keep a place for each proof, so that one that never ran is seen, and none that went away."""
    proofs = {item.nodeid for item in session.items if item.get_closest_marker("prove")}
    chosen = session.config.option.keyword or any("::" in name for name in session.config.args)
    with kept() as records:
        for name in () if chosen else gone(records, proofs):
            del records[name]
        records.update({name: {} for name in proofs - records.keys()})


def gone(records: Iterable[str], proofs: Collection[str]) -> list[str]:
    """Return those of ``records`` that the files of ``proofs``, looked at whole, no longer have."""
    files = {name.partition("::")[0] for name in proofs}
    return [name for name in records if name.partition("::")[0] in files and name not in proofs]


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Keep what a proof says, and how it ended; not where a worker passes it on to us."""
    ended = report.when == "call" or report.outcome != "passed"
    if not ended or "prove" not in report.keywords or "PYTEST_XDIST_WORKER" in os.environ:
        return
    with kept() as records:
        records[report.nodeid] = {
            "outcome": report.outcome,
            "why": "" if report.outcome == "passed" else why(report.longrepr),
            "figures": {name.replace("_", " "): said for name, said in report.user_properties},
            "seconds": round(report.duration),
            **where(),
        }


def pytest_sessionfinish() -> None:
    """Write the page anew."""
    with kept() as records:
        PAGE.write_text(page(records))


@contextmanager
def kept() -> Iterator[dict[str, Record]]:
    """Yield the records for a change, which no other run may make at the same time."""
    with RECORDS.open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        records: dict[str, Record] = json.loads(file.read() or "{}")
        yield records
        file.truncate(0)
        file.write(json.dumps(dict(sorted(records.items())), indent=1) + "\n")


def why(told: object) -> str:
    """Return why a proof failed or was left out, without the folders of whoever ran it."""
    crash = getattr(told, "reprcrash", None)
    # What was left out is told as file, line and reason.
    text = crash.message if crash else told[-1] if isinstance(told, tuple) else str(told)
    return _FOLDERS.sub("", text)[:300]


def where() -> Record:
    """Return when and on what this runs."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    changed = git("status", "-s", "-uno", "--", "handler", "imgpipe")
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M"),
        "commit": git("rev-parse", "HEAD")[:9] + (" and changes" if changed else ""),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, "
        f"{memory:.0f} GiB",
        "versions": ", ".join(
            [f"Python {platform.python_version()}", *(f"{p} {version(p)}" for p in PACKAGES)]
        ),
    }


def git(*arguments: str) -> str:
    """Return what git says of this checkout."""
    command = ["git", "-C", str(PAGE.parent), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def page(records: Mapping[str, Record]) -> str:
    """Return the page of these records."""
    ran = {name: record for name, record in records.items() if record}
    parts = {
        "In all": table(("what", "figure"), summed(ran)),
        "Proof by proof": table(_COLUMNS, rows(ran)),
        "Not run": listed(f"`{name}`" for name in records.keys() - ran.keys()),
        "Failed or left out": listed(
            f"`{name}`: {ran[name]['outcome']}: {ran[name]['why']}"
            for name in ran.keys() - passed(ran).keys()
        ),
        "On what": listed({f"{each['machine']}; {each['versions']}" for each in ran.values()}),
    }
    return "\n".join([_HEAD, *(section(title, text) for title, text in parts.items() if text)])


def summed(ran: Mapping[str, Record]) -> list[tuple[str, str]]:
    """Return each figure over all proofs that ended well."""
    sums: Counter[str] = Counter()
    for record in passed(ran).values():
        for name, figure in record["figures"].items():
            sums.update({head(name): figure} if head(name) in FIGURES else {})
    return [(what, f"{sums[name]:,}") for name, what in FIGURES.items() if name in sums]


def passed(ran: Mapping[str, Record]) -> dict[str, Record]:
    """Return those that ended well."""
    return {name: record for name, record in ran.items() if record["outcome"] == "passed"}


def rows(ran: Mapping[str, Record]) -> list[tuple[str, ...]]:
    """Return a row for each test, over all of its parameters that ended well."""
    tests: dict[str, list[str]] = {}
    for name in passed(ran):
        tests.setdefault(name.partition("[")[0], []).append(name)
    return [row(test, {name: ran[name] for name in names}) for test, names in tests.items()]


def row(test: str, ran: Mapping[str, Record]) -> tuple[str, ...]:
    """Return the row of a ``test``: how often it ran, its figures, how long, when and of what."""
    dates = sorted({record["date"] for record in ran.values()})
    return (
        f"`{test.removeprefix('tests/')}`",
        f"{len(ran):,}",
        "; ".join(f"{what}: {figure}" for what, figure in together(ran).items()),
        f"{sum(record['seconds'] for record in ran.values()):,}",
        " to ".join(dict.fromkeys([dates[0], dates[-1]])),
        ", ".join(sorted({record["commit"] for record in ran.values()})),
    )


def together(ran: Mapping[str, Record]) -> dict[str, str]:
    """Return each figure of a test's: what can be summed as a sum, all else as often as it differs.

    Kinds that the runs count one each of, such as a hundred actions, go without their names.
    """
    figures: dict[str, list[Any]] = {}
    for record in ran.values():
        for what, figure in record["figures"].items():
            one_each = len(ran) > 1 and figure == 1
            figures.setdefault(head(what) if one_each else what, []).append(figure)
    return {
        what: said(sum(those))
        if head(what) in FIGURES
        else ", ".join(dict.fromkeys(map(said, those)))
        for what, those in sorted(figures.items(), key=lambda item: head(item[0]))
    }


def head(figure: str) -> str:
    """Return a figure's name without its kind."""
    return figure.partition("/")[0]


def said(figure: object) -> str:
    """Return a figure as people write it."""
    return f"{figure:,}" if isinstance(figure, int | float) else str(figure)


def listed(lines: Iterable[str]) -> str:
    """Return a list of lines, in their order by letter."""
    return "\n".join(f"- {line}" for line in sorted(lines))


_HEAD: Final = """# What holds, in figures

`make prove` writes this page, from what its proofs said as they ended (`reliability.json`); nothing
here was written by hand. `make prove PROOFS=tests/...` runs some of them again, and leaves the
others' figures, with the commit and the time at which they were true.
"""
