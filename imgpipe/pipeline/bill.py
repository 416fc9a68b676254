"""The month's bill: what was used, at list prices, so far and at the month's end."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from imgpipe.costs import prices
from imgpipe.pipeline.usage import Flow, Usage, month_of

if TYPE_CHECKING:
    from imgpipe.costs.estimate import Setting

_GB: Final = 1e9
_MILLION: Final = 1e6


@dataclass(frozen=True)
class Item:
    """One line: ``quantity`` of a ``unit`` used so far, in dollars, and in dollars at the end."""

    name: str
    quantity: float
    unit: str
    so_far: float
    forecast: float


@dataclass(frozen=True)
class Month:
    """The bill of the month of ``now`` (UTC), at the prices of ``region``."""

    now: datetime
    region: str
    items: Sequence[Item]

    @property
    def so_far(self) -> float:
        """Dollars so far."""
        return sum(item.so_far for item in self.items)

    @property
    def forecast(self) -> float:
        """Dollars at the month's end."""
        return sum(item.forecast for item in self.items)


@dataclass(frozen=True)
class Span:
    """How much of the month is over, from 0 to 1, and how many days are left."""

    over: float
    days_left: float

    @classmethod
    def of(cls, used: Usage) -> Span:
        """Return the span of the month at the time of ``used``."""
        days = monthrange(used.now.year, used.now.month)[1]
        gone = (used.now - month_of(used.now)) / timedelta(days=1)
        return cls(gone / days, days - gone)


def month(used: Usage, setting: Setting) -> Sequence[Item]:
    """Return what ``used`` costs, and will if the rest of the month goes on as of late."""
    cost, span = setting.prices, Span.of(used)
    second = cost.gb_second(setting.architecture)

    def flowing(name: str, flow: Flow, unit: str, price: float, per: float = 1.0) -> Item:
        ahead = flow.so_far + flow.a_day * span.days_left
        return Item(name, flow.so_far / per, unit, flow.so_far / per * price, ahead / per * price)

    def lying(name: str, size: float, price: float) -> Item:
        whole = size / _GB * price
        return Item(name, size / _GB, "GB now", whole * span.over, whole)

    computed = _added(
        _scaled(used.milliseconds, setting.memory),
        _scaled(used.page_milliseconds, setting.page_memory),
        _scaled(used.delivery_milliseconds, setting.delivery_memory),
    )
    invoked = _added(used.invocations, used.page_invocations, used.delivery_invocations)
    put = _added(used.invocations, used.rows, used.page_invocations)
    got = _added(used.invocations, invoked)
    return (
        flowing("requests to S3 that write", put, "requests", cost.put / _MILLION),
        flowing("requests to S3 that read", got, "requests", cost.get / _MILLION),
        lying("objects in S3", used.stored, cost.object_gb),
        flowing("DynamoDB, written", used.written, "units", cost.write / _MILLION),
        flowing("DynamoDB, read", used.read, "units", cost.read / _MILLION),
        lying("rows in DynamoDB, recoverable", used.table, cost.table_gb + cost.recovery_gb),
        flowing("invocations", invoked, "times", cost.invocation / _MILLION),
        flowing("processor and memory", computed, "GB-seconds", second),
        flowing("lines in CloudWatch Logs", used.logged, "GB", cost.log_gb, _GB),
        flowing("delivered by CloudFront", used.delivered, "GB", prices.CDN_GB, _GB),
        flowing(
            "requests to CloudFront", used.requests, "requests", prices.CDN_REQUESTS / _MILLION
        ),
        flowing(
            "runs of its function at the edges",
            used.edge_runs,
            "times",
            prices.EDGE_RUNS / _MILLION,
        ),
        _invalidated(used.invalidations, span),
    )


def _invalidated(flow: Flow, span: Span) -> Item:
    """Return the invalidations' line: so many a month are free, for the account as a whole."""

    def dollars(count: float) -> float:
        return max(0.0, count - prices.FREE_INVALIDATIONS) * prices.INVALIDATION

    ahead = flow.so_far + flow.a_day * span.days_left
    return Item("invalidations", flow.so_far, "paths", dollars(flow.so_far), dollars(ahead))


def _added(*flows: Flow) -> Flow:
    return Flow(sum(each.so_far for each in flows), sum(each.a_day for each in flows))


def _scaled(milliseconds: Flow, memory: int) -> Flow:
    """Return GB-seconds for milliseconds at ``memory`` MB."""
    factor = memory / 1024 / 1000
    return Flow(milliseconds.so_far * factor, milliseconds.a_day * factor)
