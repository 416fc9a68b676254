"""What is watched where somebody wants to be told: the table of alarms.

They are on metrics that AWS keeps by itself, so they cost $0.10 a month each, and the first ten of
an account nothing. Why the budget is one of them, and not one of AWS Budgets:
docs/decisions/0020-a-budget-in-pictures.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from imgpipe.costs import estimate, prices
from imgpipe.resources.alarm import Alarm, Metric
from imgpipe.resources.subscription import Subscription
from imgpipe.resources.topic import Topic
from imgpipe.settings.domain import NONE

if TYPE_CHECKING:
    from imgpipe.engine.resource import Resource
    from imgpipe.pipeline import Pipeline

Tags = tuple[tuple[str, str], ...]

_FIVE_MINUTES, _QUARTER, _DAY = 300, 900, 86_400
# A failed try is made again by Lambda, and what fails for good waits in the queue: so many failed
# tries in a quarter of an hour are more than a picture or two.
_FAILED_TRIES: Final = 10
# What a picture is taken to be, as in the README.
_MEGAPIXELS: Final = 12


def alarms(pipeline: Pipeline, tags: Tags, page_memory: int) -> tuple[Resource, ...]:
    """Return the topic, the address it writes to, and every alarm.

    Where no address is set, they are not wanted.
    """
    names, settings = pipeline.names, pipeline.settings
    wanted = settings.alarms not in {"", NONE}
    topic = Topic(names.alarm_topic, tags, wanted=wanted)
    function = ("FunctionName", names.function)
    most = pictures_a_day(pipeline, page_memory)
    table = (
        (
            "waiting failures",
            "Pictures failed for good: imgpipe failures",
            Metric(
                "AWS/SQS",
                "ApproximateNumberOfMessagesVisible",
                ("QueueName", names.queue),
                "Maximum",
                _FIVE_MINUTES,
            ),
            0,
        ),
        (
            "errors",
            "Many tries fail: imgpipe logs --filter ERROR",
            Metric("AWS/Lambda", "Errors", function, "Sum", _QUARTER),
            _FAILED_TRIES,
        ),
        (
            "throttles",
            "Lambda makes pictures wait: raise the account's concurrency",
            Metric("AWS/Lambda", "Throttles", function, "Sum", _QUARTER),
            0,
        ),
        (
            "daily budget",
            f"More than {most:,} pictures in a day, about ${settings.daily_budget}: imgpipe cost",
            Metric("AWS/Lambda", "Invocations", function, "Sum", _DAY),
            most,
        ),
    )
    return (
        topic,
        *([Subscription(settings.alarms, topic)] if wanted else []),
        *(
            Alarm(
                f"{names.function} {what}",
                tags,
                topic=topic,
                what=what,
                description=description,
                metric=metric,
                threshold=float(threshold),
                wanted=wanted,
            )
            for what, description, metric, threshold in table
        ),
    )


def pictures_a_day(pipeline: Pipeline, page_memory: int) -> int:
    """Return how many pictures a day the budget pays for, at list prices, storage left out."""
    settings = pipeline.settings
    known = prices.prices_in(pipeline.aws.region)
    setting = estimate.Setting(settings.memory, page_memory, settings.architecture, known.prices)
    work = estimate.work(_MEGAPIXELS, len(settings.recipe.renditions))
    million = sum(estimate.bill(work, estimate.COLD_MILLISECONDS, setting).values())
    return int(settings.daily_budget / million * 1e6)
