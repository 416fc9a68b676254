"""``python -m bench [PICTURE...]``.

Install the peers, measure everything, and write bench/results.md.
"""

from __future__ import annotations

import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path

from bench import (
    auto,
    boxed,
    catalog,
    cli,
    coldstart,
    cost,
    delivery,
    invocation,
    peers,
    picture_report,
    pictures,
    renditions,
    setup,
    uploads,
)
from bench.corpus import corpus, demanding, twelve_megapixels
from bench.goals import goals_table
from bench.markdown import section
from bench.paths import RESULTS
from imgpipe.package import is_installed


def main(files: list[str]) -> None:
    """Measure, the named ``files`` beside the drawn corpus, and write the report.

    Progress goes to standard error.
    """
    peers.install()
    # Before anything else: a process that is started is told its parent's peak as its own.
    sent = uploads.measure()
    cases = corpus(Path(name) for name in files)
    outcomes = pictures.measure(cases)
    goals = [*picture_report.goals(cases, outcomes)]
    sections = [picture_report.sections(cases, outcomes)]
    for more, text in (
        renditions.three(cases[1]),
        renditions.extras(),
        delivery.measure(),
        boxed.measure(),
        auto.measure(Path(name) for name in files),
        coldstart.measure(),
        cli.measure(),
        setup.measure(),
        sent,
        catalog.measure(),
    ):
        goals += more
        sections.append(text)
    twelve = twelve_megapixels()
    invocations = {case.name: invocation.invoke(case) for case in twelve}
    beside = {
        f"{case.name}, x86_64": invocation.invoke(case, architecture="x86_64") for case in twelve
    }
    sections += [
        invocation.report({**invocations, **beside}),
        cost.report(twelve, demanding(), invocations),
    ]
    RESULTS.write_text("\n".join([_head(), section("Goals", goals_table(goals)), *sections]))


def _head() -> str:
    packages = filter(is_installed, ("Pillow", "cykooz.resizer", "botocore"))
    ours = ", ".join(f"{name} {version(name)}" for name in packages)
    theirs = ", ".join(
        name.replace("==", " ").replace("@", " ")
        for name in (*peers.PYTHON_PEERS, *peers.NODE_PEERS)
    )
    return (
        "# What was measured\n\n"
        f"Written by `python -m bench` (`make bench`), never by hand. A {os.cpu_count()}-core "
        f"{platform.machine()} {platform.system()} machine, "
        f"Python {platform.python_version()}; {ours}; peers: {theirs}. All contenders take turns "
        f"on the same bytes, one thread each; figures are "
        "medians. Times differ from machine to machine, ratios carry over. The pictures are "
        "drawn by a script from a seed; those with a "
        "file's name were the caller's.\n"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
