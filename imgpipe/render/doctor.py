"""What ``doctor`` shows: each probe's verdict, and what mends what is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from rich.text import Text

from imgpipe.pipeline.doctor import Finding, Verdict
from imgpipe.render._paper import Paper, wrapped
from imgpipe.render._screen import View
from imgpipe.render.untrusted import printable

_STYLES: Final = {Verdict.WELL: "green", Verdict.WRONG: "red", Verdict.UNKNOWN: "yellow"}
_INDENT: Final = "    "
_NAME_WIDTH: Final = 24


@dataclass(frozen=True)
class ProbeRecord:
    """One probe, and what became of it."""

    probe: Annotated[str, "its name"]
    looks_at: Annotated[str, "what must hold"]
    verdict: Annotated[str, "well, wrong, could be better, not known, or not on this endpoint"]
    said: Annotated[list[str], "what is wrong, or why it could not be looked at"]
    fix: Annotated[str, "what mends it, in words"]
    next: Annotated[list[str], "the commands that do, without imgpipe"]


@dataclass(frozen=True)
class DoctorRecord:
    """Whether all is well, and every probe."""

    well: Annotated[bool, "whether nothing is wrong, and nothing not known"]
    probes: Annotated[list[ProbeRecord], "in the order of the table"]


def _record(found: Sequence[Finding]) -> DoctorRecord:
    bad = {Verdict.WRONG, Verdict.UNKNOWN}
    return DoctorRecord(not bad & {each.verdict for each in found}, [*map(_probe, found)])


def _probe(found: Finding) -> ProbeRecord:
    probe = found.probe
    return ProbeRecord(
        probe=probe.name,
        looks_at=probe.looks_at,
        verdict=str(found.verdict),
        said=list(found.said),
        fix=probe.fix,
        next=list(probe.next),
    )


def _text(found: Sequence[Finding], paper: Paper) -> Iterator[Text]:
    for each in found:
        style = _STYLES.get(each.verdict, "dim")
        yield Text(f"{each.probe.name:{_NAME_WIDTH}} ").append(str(each.verdict), style)
        for sentence in each.said:
            yield from wrapped(Text(f"  {printable(sentence)}"), paper.width, _INDENT)
        if each.verdict in {Verdict.WRONG, Verdict.ADVICE}:
            yield from wrapped(Text(f"  Fix: {each.probe.fix}"), paper.width, _INDENT)


VIEW: Final = View(_record, _text)
