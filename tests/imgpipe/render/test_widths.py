"""Every command's lines at 80, 120 and 200 columns, and in a pipe."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

import pytest
from rich.cells import cell_len
from rich.text import Text

from handler.delivery_settings import DeliverySettings
from handler.event import Kind
from handler.recipe import Recipe
from handler.schema import Metadata, Status
from imgpipe.aws.jobs import Job
from imgpipe.cli._commands import COMMANDS
from imgpipe.costs.estimate import Estimate
from imgpipe.costs.views import Share, Views
from imgpipe.edge.address import Address, Addresses, rounded
from imgpipe.engine.graph import Action, Event, State
from imgpipe.errors import ImgpipeError, ServiceError
from imgpipe.function.invoke import Invocation
from imgpipe.function.lines import LogLine
from imgpipe.function.metrics import Figures, Metrics
from imgpipe.function.start import Start
from imgpipe.local import Emulator
from imgpipe.pictures import again
from imgpipe.pictures.again import Redone
from imgpipe.pictures.batch import Started
from imgpipe.pictures.differences import Difference, Finding
from imgpipe.pictures.download import Downloaded
from imgpipe.pictures.download import Fate as Brought
from imgpipe.pictures.failures import Failure, Failures
from imgpipe.pictures.files import LocalFile
from imgpipe.pictures.forgetting import Invalidation
from imgpipe.pictures.glance import Glance
from imgpipe.pictures.job_report import FailedTask
from imgpipe.pictures.mending import Mended
from imgpipe.pictures.outcomes import Outcome, Result
from imgpipe.pictures.plan import Fate as UploadFate
from imgpipe.pictures.plan import Step
from imgpipe.pictures.preview import Preview, Rendered
from imgpipe.pictures.removal import Fate as Gone
from imgpipe.pictures.removal import Picture, Removed
from imgpipe.pictures.retry import Fate, Retried
from imgpipe.pictures.story.telling import tell
from imgpipe.pictures.there import Standing
from imgpipe.pictures.upload import Upload
from imgpipe.pictures.watching.event import Event as Happened
from imgpipe.pictures.watching.event import Kind as What
from imgpipe.pipeline.again import Advice, Expense
from imgpipe.pipeline.bill import Item, Month
from imgpipe.pipeline.deployment import Deployed, Outputs, Plan
from imgpipe.pipeline.doctor import PROBES, Verdict
from imgpipe.pipeline.doctor import Finding as Examined
from imgpipe.pipeline.gallery import PATHS, Rebuilt
from imgpipe.pipeline.inventory import Inventory, Proof
from imgpipe.pipeline.pull import Pulled
from imgpipe.pipeline.rollback import Past, RolledBack
from imgpipe.pipeline.status import Health
from imgpipe.render import (
    _events,
    cost,
    demo,
    deployer_policy,
    doctor,
    download,
    explain,
    failures,
    gallery,
    invalidate,
    invoke,
    list_metadata,
    logs,
    metrics,
    pause,
    preview,
    reconcile,
    reprocess,
    resume,
    retry,
    rm,
    rollback,
    rotate,
    setup,
    show,
    status,
    teardown,
    upload,
    upload_plan,
    url,
    watch,
)
from imgpipe.render import open as open_
from imgpipe.render._failure import failure
from imgpipe.render._paper import Paper, links_work, wrapped
from imgpipe.render.config import init as config_init
from imgpipe.render.config import pull as config_pull
from imgpipe.render.config import set as config_set
from imgpipe.render.config import show as config_show
from imgpipe.render.local import env as local_env
from imgpipe.render.local import logs as local_logs
from imgpipe.render.local import status as local_status
from imgpipe.render.reprocess import status as reprocess_status
from imgpipe.settings.difference import Change
from imgpipe.settings.effective import Effective
from imgpipe.settings.origin import Kind as Place
from imgpipe.settings.origin import Origin
from tests.support import story
from tests.support.stand_ins import Given

if TYPE_CHECKING:
    from imgpipe.engine.resource import Resource

pytestmark = pytest.mark.slow

WIDTHS: Final = (80, 120, 200)
ADDRESS: Final = "https://d111111abcdef8.cloudfront.net/"
# What no visitor gets as it stands.
ASKED: Final[dict[str, int | float | str]] = {
    "width": 641,
    "format": "gif",
    "rendition": "thumbnail",
    "fit": "cover",
    "gravity": "nowhere",
}
KEY: Final = "2026/summer holiday/a day at the beach with everybody 图片 🏖.jpg"
MADE: Final = "2026/summer holiday/processed-a day at the beach with everybody 图片 🏖.jpg"
BUCKET: Final = "imgpipe-source-123456789012-ap-northeast-1-and-a-long-stage-an"
REASON: Final = "not a picture imgpipe can process; --force uploads it anyway, which is seldom wise"
WHEN: Final = datetime(2026, 7, 1, 10, 0, 5, tzinfo=UTC)

ROW: Final = Metadata(
    MADE,
    1_072_290,
    "2026-07-01T10:00:00.000+00:00",
    Status.PROCESSED,
    KEY,
    width=16_383,
    height=16_383,
)
FILE: Final = LocalFile(Path(KEY), KEY, 12_829_183, "image/jpeg")
LINE: Final = LogLine(
    WHEN,
    "ERROR",
    f"rejected {KEY}",
    {"reason": REASON, "stackTrace": [f'  File "a.py", line 1, in f\n    raise {REASON}\n']},
)
EMULATOR: Final = Emulator(4566, 4242, "AKIA", "secret", "000000000000", "us-east-1")


@dataclass(frozen=True)
class Bucket(Given):
    """A resource with a title and a name as they are."""

    title: ClassVar[str] = "source bucket notification"


def events(action: Action = Action.UPDATE) -> list[Event]:
    """One of every kind: changed in many properties, and failed."""
    changed = frozenset(f"SomePropertyOfConsiderableLength{n}" for n in range(6))
    error = ServiceError(REASON, hint=REASON, next=("setup --dry-run", "setup"), aws_code="Denied")
    bucket: Resource = Bucket(BUCKET)
    return [
        Event(bucket, action, State.DONE, changed=changed, seconds=123.4),
        Event(bucket, action, State.FAILED, error=error, seconds=0.1),
    ]


def happened(words: _events.Words, paper: Paper) -> Iterator[Text]:
    """The lines of events that are said while a walk goes on."""
    spelled = "imgpipe --profile somebody --region ap-northeast-1 --stage blue {}".format
    for event in events(next(iter(words))):
        yield from _events.lines(event, words, paper, spelled)


Written = Callable[[Paper], Iterable[Text | str]]
SENT: Final = upload.Sent(
    [
        Result(FILE, Outcome.PROCESSED, (ROW, replace(ROW, rendition="thumb"))),
        Result(FILE, Outcome.REFUSED, reason=REASON),
        Result(replace(FILE, key="a.jpg"), Outcome.SENT),
    ],
    ADDRESS,
)
TOTALS: Final = upload_plan.Totals()
PLANNED: Final = upload_plan.Plan(
    BUCKET,
    [
        Step(FILE, UploadFate.UPLOAD, Standing.NEW),
        Step(FILE, UploadFate.SKIP, Standing.SAME),
        Step(FILE, UploadFate.REFUSE, REASON),
    ],
)
HAPPENED: Final = [
    Happened(kind, name, name and KEY, 12_829_183, 100_000, reason)
    for kind in What
    for name, reason in ((KEY, ""), ("", REASON), (KEY, REASON))
]
PREVIEWS: Final = [
    Preview(FILE, 12.3, (Rendered(Path(MADE), MADE, "", 16_383, 16_383, 1_072_290, ()),)),
    Preview(FILE, 0.1, reason=REASON),
]
OUTPUTS: Final = Outputs(ADDRESS, BUCKET, BUCKET, "ImageMetadata", "ImageProcessor", "E1")
INVENTORY: Final = Inventory(
    "123456789012", "ap-northeast-1", "blue", {Bucket(BUCKET): Action.DELETE}, {BUCKET: 10_000}
)
PAST: Final = Past(
    serving="12",
    version="11",
    made=WHEN,
    by="Made by imgpipe 0.2.0",
    code="47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    changes=[
        Change("memory", 1024, 448, default=False),
        Change("rendition.thumb.watermark.text", REASON, KEY, default=False),
        Change("rendition.big", None, {"width": 3000}, default=False),
    ],
)
LISTING: Final = list_metadata.Listing(
    [ROW, replace(ROW, status=Status.REJECTED, reason=REASON, width=0)], 100_000
)
CHANGES: Final = (
    Change("rendition.thumb.watermark.text", REASON, KEY, default=True),
    Change("rendition.large", {"name": "large"}, None, default=True),
    Change("rendition.small", None, {"name": "small"}, default=False),
    Change("limits.formats", ["JPEG", "PNG", "GIF", "WEBP", "AVIF", "HEIF"], [], default=False),
    Change("tags.team", None, "x", default=False),
)
PULLED: Final = config_pull.Written(Pulled({}, "", {}), (Path(KEY), Path("imgpipe.toml")))

FOUND: Final = Finding(Difference.UNPROCESSED, KEY)
FAILURE: Final = Failure(KEY, Kind.CREATED, REASON, WHEN, WHEN, "e4b46cbf-b738", 3, "m")
FAILED: Final = Failures(
    [FAILURE, replace(FAILURE, key="", kind=Kind.REMOVED, attempts=0)], 1_000, complete=False
)
HEALTH: Final = Health(events(), ADDRESS, 10_000, 7, 3, failures=FAILED.found, changes=CHANGES)
RETRIED: Final = [
    Retried(KEY, Fate.FAILED, REASON),
    Retried(KEY, Fate.PROCESSED, results=(MADE, MADE), settled=True),
]
FORGOTTEN: Final = (
    Invalidation(["/*"]),
    Invalidation(["/a"] * 9_999),
    Invalidation(["/a"], "I2J3K4L5M6N7O8P9Q0", completed=True),
)
BROUGHT: Final = [
    Downloaded(KEY, Brought.DOWNLOADED, Path(MADE), 1_072_290),
    Downloaded(KEY, Brought.SKIPPED, reason=REASON),
]
PICTURE: Final = Picture(KEY, original=True)
SHOWN: Final = show.Shown(
    Glance(KEY, original=False, rows=[ROW, replace(ROW, reason=REASON)], meant=ROW),
    {ROW.filename: f"{ADDRESS}processed-beach.jpg"},
)

BILL: Final = Month(
    WHEN,
    "ap-northeast-1",
    [Item("rows in DynamoDB, two thirds of it their two indexes", 1e12, "GB-seconds", 1e6, 0.001)],
)
ESTIMATE: Final = Estimate(10**9, 123.5, 7, "ap-northeast-1", {"page": 1e9}, {"rows": 1e-9})
SHARES: Final = [Share(each, {"its processor and memory": 1e6}) for each in (0.125, 5, 20)]
VIEWS: Final = Views(10**9, 123.5, "ap-northeast-1", SHARES, 1e6, 1e6)
EXPENSE: Final = Expense(10**9, 1e6, 1e7, 100)
ADVICE: Final = [
    Advice(
        "were made by an earlier release or recipe", EXPENSE, "reprocess --stale", complete=False
    )
]
JOB: Final = Job(
    "00e123a4-c0d8-41f4-a0eb-b46f9ba5b07c",
    "Completing",
    f"imgpipe blue 0123456789ab: reprocess --prefix '{KEY}' --stale",
    WHEN,
    10**9,
    10**9 - 10**6,
    10**6,
    10**6,
    reasons=(REASON,),
)
REDONE: Final = [
    Redone(KEY, again.Fate.FAILED, REASON),
    Redone(KEY, again.Fate.PROCESSED, results=(MADE, MADE)),
    again.selected(KEY),
]

EXAMINED: Final = [Examined(probe, verdict, (REASON,)) for probe in PROBES for verdict in Verdict]
REBUILT: Final = Rebuilt(
    ADDRESS,
    own_entry=True,
    written=[
        f"gallery/{name}" for name in ("style.css", "newest.html", "index.json", "page-1.json")
    ],
    deleted=["gallery/mine.css"],
    pictures=12_345,
    invalidated=PATHS,
)
EXPLAINED: Final = explain.Explained(
    tell(
        story.evidence(
            key=KEY,
            rows=[ROW, replace(ROW, status=Status.REJECTED, reason=REASON)],
            failures=[FAILURE],
            invocations=[story.attempt(story.start(), story.said(f"begin {KEY}"), story.report(3))],
        )
    ),
    ["imgpipe retry"],
)
POLICY: Final = {"Statement": ["s3:GetObject"] * 1_000}
DEPLOYER: Final = deployer_policy.Deployer([], POLICY, [POLICY] * 3)
EFFECTIVE: Final = [
    Effective("picture.watermark.text", BUCKET, Origin(Place.FILE, "imgpipe.toml:3")),
    Effective("limits.formats", ["JPEG", "PNG"], Origin(Place.DEFAULT)),
    Effective("alarms", None, Origin(Place.VARIABLE, "IMGPIPE_ALARMS")),
]

FIGURES: Final = Figures(10**9, 10**6, 10**6, 10**6, 899_999.9, 899_999.9, -(10**15))
MEASURED: Final = Metrics(
    WHEN,
    WHEN + timedelta(days=1),
    FIGURES,
    [(WHEN + timedelta(hours=n), FIGURES) for n in range(49)],
)

# What each command writes, on stdout and beside it.
WRITTEN: Final[Mapping[str, tuple[Written, ...]]] = {
    "setup": (
        partial(happened, _events.SETUP_WORDS),
        lambda paper: setup.VIEW.text(setup.Done(Deployed(events(), OUTPUTS), ADVICE), paper),
        lambda paper: setup.PLAN.text(Plan(events(), CHANGES), paper),
        lambda paper: said(setup.left(ADVICE), paper),
    ),
    "rollback": (
        lambda paper: rollback.found(PAST, paper),
        lambda paper: rollback.VIEW.text(RolledBack(PAST, Start(starts=True)), paper),
    ),
    "rotate": (lambda paper: rotate.VIEW.text(True, paper), lambda _: [Text(rotate.QUESTION)]),
    "pause": (lambda paper: pause.VIEW.text("2026-07-01T12:00:00+00:00", paper),),
    "resume": (
        lambda paper: said(resume.summary("2026-07-01T12:00:00+00:00", [FOUND]), paper),
        lambda paper: resume.VIEW.text([Mended(FOUND), Mended(FOUND, REASON)], paper),
    ),
    "teardown": (
        lambda paper: teardown.standing(INVENTORY, paper),
        partial(happened, _events.TEARDOWN_WORDS),
        lambda paper: said(teardown.proof(Proof(17, [f"arn:aws:s3:::{BUCKET}"])), paper),
        lambda paper: said(teardown.proof(Proof(17, None)), paper),
    ),
    "deployer-policy": (lambda paper: said(deployer_policy.notes(DEPLOYER), paper),),
    "upload": (
        lambda paper: upload.VIEW.text(SENT, paper),
        lambda paper: said(upload.notes([replace(ROW, warnings=(REASON, REASON))]), paper),
        lambda paper: said([upload.resumed(Upload(FILE, "1", held=10**9))], paper),
        lambda paper: upload_plan.VIEW.text(PLANNED, paper),
        lambda paper: said([upload_plan.summary(PLANNED.bucket, TOTALS)], paper),
    ),
    "watch": (
        lambda paper: (line for each in HAPPENED for line in watch.VIEW.text(each, paper)),
        lambda paper: said([watch.stopped(1_000_000, 1_000, 1_000)], paper),
    ),
    "preview": (lambda paper: preview.VIEW.text(PREVIEWS, paper),),
    "invoke": (
        lambda paper: invoke.log(Invocation({}, failed=False, log=(LINE,), seconds=1.5), paper),
    ),
    "retry": (lambda paper: retry.VIEW.text(RETRIED, paper),),
    "download": (
        lambda paper: download.VIEW.text(BROUGHT, paper),
        lambda paper: said([download.announced([], Path("home"))], paper),
    ),
    "reprocess": (
        lambda paper: reprocess.VIEW.text(REDONE, paper),
        lambda paper: said([reprocess.announced(EXPENSE)], paper),
        lambda paper: said([reprocess.announced_job(EXPENSE), reprocess.ADVICE], paper),
        lambda paper: reprocess.JOB.text(reprocess.Ordered(EXPENSE, Started(JOB.id), [KEY]), paper),
    ),
    "reprocess status": (
        lambda paper: reprocess_status.VIEW.text(
            [reprocess_status.Seen(JOB, [FailedTask(KEY, REASON)])], paper
        ),
        lambda paper: reprocess_status.VIEW.text([reprocess_status.Seen(JOB)] * 2, paper),
    ),
    "rm": (
        lambda paper: said(rm.summary([PICTURE], [KEY], 7), paper),
        lambda paper: rm.FOUND.text([PICTURE], paper),
        lambda paper: rm.VIEW.text([Removed(PICTURE, Gone.FAILED, REASON)], paper),
    ),
    "invalidate": (
        lambda paper: invalidate.VIEW.text(FORGOTTEN[0], paper),
        lambda paper: invalidate.VIEW.text(
            Invalidation([f"/{MADE}"], "I2J3K4", completed=True), paper
        ),
        lambda paper: said(map(invalidate.announced, FORGOTTEN), paper),
    ),
    "reconcile": (
        lambda paper: said(reconcile.summary([FOUND]), paper),
        lambda paper: reconcile.FOUND.text([FOUND], paper),
        lambda paper: reconcile.VIEW.text([Mended(FOUND), Mended(FOUND, REASON)], paper),
    ),
    "gallery": (
        lambda paper: gallery.VIEW.text(REBUILT, paper),
        lambda paper: said(gallery.remarks(REBUILT), paper),
        lambda paper: gallery.EJECTED.text([Path("a/folder/page/gallery/style.css")], paper),
    ),
    "list-metadata": (
        lambda paper: list_metadata.newest(LISTING, paper),
        lambda paper: said([list_metadata.summary(LISTING)], paper),
    ),
    "url": (
        lambda paper: url.VIEW.text(Addresses(KEY, Address(ADDRESS)), paper),
        lambda paper: said(rounded(ASKED, DeliverySettings(), Recipe()), paper),
    ),
    "status": (lambda paper: status.VIEW.text(HEALTH, paper),),
    "doctor": (lambda paper: doctor.VIEW.text(EXAMINED, paper),),
    "open": (
        lambda paper: open_.VIEW.text(open_.Opened(ADDRESS, opened=False), paper),
        lambda paper: said([open_.listed(9_999)], paper),
    ),
    "show": (
        lambda paper: show.VIEW.text(SHOWN, paper),
        lambda paper: said([show.not_drawn(REASON)], paper),
    ),
    "explain": (lambda paper: explain.VIEW.text(EXPLAINED, paper),),
    "failures": (
        lambda paper: failures.VIEW.text(FAILED, paper),
        lambda paper: said([failures.summary(FAILED, WHEN)], paper),
    ),
    "logs": (lambda paper: logs.VIEW.text(LINE, paper),),
    "metrics": (
        lambda paper: metrics.VIEW.text(MEASURED, paper),
        lambda paper: said(metrics.remarks(MEASURED, paper), paper),
    ),
    "cost": (
        lambda paper: cost.VIEW.text(BILL, paper),
        lambda paper: cost.ESTIMATE.text(ESTIMATE, paper),
        lambda paper: cost.VIEWS.text(VIEWS, paper),
        lambda paper: said(cost.notes(REASON), paper),
    ),
    "config init": (lambda paper: config_init.VIEW.text([Path(KEY), Path(MADE)], paper),),
    "config show": (lambda paper: config_show.VIEW.text(EFFECTIVE, paper),),
    "config set": (
        lambda paper: config_set.VIEW.text(config_set.Set(Path("a.toml"), "tags.team", 7), paper),
    ),
    "config pull": (lambda paper: config_pull.VIEW.text(PULLED, paper),),
    "demo": (
        lambda paper: said(demo.going_on("imgpipe --stage blue {}".format), paper),
        lambda paper: list_metadata.newest(LISTING, paper),
    ),
    "local start": (
        lambda paper: local_status.VIEW.text(
            local_status.Standing(Path("/home/somebody/state"), EMULATOR), paper
        ),
    ),
    "local stop": (lambda _: (),),
    "local status": (
        lambda paper: local_status.VIEW.text(
            local_status.Standing(Path("/home/somebody/state"), None), paper
        ),
    ),
    "local logs": (lambda paper: local_logs.VIEW.text(f"{WHEN} {REASON} {REASON}", paper),),
    "local env": (lambda paper: local_env.VIEW.text(EMULATOR, paper),),
    "local reset": (lambda _: (),),
}


def said(remarks: Iterable[str], paper: Paper) -> Iterator[Text]:
    """The remarks as the screen writes them."""
    for remark in remarks:
        yield from wrapped(remark, paper.width)


def lines_of(name: str, paper: Paper) -> list[str]:
    """Every line that the command writes on ``paper``."""
    return [
        line for write in WRITTEN[name] for text in write(paper) for line in str(text).split("\n")
    ]


def test_every_command_has_its_lines() -> None:
    """A new row without them fails here."""
    assert list(WRITTEN) == [row.name for row in COMMANDS]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", [name for name in WRITTEN if name != "local env"])
@pytest.mark.parametrize("debug", [False, True])
def test_no_line_is_longer_than_the_terminal(name: str, width: int, debug: bool) -> None:
    """But for one that holds a single name, which nothing may cut; a shell's lines stay whole."""
    long = [
        line
        for line in lines_of(name, Paper(width, debug=debug))
        if cell_len(line) > width and len(line.split()) > 1 and line.strip() not in {KEY, MADE}
    ]
    assert long == []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", [name for name in WRITTEN if name != "metrics"])
def test_no_word_is_broken(name: str, width: int) -> None:
    """A terminal gets the words that a pipe gets; only what stands elsewhere whole is shortened.

    Charts are for terminals alone.
    """
    piped = " ".join(lines_of(name, Paper()))
    shown = " ".join(lines_of(name, Paper(width))).removeprefix("Results below")
    words = [word for word in shown.split() if word != "PATH" and "…" not in word]
    assert [word for word in words if f" {word} " not in f" {piped} " and word not in piped] == []
    for start, _, end in (word.partition("…") for word in shown.split() if "…" in word):
        assert any(
            whole.startswith(start) or whole.endswith(end) for whole in (BUCKET, KEY, f'"{BUCKET}"')
        )


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["upload", "preview", "list-metadata"])
def test_a_pictures_name_is_never_cut(name: str, width: int) -> None:
    """It is the only way to find it."""
    text = "\n".join(lines_of(name, Paper(width)))
    assert {"upload": KEY, "preview": MADE, "list-metadata": MADE}[name] in text


@pytest.mark.parametrize("name", WRITTEN)
def test_in_a_pipe_nothing_is_cut(name: str) -> None:
    """And what belongs together stays on one line, whatever COLUMNS says."""
    text = "\n".join(lines_of(name, Paper()))
    assert "…" not in text
    if name == "upload":
        assert f"{ADDRESS}2026/summer%20holiday/processed-a%20day" in text
        assert REASON in text


Table = Callable[[Paper], Iterable[Text]]
SHORT: Final = replace(ROW, filename="processed-beach.jpg", source_key="beach.jpg")
SHORT_FILE: Final = replace(FILE, key="beach.jpg")


@pytest.mark.parametrize(
    ("table", "order"),
    [
        (
            partial(
                upload.VIEW.text,
                upload.Sent([Result(SHORT_FILE, Outcome.PROCESSED, (SHORT,))], ADDRESS),
            ),
            ["BEFORE", "AFTER", "PIXELS"],
        ),
        (
            partial(list_metadata.newest, list_metadata.Listing([SHORT], 1)),
            ["SIZE", "TIME (UTC)", "PIXELS"],
        ),
        (
            partial(
                preview.VIEW.text,
                [
                    Preview(
                        SHORT_FILE,
                        12.3,
                        (Rendered(Path("b.jpg"), SHORT.filename, "", 800, 600, 72_290, ()),),
                    )
                ],
            ),
            ["TIME", "BEFORE", "AFTER"],
        ),
    ],
    ids=["upload", "list-metadata", "preview"],
)
def test_columns_give_way_in_the_stated_order(table: Table, order: list[str]) -> None:
    """The first goes first, and none comes back while the terminal narrows, until all are gone."""
    gone: list[str] = []
    for width in range(120, 10, -1):
        header = next(line.plain for line in table(Paper(width)) if "  " in line.plain)
        missing = [title for title in order if f" {title} " not in f" {header} "]
        assert missing == order[: len(missing)], width
        assert len(missing) >= len(gone), width
        gone = missing
        if gone == order:
            return
    raise AssertionError(gone)


def test_an_address_is_said_once_on_a_terminal() -> None:
    """Above the table; in it stands what follows, which can be clicked where the terminal can."""
    text = "\n".join(lines_of("upload", Paper(200)))
    assert text.startswith(f"Results below {ADDRESS}\n")
    assert text.count(ADDRESS) == 1


@pytest.mark.parametrize(("links", "count"), [(True, 2), (False, 0)])
def test_links_are_for_terminals_that_know_them(links: bool, count: int) -> None:
    """Each result's own address; a terminal that does not know OSC 8 gets none."""
    found = [
        style.link
        for line in upload.VIEW.text(SENT, Paper(200, links))
        for span in line.spans
        if not isinstance(style := span.style, str) and style.link
    ]
    assert len(found) == count
    assert all(link.startswith(f"{ADDRESS}2026/summer%20holiday/processed-") for link in found)


@pytest.mark.parametrize(
    ("environ", "works"),
    [
        ({}, False),
        ({"TERM": "xterm-256color"}, False),
        ({"TERM_PROGRAM": "Apple_Terminal"}, False),
        ({"TERM_PROGRAM": "iTerm.app"}, True),
        ({"VTE_VERSION": "7600"}, True),
        ({"VTE_VERSION": ""}, False),
        ({"KITTY_WINDOW_ID": "1"}, True),
        ({"WT_SESSION": "x"}, True),
    ],
)
def test_a_terminal_tells_whether_it_knows_links(environ: dict[str, str], works: bool) -> None:
    """By a variable of its own."""
    assert links_work(environ) is works


@pytest.mark.parametrize("width", WIDTHS)
def test_an_error_is_broken_between_words(width: int) -> None:
    """With everything that it says."""
    error = ImgpipeError(f"{REASON} {REASON}", hint=REASON, next=("setup", "status"))
    shown = [line.plain for line in failure(error, "imgpipe {}".format, width)]
    assert max(map(len, shown)) <= width
    assert " ".join(" ".join(shown).split()) == (
        f"Error: {REASON} {REASON} Next: {REASON}: imgpipe setup or imgpipe status"
    )
