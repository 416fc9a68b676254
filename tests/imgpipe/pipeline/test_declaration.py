"""The declaration: what people call each of its resources."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

from handler.delivery_settings import DeliverySettings
from handler.recipe import Recipe, Rendition
from imgpipe.engine.reads import read_for_setup
from imgpipe.engine.resource import Live
from imgpipe.package import AUTO_QUALITY, RESAMPLING
from imgpipe.pipeline import Pipeline
from imgpipe.pipeline.declaration import concerned, declared, everything
from imgpipe.pipeline.doctor.links import LINKS
from imgpipe.pipeline.function_ground import packages
from imgpipe.resources.distribution import Distribution
from imgpipe.resources.index_page import IndexPage
from imgpipe.resources.layer_version import LayerVersion
from imgpipe.resources.role import Role
from imgpipe.settings import Settings

if TYPE_CHECKING:
    from imgpipe.aws.account import Aws
    from tests.support.account import Calls, Faults


ON_DEMAND: Final = DeliverySettings(enabled=True, signing=True)
OWN: Final = "arn:aws:iam::123456789012:role/theirs"


def test_what_is_made_on_demand_stands_only_where_it_is_wanted(aws: Aws) -> None:
    """Without the setting no resource more; a role of one's own serves for this, too."""
    plain = declared(Pipeline.of(Settings(), aws))
    more = declared(Pipeline.of(Settings(delivery=ON_DEMAND), aws))
    titles = {each.title for each in plain}
    assert {each.title for each in more if each.title not in titles} == set(
        LINKS["renditions on demand"]
    )
    (distribution,) = [each for each in plain if isinstance(each, Distribution)]
    assert distribution.properties(Live())["CacheBehaviors"] == []
    unsigned = declared(Pipeline.of(Settings(delivery=replace(ON_DEMAND, signing=False)), aws))
    assert {each.title for each in more} - {each.title for each in unsigned} == {"signing keys"}
    own = declared(Pipeline.of(Settings(delivery=ON_DEMAND, role_arn=OWN), aws))
    assert [each.title for each in own if isinstance(each, Role)] == []


def test_a_teardown_looks_for_what_was_made_on_demand_whatever_is_set(aws: Aws) -> None:
    """And is silent about it where nobody asked for it."""
    titles = set(LINKS["renditions on demand"])
    with_their_function = {"delivery permission", "delivery invocation"}
    for settings, sought, expected in (
        (Settings(), True, titles - with_their_function),
        (Settings(delivery=ON_DEMAND), False, titles),
    ):
        whole = everything(Pipeline.of(settings, aws))
        found = {each.title: each.sought for each in whole if each.title in titles}
        assert found == dict.fromkeys(expected, sought)
    whole = everything(Pipeline.of(Settings(delivery=replace(ON_DEMAND, signing=False)), aws))
    assert [each.sought for each in whole if each.title == "signing keys"] == [True]


def test_a_setup_looks_for_what_was_switched_off_and_for_nothing_of_somebody_elses(
    aws: Aws,
) -> None:
    """A role of one's own least of all."""
    made = {"delivery role", "delivery function", "delivery address", "delivery access"}
    made |= {"edge function", "signing keys"}
    for settings, expected in (
        (Settings(), made),
        (Settings(role_arn=OWN), made - {"delivery role"}),
        (Settings(delivery=replace(ON_DEMAND, signing=False)), {"signing keys"}),
        (Settings(delivery=ON_DEMAND), set()),
    ):
        pipeline = Pipeline.of(settings, aws)
        found = {each.title for each in concerned(pipeline) if not each.wanted}
        assert found == expected
        assert {each.title for each in declared(pipeline) if not each.wanted} == set()


def test_what_was_never_switched_on_takes_one_call_and_no_right(
    aws: Aws, calls: Calls, faults: Faults
) -> None:
    """A policy printed without it does not name it."""
    parts = [each for each in concerned(Pipeline.of(Settings(), aws)) if not each.wanted]
    calls.clear()
    assert not any(read.result() for read in read_for_setup(parts, aws).values())
    assert calls == ["ListOriginAccessControls"]
    with faults.denying("ListOriginAccessControls"):
        assert not any(read.result() for read in read_for_setup(parts, aws).values())


@pytest.mark.parametrize("architecture", ["arm64", "x86_64"])
def test_the_layer_reads_jpeg_xl_where_it_is_wanted(aws: Aws, architecture: str) -> None:
    """Another layer than without, and the very same again when it is not wanted any more."""
    plain = Settings(architecture=architecture)
    made = [plain, replace(plain, jpeg_xl=True), replace(plain, jpeg_xl=False)]
    resources = [declared(Pipeline.of(settings, aws)) for settings in made]
    layers = [[each for each in some if isinstance(each, LayerVersion)] for some in resources]
    told = [layer.properties(Live()) for (layer,) in layers]
    assert told[0] == told[2] != told[1]


@pytest.mark.parametrize(("architecture", "there"), [("arm64", False), ("x86_64", True)])
def test_a_layer_resamples_by_vector_code_where_there_is_a_wheel_of_it(
    architecture: str, *, there: bool
) -> None:
    """There is none for arm64."""
    made = packages(Settings(architecture=architecture))
    assert (RESAMPLING.pattern.encode() in made.fingerprint) == there


@pytest.mark.parametrize(
    ("quality", "format", "there"),
    [("auto", "keep", True), ("auto", "jpeg", True), ("auto", "webp", False), (80, "jpeg", False)],
)
def test_a_layer_writes_by_jpegli_where_a_rendition_may_need_it(
    quality: int | str, format: str, *, there: bool
) -> None:
    """No other has to carry it."""
    recipe = Recipe((Rendition(), Rendition("b", quality=quality, format=format)))
    made = packages(Settings(recipe=recipe))
    assert (AUTO_QUALITY.pattern.encode() in made.fingerprint) == there


def test_the_page_has_its_pictures_made_on_demand_where_anybody_may(aws: Aws) -> None:
    """It can sign nothing."""
    for settings, widths in (
        (DeliverySettings(), ()),
        (DeliverySettings(enabled=True, widths=(9, 5)), (9, 5)),
        (ON_DEMAND, ()),
    ):
        whole = declared(Pipeline.of(Settings(delivery=settings), aws))
        assert [each.widths for each in whole if isinstance(each, IndexPage)] == [widths]


@pytest.mark.parametrize("settings", [Settings(), Settings(delivery=ON_DEMAND)])
def test_every_title_is_plain_words_and_nobody_elses(aws: Aws, settings: Settings) -> None:
    """Two buckets, and two policies, are told apart by it; AWS's words stay in ``type``."""
    titles = [resource.title for resource in declared(Pipeline.of(settings, aws))]
    assert sorted(set(titles)) == sorted(titles)
    assert {"source bucket", "destination bucket", "source bucket policy"} < set(titles)
    assert not [title for title in titles if "::" in title or not title.strip()]
