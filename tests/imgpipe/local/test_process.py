"""The embedded AWS as a process: started, found, stopped, killed and started again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import pytest

import imgpipe
from imgpipe import local
from imgpipe.errors import LocalError
from tests.support.local_account import client

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.slow

BUCKET = "kept"
START = (
    "import sys, pathlib; from imgpipe import local; "
    "print(local.start(pathlib.Path(sys.argv[1])).pid)"
)


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    """Yield a directory for one embedded AWS, which is stopped in the end."""
    yield tmp_path / "state"
    local.stop(tmp_path / "state")


def eventually(predicate: Callable[[], bool], seconds: float = 10) -> bool:
    """Return whether the predicate came true in time."""
    deadline = time.monotonic() + seconds
    while not predicate() and time.monotonic() < deadline:
        time.sleep(0.02)
    return predicate()


def put(emulator: local.Emulator) -> None:
    """Leave a bucket with an object and a queue behind."""
    client(emulator, "s3").create_bucket(Bucket=BUCKET)
    client(emulator, "s3").put_object(Bucket=BUCKET, Key="a b/ü.txt", Body=b"kept")
    client(emulator, "sqs").create_queue(QueueName=BUCKET)


def is_kept(emulator: local.Emulator) -> bool:
    """Say whether what ``put`` left is there."""
    body = client(emulator, "s3").get_object(Bucket=BUCKET, Key="a b/ü.txt")["Body"].read()
    return bool(
        body == b"kept" and client(emulator, "sqs").get_queue_url(QueueName=BUCKET)["QueueUrl"]
    )


class Foreign(BaseHTTPRequestHandler):
    """Another program on our port: it answers everything, even with a pid."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f'{{"pid": {os.getpid()}, "state": "/elsewhere"}}'.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def foreign_port() -> Iterator[int]:
    """Yield a port on which a foreign HTTP server answers."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Foreign) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def test_it_is_started_once_and_found_by_the_next_command(state: Path) -> None:
    """A second start, by another process too, gives the same emulator; found only in between."""
    assert local.find(state) is None
    first = local.start(state)
    assert local.start(state) == first
    assert local.find(state) == first
    root = Path(imgpipe.__file__).parents[1]
    other = subprocess.run(
        [sys.executable, "-c", START, str(state)],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert int(other.stdout) == first.pid
    assert local.stop(state)
    assert local.find(state) is None
    assert not local.stop(state)


def test_it_listens_on_127_0_0_1_alone(state: Path) -> None:
    """Another address of the same machine does not reach it."""
    emulator = local.start(state)
    with pytest.raises(OSError, match=r"."):
        socket.create_connection(("127.0.0.2", emulator.port), timeout=1)


def test_state_port_and_keys_survive_a_stop(state: Path) -> None:
    """After a stop and a start everything is there under the same URL and the same keys."""
    before = local.start(state)
    put(before)
    local.stop(state)
    after = local.start(state)
    assert (after.url, after.access_key, after.secret_key) == (
        before.url,
        before.access_key,
        before.secret_key,
    )
    assert after.pid != before.pid
    assert is_kept(after)


def test_being_killed_loses_nothing_that_is_a_moment_old(state: Path) -> None:
    """After a SIGKILL it is not found, stop has nothing to do, and the next start has the state."""
    emulator = local.start(state)
    put(emulator)
    saved = state / "data" / "services" / "sqs.json"
    assert eventually(lambda: saved.exists() and BUCKET in saved.read_text())
    os.kill(emulator.pid, signal.SIGKILL)
    assert eventually(lambda: local.find(state) is None)
    assert not local.stop(state)
    assert is_kept(local.start(state))


def test_a_reset_gives_a_brand_new_account(state: Path) -> None:
    """Nothing is left of what was in it."""
    put(local.start(state))
    local.reset(state)
    emulator = local.start(state)
    assert client(emulator, "s3").list_buckets()["Buckets"] == []
    assert not client(emulator, "sqs").list_queues().get("QueueUrls")


def test_two_commands_at_once_start_one_process(state: Path) -> None:
    """Both end with the same emulator, and the log knows of one start."""
    root = Path(imgpipe.__file__).parents[1]
    commands = [
        subprocess.Popen(
            [sys.executable, "-c", START, str(state)], cwd=root, stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    pids = {command.communicate(timeout=60)[0] for command in commands}
    assert len(pids) == 1
    assert sum("Ready" in line for line in local.log_lines(state)) == 1


def test_a_taken_port_is_refused_by_name(state: Path, foreign_port: int) -> None:
    """An explicit port that another program has gives an error; nothing is started."""
    with pytest.raises(LocalError, match=f"port {foreign_port} ") as caught:
        local.start(state, foreign_port)
    assert "--port" in caught.value.hint
    assert local.find(state) is None


def test_another_port_than_the_running_one_is_refused(state: Path) -> None:
    """A running emulator is not moved; the error says how to."""
    emulator = local.start(state)
    with pytest.raises(LocalError, match=f"already runs on port {emulator.port}") as caught:
        local.start(state, emulator.port + 1)
    assert "local stop" in caught.value.next


def test_a_running_one_takes_no_other_concurrency(state: Path) -> None:
    """What runs at once is decided at its start; the error says how to change it."""
    local.start(state, concurrency=1)
    with pytest.raises(LocalError, match="already runs") as caught:
        local.start(state, concurrency=2)
    assert caught.value.next == ("local stop", "local start --concurrency 2")


def test_a_stranger_on_our_old_port_is_left_alone(state: Path, foreign_port: int) -> None:
    """Killed, and its port taken by another program, which is neither found nor signalled."""
    killed = local.start(state)
    os.kill(killed.pid, signal.SIGKILL)
    memory = state / "identity.json"
    memory.write_text(memory.read_text().replace(str(killed.port), str(foreign_port)))
    assert local.find(state) is None
    assert eventually(
        lambda: not local.stop(state)
    )  # the foreign server is this very process: a signal would end the test
    assert local.start(state).port != foreign_port


def test_a_process_that_cannot_start_says_why(state: Path) -> None:
    """What it wrote last is in the error, at once and not after the time limit."""
    (state / "log").mkdir(parents=True)
    began = time.monotonic()
    with pytest.raises(LocalError, match=r"ended at once.*Is a directory"):
        local.start(state)
    assert time.monotonic() - began < 20


def test_a_process_that_does_not_say_who_it_is_is_not_signalled(state: Path) -> None:
    """A frozen emulator holds the lock but gives no pid: stop says so and leaves it be."""
    emulator = local.start(state)
    os.kill(emulator.pid, signal.SIGSTOP)
    try:
        with pytest.raises(LocalError, match="does not answer"):
            local.stop(state)
    finally:
        with suppress(ProcessLookupError):
            os.kill(emulator.pid, signal.SIGCONT)
    assert eventually(lambda: local.find(state) == emulator)
