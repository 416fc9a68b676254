"""The tables and goals that follow from ``bench.pictures``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bench.goals import Goal
from bench.markdown import section, table
from bench.worker import CONTENDERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from bench.corpus import Case
    from bench.pictures import Outcome

    Outcomes = Mapping[str, Mapping[str, Outcome]]

_OF_SHARP: Final = {"JPEG": 0.75, "progressive JPEG": 0.95, "PNG": 1.0, "WEBP": 0.9}
_RGBA_OF_SHARP: Final = 1.1
_OF_GUIDE: Final = {"progressive JPEG": 0.75, "PNG": 0.55, "WEBP": 0.75}
_JPEG_OF_GUIDE: Final = {6: 0.55, 12: 0.33, 24: 0.30}
_SMALLEST: Final = 2
_NOTE: Final = (
    "CPU time of all threads, milliseconds, medians. The last two columns are the ratios of "
    "imgpipe as it is on x86_64, which goals are held against; by Pillow it resamples on arm64, "
    "which this machine is not. The guide squeezes the picture into "
    "800 x 600, leaves it sideways and saves JPEG at quality 75; everybody else keeps its shape, "
    "turns it upright and saves at 80."
)
_FIDELITY: Final = (
    "Each output, made without a watermark, against a full decode and a LANCZOS resize to the "
    "same size: PSNR in dB, and SSIM. "
    "*Lost* is how many dB imgpipe and sharp lie below that resize saved at quality 80; 0 for "
    "PNG, which loses nothing by itself."
)


def goals(cases: Sequence[Case], outcomes: Outcomes) -> Iterator[Goal]:
    """Yield what was promised for each case.

    A picture of a few pixels has no promise on its time.
    """
    for case in cases:
        if case.kind in _OF_SHARP and case.megapixels >= _SMALLEST:
            yield from _case_goals(case, outcomes[case.name])


def _case_goals(case: Case, of: Mapping[str, Outcome]) -> Iterator[Goal]:
    ours, sharp, guide = of["imgpipe"], of["sharp"], of["guide"]
    nearest = min(_JPEG_OF_GUIDE, key=lambda size: abs(size - case.megapixels))
    most = _RGBA_OF_SHARP if "RGBA" in case.name else _OF_SHARP[case.kind]
    yield Goal(f"{case.name}, CPU, of sharp's", ours.time.cpu / sharp.time.cpu, most)
    yield Goal(
        f"{case.name}, CPU, of the guide's",
        ours.time.cpu / guide.time.cpu,
        _OF_GUIDE.get(case.kind, _JPEG_OF_GUIDE[nearest]),
    )
    if case.kind == "PNG":
        yield Goal(f"{case.name}, bytes out, of sharp's", ours.size / sharp.size, 0.75)
    else:
        lost = ours.fidelity.loss - max(sharp.fidelity.loss, 0.0)
        yield Goal(f"{case.name}, lost beyond what sharp loses", lost, 0.3, "dB")
    if case.kind == "JPEG":
        yield Goal(f"{case.name}, peak memory", ours.peak, 35, "MiB")
        yield Goal(f"{case.name}, peak memory, of sharp's", ours.peak / sharp.peak, 0.45)


def sections(cases: Sequence[Case], outcomes: Outcomes) -> str:
    """Return the four tables: CPU, wall, memory with bytes, and fidelity."""
    names = [case.name for case in cases]
    return "\n".join(
        [
            section(
                "One picture: CPU time",
                _NOTE,
                table(["picture", *CONTENDERS, "of sharp", "of guide"], _cpu_rows(names, outcomes)),
            ),
            section(
                "One picture: wall time, ms",
                _figures(names, outcomes, lambda outcome: outcome.time.wall),
            ),
            section(
                "One picture: peak resident memory of a fresh process, MiB",
                _figures(names, outcomes, lambda outcome: outcome.peak),
            ),
            section(
                "One picture: bytes out, KB",
                _figures(names, outcomes, lambda outcome: outcome.size / 1000),
            ),
            section("One picture: fidelity", _FIDELITY, _fidelity_table(names, outcomes)),
        ]
    )


def _cpu_rows(names: Sequence[str], outcomes: Outcomes) -> Iterator[list[str]]:
    for name in names:
        cpu = {contender: outcome.time.cpu for contender, outcome in outcomes[name].items()}
        ratios = [f"{cpu['imgpipe'] / cpu[peer]:.2f}" for peer in ("sharp", "guide")]
        yield [name, *(f"{cpu[contender]:.0f}" for contender in CONTENDERS), *ratios]


def _figures(names: Sequence[str], outcomes: Outcomes, figure: Callable[[Outcome], float]) -> str:
    return table(
        ["picture", *CONTENDERS],
        ([name, *(f"{figure(outcomes[name][each]):.0f}" for each in CONTENDERS)] for name in names),
    )


def _fidelity_table(names: Sequence[str], outcomes: Outcomes) -> str:
    rows = []
    for name in names:
        of = {contender: outcome.fidelity for contender, outcome in outcomes[name].items()}
        lost = [f"{of[contender].loss:.1f}" for contender in ("sharp", "imgpipe")]
        rows.append([name, *(f"{of[c].psnr:.1f} / {of[c].ssim:.3f}" for c in CONTENDERS), *lost])
    return table(["picture", *CONTENDERS, "sharp lost", "imgpipe lost"], rows)
