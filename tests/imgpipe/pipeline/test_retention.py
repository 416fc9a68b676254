"""What the settings keep from a teardown: told as tags, obeyed by name, proven in words."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

import pytest

from imgpipe.engine import standing
from imgpipe.engine.graph import Action, Event, State
from imgpipe.engine.resource import PROTECT_TAG, RETAIN_TAG, Resource, TaggedResource
from imgpipe.errors import ProtectedError
from imgpipe.pipeline import Pipeline, deployment, inventory
from imgpipe.pipeline.declaration import declared
from imgpipe.render import teardown as render
from imgpipe.settings import Settings
from imgpipe.settings.checks import RETAINABLE

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws

pytestmark = pytest.mark.slow

EVERY_CHOICE = [
    choice for size in range(len(RETAINABLE) + 1) for choice in combinations(RETAINABLE, size)
]
TITLES = {
    "source": "source bucket",
    "destination": "destination bucket",
    "table": "metadata table",
}


def holding(pipeline: Pipeline) -> list[Resource]:
    """The resources that hold what a setup could not make again."""
    return [each for each in declared(pipeline) if each.title in TITLES.values()]


def stood(aws: Aws, **settings: Any) -> Pipeline:
    """A pipeline of which those stand."""
    pipeline = Pipeline.of(Settings(local=True, **settings), aws)
    for resource in holding(pipeline):
        resource.create(aws, resource.properties({}))  # type: ignore[arg-type]
    return pipeline


def silent(pipeline: Pipeline) -> Pipeline:
    """The same pipeline as a directory without the settings file knows it."""
    return replace(pipeline, settings=replace(pipeline.settings, protect=None, retain=None))


def kept(events: list[Event]) -> set[str]:
    """The titles of what a teardown kept."""
    assert State.FAILED not in {event.state for event in events}
    return {event.resource.title for event in events if event.action is Action.RETAIN}


@pytest.mark.parametrize("choice", EVERY_CHOICE, ids=",".join)
def test_every_choice_is_kept_with_or_without_the_file(aws: Aws, choice: tuple[str, ...]) -> None:
    """The plan, the teardown and the proof agree, and the next setup takes it up as its own."""
    pipeline, titles = stood(aws, retain=choice), {TITLES[what] for what in choice}
    unknowing = silent(pipeline)
    planned = inventory.inventory(unknowing)
    assert {each.title for each in planned.resources} - {
        each.title for each in planned.leaving
    } == titles
    assert kept(list(deployment.teardown(unknowing))) == titles
    proof = inventory.proof(unknowing)
    assert len(proof.kept) == len(choice)
    assert all(any(words.startswith(title) for words in proof.kept) for title in titles)
    for resource in holding(pipeline):
        live = resource.read(aws)
        assert (live is not None) == (resource.title in titles)
        assert live is None or resource.owned(live)


@pytest.mark.parametrize("choice", EVERY_CHOICE, ids=",".join)
def test_a_word_at_the_teardown_overrules_what_was_told_before(
    aws: Aws, choice: tuple[str, ...]
) -> None:
    """Of a pipeline that was told nothing, and of one that was told to keep all."""
    for told in (None, RETAINABLE):
        pipeline = stood(aws, retain=told)
        now = replace(pipeline, settings=replace(pipeline.settings, retain=choice))
        assert kept(list(deployment.teardown(now))) == {TITLES[what] for what in choice}
        gone = replace(pipeline, settings=replace(pipeline.settings, retain=()))
        assert kept(list(deployment.teardown(gone))) == set()


def test_the_words_before_and_after_name_what_stays(aws: Aws) -> None:
    """And how it goes after all."""
    pipeline = stood(aws, retain=("table",))
    list(deployment.teardown(pipeline))
    text = "\n".join(render.proof(inventory.proof(pipeline)))
    assert "is left but what was to stay" in text
    assert f"Kept: metadata table {pipeline.names.table}" in text
    assert "--retain none" in text


def test_protection_holds_where_nobody_knows_of_it(aws: Aws) -> None:
    """Until a setup lifts it in so many words; one that is silent leaves it."""
    pipeline = stood(aws, protect=True)
    unknowing = silent(pipeline)
    for refused in (inventory.inventory, lambda it: list(deployment.teardown(it))):
        with pytest.raises(ProtectedError):
            refused(unknowing)
    assert len(standing.remaining(holding(pipeline), aws)) == len(RETAINABLE)
    lifted = replace(pipeline, settings=replace(pipeline.settings, protect=False))
    for resource in holding(lifted):
        desired = resource.properties({})  # type: ignore[arg-type]
        resource.update(aws, desired, frozenset({"Tags"}))
    assert inventory.inventory(unknowing).leaving
    assert kept(list(deployment.teardown(unknowing))) == set()


def test_settings_that_are_silent_change_no_tag(aws: Aws) -> None:
    """So that a pipeline of an older release is as it should be."""
    for resource in declared(Pipeline.of(Settings(), aws)):
        if isinstance(resource, TaggedResource):
            assert not {PROTECT_TAG, RETAIN_TAG} & dict(resource.tags).keys()
