"""An AWS in memory (moto): its clock, a record of every call made to it, and faults on demand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, Final

import boto3
import pytest
from botocore.loaders import Loader, create_loader
from botocore.session import get_session
from moto import mock_aws
from moto.iam.access_control import PermissionResult
from moto.s3.models import FakeBucket

from imgpipe.aws.account import Aws
from imgpipe.engine import reconcile
from imgpipe.engine.graph import Action, Event, finals
from imgpipe.engine.resource import OWNER_TAG, Properties, Resource
from tests.support.edge_functions import EdgeFunctions
from tests.support.life import READS, Life
from tests.support.memory import ANSWERED, Memory

Elsewhere = Callable[[str], Aws]

TESTING: Final = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
FIRST_CALLS: Final = {
    "cloudfront": "list_distributions",
    "lambda": "list_functions",
    "s3": "list_buckets",
}


class Clock:
    """A clock whose hands move only by ``sleep``; ``naps`` are the seconds slept."""

    def __init__(self) -> None:
        self.naps: list[float] = []

    def __call__(self) -> float:
        return sum(self.naps)

    def sleep(self, seconds: float) -> None:
        """Pass the time at once."""
        self.naps.append(seconds)


class Calls(list[str]):
    """The operations sent so far, such as ``CreateBucket``."""

    def note(self, model: Any, **_: object) -> None:
        """Receive botocore's ``before-call`` event."""
        self.append(model.name)

    @property
    def mutating(self) -> list[str]:
        """Those that are not mere reads."""
        return [name for name in self if not name.startswith(READS)]


class Sent(list[tuple[str, dict[str, Any]]]):
    """The operations sent so far with their parameters, as boto3 was given them."""

    def note(self, params: dict[str, Any], model: Any, **_: object) -> None:
        """Receive botocore's ``provide-client-params`` event."""
        self.append((model.name, dict(params)))

    def of(self, operation: str) -> list[dict[str, Any]]:
        """Return the parameters of every call of ``operation``."""
        return [params for name, params in self if name == operation]


class Faults:
    """Answers given in the emulator's place, a number of times: what AWS does and moto cannot."""

    def __init__(self) -> None:
        self._answers: dict[str, list[tuple[int, dict[str, Any]]]] = {}

    def fail(
        self, operation: str, code: str, message: str = "", *, status: int = 400, times: int = 1
    ) -> None:
        """Let the next ``times`` calls of ``operation`` fail."""
        self.answer(
            operation, {"Error": {"Code": code, "Message": message}}, status=status, times=times
        )

    @contextmanager
    def denying(self, operation: str) -> Iterator[None]:
        """Let every call of ``operation`` fail for want of the permission, as long as it lasts."""
        # A HEAD request's answer has no body that could say more.
        code = "403" if operation.startswith("Head") else "AccessDeniedException"
        self.fail(operation, code, status=403, times=1000)
        yield
        del self._answers[operation]

    def answer(
        self, operation: str, parsed: dict[str, Any], *, status: int = 200, times: int = 1
    ) -> None:
        """Let the next ``times`` calls of ``operation`` be answered with ``parsed``."""
        self._answers.setdefault(operation, []).extend(
            [(status, {"ResponseMetadata": {"HTTPHeaders": {"date": ANSWERED}}, **parsed})] * times
        )

    def inject(self, model: Any, **_: object) -> tuple[object, dict[str, Any]] | None:
        """Receive botocore's ``before-call`` event; what is returned takes the call's place."""
        if not self._answers.get(model.name):
            return None
        status, parsed = self._answers[model.name].pop(0)
        return SimpleNamespace(status_code=status, content=b""), parsed


@dataclass(frozen=True)
class Outcome:
    """What the engine did with one resource, and the mutating ``calls`` of the whole run."""

    action: Action
    changed: frozenset[str]
    live: Properties | None
    calls: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Engine:
    """The real engine on one resource and the ones it needs; an error of any is raised."""

    aws: Aws
    calls: Calls

    def setup(self, resource: Resource, *needed: Resource) -> Outcome:
        """Set up ``needed`` and ``resource``; return what became of the latter."""
        return self._run(reconcile.setup, resource, needed)

    def teardown(self, resource: Resource, *needed: Resource) -> Outcome:
        """Tear down ``resource`` and ``needed``; return what became of the former."""
        return self._run(reconcile.teardown, resource, needed)

    def _run(
        self, walk: Callable[..., Iterator[Event]], resource: Resource, needed: tuple[Resource, ...]
    ) -> Outcome:
        self.calls.clear()
        ends = list(finals(walk((*needed, resource), self.aws)))
        if failed := [event.error for event in ends if event.error]:
            raise failed[0]
        (end,) = [event for event in ends if event.resource == resource]
        return Outcome(end.action, end.changed, end.live, self.calls.mutating)


@pytest.fixture
def clock() -> Clock:
    """The clock ``aws`` waits by."""
    return Clock()


@pytest.fixture
def calls() -> Calls:
    """What ``aws`` sent."""
    return Calls()


@pytest.fixture
def faults() -> Faults:
    """What ``aws`` is answered instead."""
    return Faults()


@pytest.fixture
def sent() -> Sent:
    """What ``aws`` sent, with the parameters."""
    return Sent()


@pytest.fixture(scope="session")
def loader() -> Loader:
    """What every session reads the service models with: shared, so that they are read once.

    moto builds its routes at the first call of a service, by Python's ``ast``, which fails now and
    then where two threads use it (https://github.com/python/cpython/issues/106905): one call here,
    before there are threads.
    """
    with mock_aws():
        for service, operation in FIRST_CALLS.items():
            getattr(boto3.client(service, "eu-west-1", **TESTING), operation)()
    return create_loader()


@pytest.fixture
def elsewhere(
    loader: Loader, clock: Clock, calls: Calls, sent: Sent, faults: Faults
) -> Iterator[Elsewhere]:
    """The same empty account in memory, in any region."""
    memory = Memory()

    def there(region: str) -> Aws:
        core = get_session()
        core.register_component("data_loader", loader)
        session = boto3.Session("testing", "testing", region_name=region, botocore_session=core)
        session.events.register("before-call", calls.note)
        session.events.register("before-call", faults.inject)
        session.events.register_last("before-call", EdgeFunctions().answer)
        session.events.register("provide-client-params", sent.note)
        session.events.register("provide-client-params", memory.note)
        session.events.register("after-call", memory.complete)
        return Aws(session, sleep=clock.sleep, clock=clock)

    with mock_aws():
        yield there


@pytest.fixture
def aws(elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch) -> Aws:
    """An empty account in eu-west-1, in memory."""
    # moto issues certificates by the machine's clock, after a minute.
    monkeypatch.setattr("moto.settings.ACM_VALIDATION_WAIT", -1)
    return elsewhere("eu-west-1")


@pytest.fixture
def over_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let buckets that refuse plain HTTP alone be read and written: moto reads no condition."""
    monkeypatch.setattr(FakeBucket, "get_permission", lambda *_: PermissionResult.NEUTRAL)


@pytest.fixture
def life(aws: Aws) -> Life:
    """The life of the process that uses ``aws``; to be asked for before its first call."""
    return Life(aws)


@pytest.fixture
def engine(aws: Aws, calls: Calls) -> Engine:
    """The engine on ``aws``."""
    return Engine(aws, calls)


@pytest.fixture
def tags() -> tuple[tuple[str, str], ...]:
    """The tags of the default stage."""
    return ((OWNER_TAG, "default"), ("team", "photo"))
