"""What cost shows: the month's bill so far and at its end, or an estimate before there is one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from rich.text import Text

from imgpipe.costs import prices
from imgpipe.costs.estimate import Estimate
from imgpipe.pipeline.bill import Item, Month
from imgpipe.render._paper import Paper, wrapped
from imgpipe.render._screen import View
from imgpipe.render._table import Column, table

_SO_FAR: Final = (
    Column("ITEM"),
    Column("USED", right=True, gives_way=1),
    Column("SO FAR, $", right=True),
    Column("AT MONTH'S END, $", right=True),
)
_WHOLE: Final = 100
"""From here on a quantity is shown without decimals."""
_ESTIMATED: Final = (Column("ITEM"), Column("$", right=True))


@dataclass(frozen=True)
class PricesRecord:
    """What was reckoned with."""

    region: Annotated[str, "the region whose list prices these are"]
    as_of: Annotated[str, "the month they are of"]
    source: Annotated[str, "where AWS publishes them"]


@dataclass(frozen=True)
class UsedRecord:
    """One line of the month's bill."""

    name: Annotated[str, "what was used"]
    quantity: Annotated[float, "how much of it, so far"]
    unit: Annotated[str, "the unit of that"]
    so_far: Annotated[float, "dollars so far"]
    forecast: Annotated[float, "dollars at the month's end, if it goes on as in the last 7 days"]


@dataclass(frozen=True)
class CostRecord:
    """The month's bill."""

    month: Annotated[str, "the month, in UTC, such as 2026-07"]
    items: Annotated[list[UsedRecord], "what was used"]
    so_far: Annotated[float, "dollars so far, in all"]
    forecast: Annotated[float, "dollars at the month's end, in all"]
    prices: Annotated[PricesRecord, "what was reckoned with"]


@dataclass(frozen=True)
class EstimateRecord:
    """What so many pictures would cost; printed by ``cost --pictures``."""

    pictures: Annotated[int, "how many"]
    megapixels: Annotated[float, "of each"]
    renditions: Annotated[int, "what each becomes"]
    once: Annotated[dict[str, float], "dollars for having them processed, by item"]
    monthly: Annotated[dict[str, float], "dollars a month for keeping them, by item"]
    total: Annotated[float, "dollars once, in all"]
    monthly_total: Annotated[float, "dollars a month, in all"]
    prices: Annotated[PricesRecord, "what was reckoned with"]


def notes(more: str) -> Iterator[str]:
    """Yield what is to be known of the figures, and what ``more`` says, if anything."""
    yield f"\nList prices of {prices.AS_OF}, without the free tier: {prices.SOURCE}"
    if more:
        yield f"Note: {more}."


def _prices(region: str) -> PricesRecord:
    return PricesRecord(region, prices.AS_OF, prices.SOURCE)


def _record(bill: Month) -> CostRecord:
    return CostRecord(
        f"{bill.now:%Y-%m}",
        [_item(item) for item in bill.items],
        _rounded(bill.so_far),
        _rounded(bill.forecast),
        _prices(bill.region),
    )


def _item(item: Item) -> UsedRecord:
    quantity, so_far, forecast = map(_rounded, (item.quantity, item.so_far, item.forecast))
    return UsedRecord(item.name, quantity, item.unit, so_far, forecast)


def _rounded(value: float) -> float:
    return round(value, 9)


def _text(bill: Month, paper: Paper) -> Iterator[Text]:
    yield from _heading(f"{bill.now:%B %Y}, prices of {bill.region}", paper)
    rows = [
        [Text(item.name), Text(_amount(item)), _money(item.so_far), _money(item.forecast)]
        for item in bill.items
    ]
    total = [Text("in all"), Text(), _money(bill.so_far), _money(bill.forecast)]
    yield from table(_SO_FAR, [*rows, total], paper.width)


def _amount(item: Item) -> str:
    figure = f"{item.quantity:,.0f}" if item.quantity >= _WHOLE else f"{item.quantity:,.3g}"
    return f"{figure} {item.unit}"


def _money(dollars: float) -> Text:
    """Return dollars to the cent; where that would be nothing, that there is something."""
    shown = f"{dollars:,.2f}"
    return Text("< 0.01" if dollars > 0 and shown == "0.00" else shown)


def _estimate_record(found: Estimate) -> EstimateRecord:
    return EstimateRecord(
        found.pictures,
        found.megapixels,
        found.renditions,
        {name: _rounded(dollars) for name, dollars in found.once.items()},
        {name: _rounded(dollars) for name, dollars in found.monthly.items()},
        _rounded(sum(found.once.values())),
        _rounded(sum(found.monthly.values())),
        _prices(found.region),
    )


def _estimate_text(found: Estimate, paper: Paper) -> Iterator[Text]:
    plural = "" if found.renditions == 1 else "s"
    yield from _heading(
        f"{found.pictures:,} JPEGs of {found.megapixels:g} MP, {found.renditions} rendition{plural}"
        f" each, prices of {found.region}",
        paper,
    )
    yield from table(_ESTIMATED, _rows(found.once, "in all, once"), paper.width)
    yield Text()
    yield from table(_ESTIMATED, _rows(found.monthly, "in all, a month"), paper.width)


def _heading(text: str, paper: Paper) -> Iterator[Text]:
    yield from wrapped(Text(text, "bold"), paper.width)
    yield Text()


def _rows(dollars: Mapping[str, float], total: str) -> Sequence[Sequence[Text]]:
    lines = [*dollars.items(), (total, sum(dollars.values()))]
    return [[Text(name), _money(amount)] for name, amount in lines]


VIEW: Final = View(_record, _text)
ESTIMATE: Final = View(_estimate_record, _estimate_text)
