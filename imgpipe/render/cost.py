"""What cost shows: the month's bill so far and at its end, or an estimate before there is one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from rich.text import Text

from imgpipe.costs import prices
from imgpipe.costs.estimate import Estimate
from imgpipe.costs.views import WIDTH, Share, Views
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


@dataclass(frozen=True)
class ShareRecord:
    """What the views cost where so many of a hundred are misses."""

    misses: Annotated[float, "views of a hundred for which a rendition is made"]
    items: Annotated[dict[str, float], "dollars, by item"]
    total: Annotated[float, "dollars in all, without what CloudFront delivers"]


@dataclass(frozen=True)
class ViewsRecord:
    """What so many views of renditions on demand would cost; printed by ``cost --views``."""

    views: Annotated[int, "how many"]
    megapixels: Annotated[float, "of each original"]
    shares: Annotated[list[ShareRecord], "by how many are misses"]
    gigabytes: Annotated[float, "what CloudFront delivers with them"]
    delivery: Annotated[float, "dollars for that, which come on top"]
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
        _each(found.once),
        _each(found.monthly),
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


def _views_record(found: Views) -> ViewsRecord:
    shares = [ShareRecord(each.misses, _each(each.items), _total(each)) for each in found.shares]
    gigabytes, delivery = _rounded(found.gigabytes), _rounded(found.delivery)
    by = _prices(found.region)
    return ViewsRecord(found.views, found.megapixels, shares, gigabytes, delivery, by)


def _each(dollars: Mapping[str, float]) -> dict[str, float]:
    return {name: _rounded(amount) for name, amount in dollars.items()}


def _total(share: Share) -> float:
    return _rounded(sum(share.items.values()))


def _views_text(found: Views, paper: Paper) -> Iterator[Text]:
    yield from _heading(
        f"{found.views:,} views of {WIDTH} px renditions of {found.megapixels:g} MP JPEGs, "
        f"prices of {found.region}",
        paper,
    )
    shares = found.shares
    columns = [Column(f"{each.misses:g} % MISS, $", right=True) for each in shares]
    rows = [
        [Text(name), *(_money(each.items[name]) for each in shares)] for name in shares[0].items
    ]
    total = [Text("in all"), *(_money(_total(each)) for each in shares)]
    yield from table((Column("ITEM", gives_way=1), *columns), [*rows, total], paper.width)
    yield Text()
    more = f"On top: {found.gigabytes:,.3g} GB that CloudFront delivers, ${_money(found.delivery)}."
    yield from wrapped(Text(more), paper.width)


def _heading(text: str, paper: Paper) -> Iterator[Text]:
    yield from wrapped(Text(text, "bold"), paper.width)
    yield Text()


def _rows(dollars: Mapping[str, float], total: str) -> Sequence[Sequence[Text]]:
    lines = [*dollars.items(), (total, sum(dollars.values()))]
    return [[Text(name), _money(amount)] for name, amount in lines]


VIEW: Final = View(_record, _text)
ESTIMATE: Final = View(_estimate_record, _estimate_text)
VIEWS: Final = View(_views_record, _views_text)
