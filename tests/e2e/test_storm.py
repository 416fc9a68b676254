"""A third of all calls fail, before the client and before the function: nothing is lost.

Every command of the pipeline's life ends in the state of an undisturbed run, or in an error of ours
after which the same command, run again, does. The dice are microburst's, with a fixed seed.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import boto3
import pytest

from handler.keys import processed_key
from handler.schema import Status
from imgpipe import local
from imgpipe.aws.account import Aws
from imgpipe.aws.errors import translated
from imgpipe.engine.graph import Action, Event
from imgpipe.errors import ImgpipeError
from imgpipe.local import launch
from imgpipe.pictures import catalog
from imgpipe.pipeline import Pipeline, deployment
from imgpipe.settings import Settings
from tests.support.proxy import SEED, Proxy, proxied
from tests.support.shell import photo
from tests.support.standing import standing
from tests.support.worker import VERBS

pytestmark = pytest.mark.prove

PICTURES: Final = int(os.environ.get("PROOF_PICTURES", "500"))
ROUNDS: Final = int(os.environ.get("PROOF_ROUNDS", "5"))
# Each a proof of its own, which can run beside the others.
SEEDS: Final = (1, 2, 3, 4)
# A command that fails so often under the storm has to go through once it is over.
TRIES: Final = 12


def refused(code: str, status: int, share: float, service: str = "*") -> dict[str, Any]:
    """The rule that a share of all calls is answered with an error."""
    error = {"code": code, "message": "injected", "status": status}
    return {"service": service, "probability": share, "error": error}


# How each service throttles; S3's is a 503, as an answer to HEAD has no body that could say more.
THROTTLED: Final = {
    "s3": ("SlowDown", 503),
    "iam": ("Throttling", 400),
    "cloudfront": ("Throttling", 400),
    "sqs": ("ThrottlingException", 400),
    "logs": ("ThrottlingException", 400),
    "dynamodb": ("ProvisionedThroughputExceededException", 400),
    "lambda": ("TooManyRequestsException", 429),
}
# Half an answer that says it is whole, or one whose bytes are wrong: nobody may believe it, and a
# second try is the person's, so that few are spoilt.
SPOILT: Final = 0.002
# Of a hundred calls, about thirty.
COMMON: Final[tuple[dict[str, Any], ...]] = (
    *(refused(*how, 0.05, service) for service, how in THROTTLED.items()),
    refused("InternalError", 500, 0.05),
    refused("ServiceUnavailable", 503, 0.05),
    {"service": "*", "probability": 0.05, "reset": True},
    {"service": "*", "probability": 0.03, "timeout_ms": 200},
    {"service": "*", "probability": 0.05, "response": {"abort_frac": 0.5}},
    {"service": "*", "probability": 0.05, "response": {"abort_bytes": 0}},
    {"service": "*", "probability": SPOILT, "response": {"truncate_frac": 0.5}},
    {"service": "*", "probability": SPOILT, "response": {"corrupt_bytes": 16}},
)
# What no second try can mend within a command, so it strikes seldom.
SELDOM: Final[tuple[dict[str, Any], ...]] = (
    refused("ExpiredTokenException", 400, 0.0005),
    refused("RequestTimeTooSkewed", 403, 0.0005),
)


@dataclass
class Storm:
    """The account past the storm and through it, and what it did."""

    calm: Aws
    through: Aws
    proxies: tuple[Proxy, ...]
    pictures: tuple[Path, ...]
    errors: list[str] = field(default_factory=list)

    def pipeline(self, aws: Aws) -> Pipeline:
        """The pipeline as ``aws`` reaches it."""
        return Pipeline.of(Settings(local=True), aws)

    def blow(self, *rules: dict[str, Any]) -> None:
        """Let these rules hold from now on; none: let it be over."""
        for proxy in self.proxies:
            proxy.inject(*rules)

    def survive(self, command: Callable[[Pipeline], None]) -> None:
        """Run a command until it goes through; whatever it ends with else is an error of ours."""
        for _ in range(TRIES):
            try:
                with translated():
                    command(self.pipeline(self.through))
            except ImgpipeError as error:
                self.errors.append(str(error))
                print(error)
            else:
                return
        self.blow()
        command(self.pipeline(self.through))
        self.blow(*COMMON, *SELDOM)

    @property
    def faults(self) -> int:
        """How many calls were answered with a fault."""
        return sum(proxy.faults() for proxy in self.proxies)


@pytest.fixture(scope="module")
def storm(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Storm]:
    """An embedded AWS, a proxy before it, and another before it for its functions.

    A proof may name the seed of both.
    """
    seed = getattr(request, "param", SEED)
    state, folder = tmp_path_factory.mktemp("state"), tmp_path_factory.mktemp("pictures")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with ExitStack() as stack:
        client, function = (
            stack.enter_context(proxied(f"http://127.0.0.1:{port}", seed)) for _ in range(2)
        )
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        environment = launch._environment
        patch.setattr(
            launch,
            "_environment",
            lambda *given: {**environment(*given), "AWS_ENDPOINT_URL": function.url},
        )
        emulator = local.start(state, port)
        stack.callback(local.stop, state)
        session = boto3.Session(
            emulator.access_key, emulator.secret_key, region_name=emulator.region
        )
        calm, through = (
            Aws(session, endpoint_url=url, sleep=lambda seconds: time.sleep(min(seconds, 0.1)))
            for url in (emulator.url, client.url)
        )
        yield Storm(calm, through, (client, function), tuple(pictures(folder)))


def pictures(folder: Path) -> Iterator[Path]:
    """Make the pictures to upload."""
    for number in range(PICTURES):
        path = folder / f"{number}.jpg"
        path.write_bytes(photo(40 + number % 7, 30))
        yield path


def set_up(pipeline: Pipeline) -> None:
    """As ``imgpipe setup`` does."""
    walk(deployment.setup, pipeline)


def take_away(pipeline: Pipeline) -> None:
    """As ``imgpipe teardown`` does."""
    walk(deployment.teardown, pipeline)


def walk(verb: Callable[[Pipeline], Iterator[Event]], pipeline: Pipeline) -> None:
    """Do it; an error says what each resource says."""
    errors = [f"{each.resource.title}: {each.error}" for each in verb(pipeline) if each.error]
    if errors:
        raise ImgpipeError("; ".join(errors))


def listing(found: list[str]) -> Callable[[Pipeline], None]:
    """As ``imgpipe list-metadata`` does; ``found`` then holds the keys."""

    def command(pipeline: Pipeline) -> None:
        rows = catalog.rows(pipeline.aws, pipeline.names.table, catalog.Query())
        found[:] = sorted(row.filename for row in rows if row.status is Status.PROCESSED)

    return command


def test_a_pipelines_life_in_a_storm(
    storm: Storm, record_property: Callable[[str, object], None]
) -> None:
    """Set up, 500 pictures uploaded, listed, taken away; the last as often as it takes faults."""
    storm.blow(*COMMON, *SELDOM)
    storm.survive(set_up)
    events = deployment.plan(storm.pipeline(storm.calm)).events
    assert {event.action for event in events} == {Action.NONE}

    storm.survive(lambda pipeline: VERBS["upload"](pipeline, storm.pictures))
    found: list[str] = []
    storm.survive(listing(found))
    assert found == sorted(processed_key(path.name) for path in storm.pictures)
    storm.survive(take_away)
    assert standing(storm.calm) == {}
    record_property("faults_injected/a life with pictures", storm.faults)
    record_property("pictures", len(storm.pictures))
    record_property("clear errors, each followed by a run that went on", len(storm.errors))
    record_property("lost", 0)


@pytest.mark.parametrize("storm", SEEDS, indirect=True)
def test_setup_and_teardown_in_a_storm_again_and_again(
    storm: Storm, record_property: Callable[[str, object], None]
) -> None:
    """Each ends complete, or takes all away."""
    storm.blow(*COMMON, *SELDOM)
    for _ in range(ROUNDS):
        storm.survive(set_up)
        events = deployment.plan(storm.pipeline(storm.calm)).events
        assert {event.action for event in events} == {Action.NONE}
        storm.survive(take_away)
        assert standing(storm.calm) == {}
    record_property("faults_injected/setup and teardown", storm.faults)
    record_property("rounds", ROUNDS)
    record_property("lost", 0)
