"""Start, stop and reset the process that is the embedded AWS.

Whether one runs, the lock in its state directory tells.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from imgpipe.errors import LocalError
from imgpipe.local import state as states
from imgpipe.local.emulator import ACCOUNT, ANSWER_SECONDS, REGION, Emulator, find

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

START_SECONDS: Final = 60.0
STOP_SECONDS: Final = 30.0
# Enough for Python to run. The rest of the user's environment stays outside, credentials and
# proxies first of all.
INHERITED: Final = ("PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH")
# This very imgpipe serves, whatever else is installed; PYTHONPATH would reach the functions, too.
_ROOT: Final = str(Path(__file__).parents[2])
_SERVE: Final = (
    "import sys; sys.path.insert(0, sys.argv[1]);"
    " from imgpipe.local.server import main; main(int(sys.argv[2]), sys.argv[3], int(sys.argv[4]))"
)


def start(state: Path, port: int | None = None, concurrency: int | None = None) -> Emulator:
    """Return the embedded AWS of ``state``, started if need be.

    On ``port``, else on its last one, else on a free one. At most ``concurrency`` invocations of
    functions run at once, else as many as there are processors.

    Raises:
        LocalError: ministack is not installed, ``port`` is taken, no answer came within 60 s, or
            it runs already and a ``concurrency`` was asked for.
    """
    if importlib.util.find_spec("ministack") is None:
        raise LocalError("the embedded AWS is not installed", hint="pip install 'imgpipe[local]'")
    states.prepare(state)
    if concurrency and find(state):
        raise LocalError(
            "the embedded AWS already runs",
            next=("local stop", f"local start --concurrency {concurrency}"),
        )
    emulator = _started(state.resolve(), port, concurrency or max(2, os.cpu_count() or 2))
    if port not in {None, emulator.port}:
        raise LocalError(
            f"the embedded AWS already runs on port {emulator.port}",
            next=("local stop", f"local start --port {port}"),
        )
    return emulator


def stop(state: Path) -> bool:
    """End the embedded AWS of ``state``: it lets functions finish, saves, and after 30 s is killed.

    ``False`` = none ran.

    Raises:
        LocalError: a process holds the state but does not say which one it is, so none is
        signalled.
    """
    found = _until(lambda: find(state) or not states.running(state), ANSWER_SECONDS)
    if isinstance(found, Emulator):
        _end(state, found.pid)
        return True
    if not found:
        raise LocalError(
            "the embedded AWS runs but does not answer",
            hint="wait a minute, then",
            next=("local stop",),
        )
    return False


def reset(state: Path) -> None:
    """Stop the embedded AWS and delete all that is in it: the next start finds a brand new account.

    Raises:
        LocalError: it did not stop, or was started again meanwhile.
    """
    stop(state)
    states.prepare(state)
    with states.lock(state) as free:
        if free is None:
            raise LocalError("the embedded AWS was started again meanwhile", next=("local reset",))
        states.wipe(state)


def _started(state: Path, port: int | None, concurrency: int) -> Emulator:
    deadline, process = time.monotonic() + START_SECONDS, None
    while time.monotonic() < deadline:
        if (found := find(state)) is not None:
            return found
        if process is None:
            process = _launch(state, port, concurrency)
        elif process.poll() is not None:
            raise LocalError(
                f"the embedded AWS ended at once: {states.last_words(state)}",
                hint="pip install --force-reinstall 'imgpipe[local]'",
            )
        time.sleep(0.05)
    raise LocalError(
        f"the embedded AWS did not answer within {START_SECONDS:.0f} s", next=("local logs",)
    )


def _launch(state: Path, port: int | None, concurrency: int) -> subprocess.Popen[bytes] | None:
    """Start the process, unless another one has the lock.

    That one is starting too, or just ending.
    """
    with states.lock(state) as lock:
        if lock is None:
            return None
        known = states.identity(state)
        with _listen(port, known.port) as listener:
            known = replace(known, port=listener.getsockname()[1])
            states.remember(state, known)
            return _spawn(state, known, (listener.fileno(), lock), concurrency)


def _listen(wanted: int | None, last: int) -> socket.socket:
    """Take the port before the process exists.

    No other program can come between, and early requests simply wait.
    """
    if wanted is not None:
        try:
            return socket.create_server(("127.0.0.1", wanted))
        except OSError as error:
            raise LocalError(
                f"port {wanted} cannot be used: {os.strerror(error.errno or 0).lower()}",
                hint="choose another --port, or none, and a free one is found",
            ) from error
    with contextlib.suppress(OSError):
        return socket.create_server(("127.0.0.1", last))
    return socket.create_server(("127.0.0.1", 0))


def _spawn(
    state: Path, known: states.Identity, held: tuple[int, int], concurrency: int
) -> subprocess.Popen[bytes]:
    states.clear_scratch(state)
    with states.private(state / states.OUTPUT) as output:
        process = subprocess.Popen(
            # -P: names of files in the state directory must not hide the standard library's.
            [sys.executable, "-P", "-c", _SERVE, _ROOT, str(held[0]), states.LOG, str(concurrency)],
            cwd=state,
            env=_environment(state, known),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=held,
            start_new_session=True,
            umask=states.OTHERS,
        )
    # Somebody has to take note if it ends while we still run.
    threading.Thread(target=process.wait, daemon=True).start()
    return process


def _environment(state: Path, known: states.Identity) -> dict[str, str]:
    """Return all that ministack gets to see and, through it, the functions."""
    data = state / states.DATA
    return {name: os.environ[name] for name in INHERITED if name in os.environ} | {
        "AUTH": "true",
        "GATEWAY_PORT": str(known.port),
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_REGION": REGION,
        "PERSIST_STATE": "1",
        "STATE_DIR": str(data / "services"),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(data / "objects"),
        "TMPDIR": str(state / states.SCRATCH),
        # The root's key pair. ministack gives functions one of their role's instead.
        "AWS_ACCESS_KEY_ID": known.access_key,
        "AWS_SECRET_ACCESS_KEY": known.secret_key,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        # Each of these would open further ports, or look for containers to delete.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": f"unix://{state}/no-docker",
    }


def _end(state: Path, pid: int) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        # While the lock is held the process lives, so the pid is still its own.
        if not states.running(state):
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        _until(lambda: not states.running(state), STOP_SECONDS)


def _until(attempt: Callable[[], T], seconds: float) -> T:
    """Return the first true result of ``attempt``, or after ``seconds`` the last false one."""
    deadline = time.monotonic() + seconds
    while not (result := attempt()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return result
