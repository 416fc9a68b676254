"""The page made anew: its files as they are here, its data as the table says it, the edges told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from handler.event import COMPARE, FILL
from imgpipe import cdn
from imgpipe.aws.errors import translated
from imgpipe.engine.reads import Reads, read_all, require_ours
from imgpipe.engine.resource import Live, Properties, Resource
from imgpipe.errors import OtherSettingsError, SettingsError, not_set_up
from imgpipe.function.page import portions
from imgpipe.gallery.page import ENTRY
from imgpipe.pictures import forgetting
from imgpipe.pipeline import own_domain
from imgpipe.pipeline.declaration import declared
from imgpipe.pipeline.live_groups import page_of
from imgpipe.resources.bucket import Bucket
from imgpipe.resources.distribution import Distribution
from imgpipe.resources.gallery_data import GalleryData
from imgpipe.resources.index_page import IndexPage
from imgpipe.settings.difference import changes
from imgpipe.settings.page_table import flat

if TYPE_CHECKING:
    from handler.page_settings import PageSettings
    from imgpipe.aws.account import Aws
    from imgpipe.pipeline import Pipeline

R = TypeVar("R", bound=Resource)

# The root is another path than the file behind it, and one with a * is one path:
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/invalidation-specifying-objects.html
PATHS: Final = ("/", f"/{ENTRY}", "/gallery/*")


@dataclass(frozen=True)
class Rebuilt:
    """What has been done so far.

    Attributes:
        url: the page's address.
        own_entry: whether its index.html is somebody's own, and was left as it is.
        written: the keys of the files that were put.
        deleted: those of another template that were deleted.
        pictures: how many the page shows.
        invalidated: the paths that CloudFront's edges are to forget; none until the end.
    """

    url: str
    own_entry: bool
    written: Sequence[str]
    deleted: Sequence[str]
    pictures: int = 0
    invalidated: Sequence[str] = ()


class Parts(NamedTuple):
    """The resources that the page is made of."""

    page: IndexPage
    data: GalleryData
    distribution: Distribution
    bucket: Bucket
    function: Resource


@dataclass(frozen=True)
class Standing:
    """The page as it stands: its files and data, and the distribution's live properties."""

    page: IndexPage
    data: GalleryData
    distribution: Properties


def parts_of(pipeline: Pipeline) -> Parts:
    """Return what the page of ``pipeline`` is made of; nothing is called."""
    resources = declared(pipeline)
    data = _one(resources, GalleryData)
    page, distribution = _one(resources, IndexPage), _one(resources, Distribution)
    return Parts(page, data, distribution, data.bucket, data.function)


def look(pipeline: Pipeline) -> Standing:
    """Return the page that stands; nothing is changed.

    Raises:
        NotSetUpError, NotOursError: there is none of this pipeline.
        OtherSettingsError: it was made with other settings than those here.
        SettingsError: there is to be none, or its template cannot be read.
    """
    parts = parts_of(pipeline)
    found = _ours(read_all((parts.bucket, parts.function, parts.distribution), pipeline.aws))
    _require_same(pipeline, page_of(found))
    parts.page.properties(Live())
    if parts.distribution not in found:
        raise not_set_up("distribution")
    return Standing(parts.page, parts.data, found[parts.distribution])


def rebuild(aws: Aws, standing: Standing) -> Iterator[Rebuilt]:
    """Put the files that differ, let the function do the data; yield what was done so far.

    What the page shows without a row goes before what it lacks comes. Safe to break off and to
    repeat (``s3:PutObject``, ``lambda:InvokeFunction``, ``cloudfront:CreateInvalidation``).

    Raises:
        ServiceError: the function could not do it.
    """
    with translated():
        done = _published(aws, standing)
        yield done
        for portion in portions(aws, standing.data.function.name, COMPARE, FILL):
            written = dict.fromkeys([*done.written, *portion["written"]])
            done = replace(done, written=list(written), pictures=portion["pictures"])
            yield done
        forgetting.begin(aws, standing.distribution["Id"], PATHS)
    yield replace(done, invalidated=PATHS)


def _published(aws: Aws, standing: Standing) -> Rebuilt:
    page = standing.page
    before, desired = _files(page.read(aws)), page.properties(Live())
    page.update(aws, desired, frozenset(desired))
    live = page.read(aws)
    after = _files(live)
    return Rebuilt(
        cdn.url(aws, own_domain.address(standing.distribution), ""),
        own_entry=live is not None and live["OwnEntry"],
        written=[key for key in after if after[key] != before.get(key)],
        deleted=[key for key in before if key not in after],
    )


def _files(live: Properties | None) -> dict[str, Any]:
    return live["Files"] if live else {}


def _require_same(pipeline: Pipeline, live: PageSettings | None) -> None:
    settings = pipeline.settings
    if live is None:
        raise not_set_up("page")
    found = changes(flat(live), flat(settings.page), settings.origins)
    if found:
        labels = ", ".join(change.label for change in found)
        raise OtherSettingsError(
            f"the page was made with other settings than those here: {labels}",
            hint="take those from here, or write down what is live",
            next=("setup", "config pull"),
        )
    if not settings.page.public:
        raise SettingsError(
            "there is no page: [gallery] public is false",
            hint="to have one",
            next=("config set gallery.public true",),
        )


def _ours(reads: Reads) -> Live:
    found = {each: require_ours(each, reads) for each in reads}
    return Live({each: live for each, live in found.items() if live is not None})


def _one(resources: Sequence[Resource], kind: type[R]) -> R:
    return next(each for each in resources if isinstance(each, kind))
