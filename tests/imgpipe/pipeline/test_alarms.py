"""What is watched where somebody wants to be told, and that nothing is where nobody does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from imgpipe.costs import estimate, prices
from imgpipe.engine import reconcile
from imgpipe.engine.graph import Action, Event, State
from imgpipe.errors import ServiceError, SettingsError
from imgpipe.pipeline import Pipeline, remarks
from imgpipe.pipeline.alarms import pictures_a_day
from imgpipe.pipeline.declaration import declared, everything
from imgpipe.pipeline.page import PAGE_MEMORY_MB
from imgpipe.resources.alarm import Alarm
from imgpipe.resources.subscription import Subscription
from imgpipe.resources.topic import Topic
from imgpipe.settings import Settings, load

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from imgpipe.engine.resource import Resource
    from tests.support.account import Faults

pytestmark = pytest.mark.slow

KINDS = (Topic, Subscription, Alarm)


def of(aws: Aws, email: str = "me@example.com", **settings: Any) -> Pipeline:
    """A pipeline that tells ``email``."""
    return Pipeline.of(Settings(alarms=email, **settings), aws)


def telling(resources: tuple[Resource, ...]) -> tuple[Resource, ...]:
    """Those that have to do with alarms."""
    return tuple(each for each in resources if isinstance(each, KINDS))


def test_nothing_is_made_unasked(aws: Aws) -> None:
    """Without an address there is no topic and no alarm."""
    assert telling(declared(of(aws, ""))) == ()
    assert len(telling(declared(of(aws)))) == 6


def test_a_teardown_without_the_settings_takes_them_all(aws: Aws) -> None:
    """From another directory, which knows of no address."""
    list(reconcile.setup(telling(declared(of(aws))), aws))
    assert len(aws.client("cloudwatch").describe_alarms()["MetricAlarms"]) == 4
    events = list(reconcile.teardown(telling(everything(of(aws, ""))), aws))
    assert not [event for event in events if event.state is State.FAILED]
    assert aws.client("cloudwatch").describe_alarms()["MetricAlarms"] == []
    assert aws.client("sns").list_topics()["Topics"] == []
    assert aws.client("sns").list_subscriptions()["Subscriptions"] == []


def test_a_setup_takes_them_away_on_a_word_alone(aws: Aws) -> None:
    """Who does not speak of them leaves them as they are."""
    list(reconcile.setup(telling(declared(of(aws))), aws))
    list(reconcile.setup(telling(declared(of(aws, ""))), aws))
    assert len(aws.client("cloudwatch").describe_alarms()["MetricAlarms"]) == 4
    list(reconcile.setup(telling(declared(of(aws, "none"))), aws))
    assert aws.client("cloudwatch").describe_alarms()["MetricAlarms"] == []
    assert aws.client("sns").list_topics()["Topics"] == []


@pytest.mark.parametrize("operation", ["ListTagsForResource", "DescribeAlarms"])
def test_who_never_asked_for_alarms_needs_no_right_to_look_for_them(
    aws: Aws, faults: Faults, operation: str
) -> None:
    """A teardown goes on; who did ask is told."""
    with faults.denying(operation):
        events = list(reconcile.teardown(telling(everything(of(aws, ""))), aws))
        assert {(event.action, event.state) for event in events} == {(Action.NONE, State.DONE)}
        with pytest.raises(ServiceError):
            list(reconcile.teardown(telling(everything(of(aws))), aws))


def test_every_alarm_is_on_what_is_the_pipelines_own(aws: Aws) -> None:
    """The stage's own queue and function, and the topic that tells the address."""
    pipeline = of(aws, stage="blue")
    list(reconcile.setup(telling(declared(pipeline)), aws))
    alarms = aws.client("cloudwatch").describe_alarms()["MetricAlarms"]
    names = {dimension["Value"] for alarm in alarms for dimension in alarm["Dimensions"]}
    assert names == {pipeline.names.function, pipeline.names.queue}
    (topic,) = aws.client("sns").list_topics()["Topics"]
    assert {action for alarm in alarms for action in alarm["AlarmActions"]} == {topic["TopicArn"]}


def test_the_budget_pays_for_as_many_pictures_as_cost_says(aws: Aws) -> None:
    """Twice the money for twice as many; renditions and memory make it fewer."""
    plain = pictures_a_day(of(aws), PAGE_MEMORY_MB)
    known = prices.prices_in(aws.region).prices
    setting = estimate.Setting(448, PAGE_MEMORY_MB, "arm64", known)
    once = estimate.estimate(plain, 12, 1, setting, aws.region).once
    assert sum(once.values()) == pytest.approx(5, rel=1e-4)
    assert pictures_a_day(of(aws, daily_budget=10), PAGE_MEMORY_MB) == pytest.approx(
        2 * plain, abs=1
    )
    assert pictures_a_day(of(aws, memory=3008), PAGE_MEMORY_MB) < plain


@pytest.mark.parametrize(("confirmed", "told"), [(False, 1), (True, 0), (None, 0)])
def test_an_address_that_has_not_agreed_is_told(
    aws: Aws, confirmed: bool | None, told: int
) -> None:
    """SNS sends nothing before; a dry run, which made nothing, says nothing."""
    (subscription,) = [each for each in declared(of(aws)) if isinstance(each, Subscription)]
    live = None if confirmed is None else {"Confirmed": confirmed}
    event = Event(subscription, Action.CREATE, State.DONE, live=live)
    notes = remarks.remarks(of(aws), [event])
    assert sum("me@example.com" in note for note in notes) == told


def test_a_pending_subscription_is_there_and_unconfirmed(aws: Aws, faults: Faults) -> None:
    """It is not asked for again at every setup."""
    topic, subscription, *_ = telling(declared(of(aws)))
    list(reconcile.setup((topic,), aws))
    pending = {
        "SubscriptionArn": "PendingConfirmation",
        "Protocol": "email",
        "Endpoint": "me@example.com",
    }
    faults.answer("ListSubscriptionsByTopic", {"Subscriptions": [pending]}, times=9)
    (event,) = [
        each
        for each in reconcile.setup((topic, subscription), aws)
        if each.resource == subscription
    ]
    assert (event.action, (event.live or {})["Confirmed"]) == (Action.NONE, False)


def test_another_address_is_asked_and_the_first_stays(aws: Aws) -> None:
    """Whose it is, only they can say."""
    first = of(aws)
    list(reconcile.setup(telling(declared(first)), aws))
    second = replace(first, settings=replace(first.settings, alarms="you@example.com"))
    list(reconcile.setup(telling(declared(second)), aws))
    listed = aws.client("sns").list_subscriptions()["Subscriptions"]
    assert {each["Endpoint"] for each in listed} == {"me@example.com", "you@example.com"}


@pytest.mark.parametrize(
    "email", ["me", "me@", "@example.com", "me@host", "a b@example.com", "a@b.c\n"]
)
def test_what_is_no_address_is_refused(email: str) -> None:
    """Before anything is made; SNS would accept some of these and write nowhere."""
    with pytest.raises(SettingsError, match="alarms"):
        load({"alarms": email}, {})
