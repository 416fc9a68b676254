"""What a million pictures cost in all, and at which memory a 12 MP picture is cheapest.

The arithmetic and the prices are the package's own (``imgpipe/costs``), which ``imgpipe cost`` goes
by; here they are given what was measured just now. Processor time costs the same at every size up
to a whole core, while every millisecond spent waiting costs in proportion to the size: the cheapest
setting is the smallest at which the function takes in what has to be taken in. That is a 12 MP
picture of every kind, and one more, because many cameras have 24 MP: that much as a PNG, the
hungriest of the usual kinds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bench import coldstart
from bench.invocation import invoke
from bench.markdown import section, table
from handler.image import Budget, Rejected, render
from handler.recipe import Recipe, Rendition, web_preset
from imgpipe.costs.estimate import FULL_CORE, Setting, Work, bill, duration
from imgpipe.costs.prices import FALLBACK, PRICES
from imgpipe.pipeline.page import PAGE_MEMORY_MB
from imgpipe.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.corpus import Case
    from bench.invocation import Invocation

_SIZES: Final = (512, 1024, FULL_CORE, 3008)
# What Lambda offers, in the steps we look at.
_SMALLEST, _LARGEST, _STEP = 128, 10240, 64
_MEMORY_NOTE: Final = (
    "Processor time costs the same at every setting up to {full} MB, and waiting costs in "
    "proportion to it. So the cheapest setting for a 12 MP picture is the smallest at which the "
    "function takes in one of every kind and a {demanding}: **{cheapest} MB**. imgpipe's default "
    "is **{default} MB**. Lambda's processor is taken to be as fast as this one."
)
_BILL_NOTE: Final = (
    "A million pictures like {name}, at {memory} MB: every request, line of log and millisecond "
    "that they cause, counted in the runs above; one in a hundred is taken to meet a cold start. "
    "List prices of us-east-1 without the free tier. Storage, and what CloudFront delivers, come "
    "on top."
)


def setting(memory: int) -> Setting:
    """Return the setting of a pipeline as it comes, but for its function's ``memory`` in MB."""
    return Setting(memory, PAGE_MEMORY_MB, Settings().architecture, PRICES[FALLBACK])


def work(of: Invocation) -> Work:
    """Return what was measured as what the arithmetic takes."""
    return Work(of.warm, of.requests, of.log_bytes)


def memory_size(cases: Sequence[Case]) -> int:
    """Return the smallest memory, in MB, at which the function lets all ``cases`` in.

    It is told in steps of 64.
    """
    return next(
        size
        for size in range(_SMALLEST, _LARGEST, _STEP)
        if all(_admitted(case, size) for case in cases)
    )


def _admitted(case: Case, memory: int) -> bool:
    try:
        render(case.path.read_bytes(), Recipe(), Budget(memory=memory * 1024 * 1024))
    except Rejected:
        return False
    return True


def report(cases: Sequence[Case], demanding: Case, invocations: Mapping[str, Invocation]) -> str:
    """Return two sections: the memory setting that follows, and what a million pictures cost."""
    return "\n".join(
        [_memory(cases, demanding, invocations), _bills(cases[0], invocations[cases[0].name])]
    )


def _memory(cases: Sequence[Case], demanding: Case, invocations: Mapping[str, Invocation]) -> str:
    cheapest, default, name = memory_size([*cases, demanding]), Settings().memory, cases[0].name
    photo = work(invocations[name])
    rows = [
        [
            f"{size} MB",
            f"{duration(photo, size):.0f}",
            f"{bill(photo, 0, setting(size))['its processor and memory']:.2f}",
        ]
        for size in sorted({cheapest, default, *_SIZES})
    ]
    note = _MEMORY_NOTE.format(
        full=FULL_CORE, demanding=demanding.name, cheapest=cheapest, default=default
    )
    header = [name, "billed ms, warm", "processor and memory, $ a million"]
    return section("Memory setting", note, table(header, rows))


def _bills(case: Case, one: Invocation) -> str:
    memory, cold = Settings().memory, coldstart.processor_milliseconds()
    web = invoke(case, Recipe(renditions=(Rendition(), *web_preset(Rendition()))))
    bills = [bill(work(each), cold, setting(memory)) for each in (one, web)]
    rows = [[item, *(f"{bill[item]:.2f}" for bill in bills)] for item in bills[0]]
    total = ["**in all**", *(f"**{sum(bill.values()):.2f}**" for bill in bills)]
    return section(
        "What a million pictures cost",
        _BILL_NOTE.format(name=case.name, memory=memory),
        table(["$ a million pictures", "one rendition", '`preset = "web"`'], [*rows, total]),
    )
