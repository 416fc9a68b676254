"""Something asked while other things go on, so that nobody waits for it in the end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from imgpipe.aws.errors import translated
from imgpipe.errors import ImgpipeError, NotSettledError

T = TypeVar("T")


class Meanwhile(Generic[T]):
    """The answer of ``call``, which is asked at once, in a thread that nobody waits for."""

    def __init__(self, what: str, call: Callable[[], T]) -> None:
        self._what, self._call = what, call
        self._answers: list[T] = []
        self._error: ImgpipeError | None = None
        # A thread of a pool would be waited for when the process ends.
        self._thread = threading.Thread(target=self._ask, name=what, daemon=True)
        self._thread.start()

    def answer(self, seconds: float) -> T:
        """Return the answer, waiting for at most so many ``seconds``.

        Raises:
            NotSettledError: there is none yet.
            ImgpipeError: the call failed; any error of AWS's is one of ours.
        """
        self._thread.join(seconds)
        if self._error:
            raise self._error
        if not self._answers:
            raise NotSettledError(f"{self._what} did not answer within {seconds:.0f} s")
        return self._answers[0]

    def _ask(self) -> None:
        try:
            with translated():
                self._answers.append(self._call())
        except ImgpipeError as error:
            self._error = error
