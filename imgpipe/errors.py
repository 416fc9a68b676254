"""Every error imgpipe raises on purpose: what failed, and the exact next thing to do. Anything else is a bug and keeps its traceback."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What a script can tell from imgpipe's exit status."""

    SUCCESS = 0
    FAILURE = 1
    USAGE = 2
    CONFIGURATION = 3
    PARTIAL = 4
    INTERRUPTED = 130


class ImgpipeError(Exception):
    """Base of all: ``message`` says what failed, ``hint`` the next command or change, ``code`` AWS's own error code if there is one."""

    exit_code = ExitCode.FAILURE

    def __init__(self, message: str, *, hint: str = "", code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code


class UsageError(ImgpipeError):
    """The command line asks for something that cannot be: a missing file, a question nobody is there to answer."""

    exit_code = ExitCode.USAGE


class SettingsError(ImgpipeError):
    """A flag, an environment variable or imgpipe.toml holds a wrong key or value."""

    exit_code = ExitCode.CONFIGURATION


class CredentialsError(ImgpipeError):
    """AWS does not know who is asking, or in which region."""

    exit_code = ExitCode.CONFIGURATION


class ServiceError(ImgpipeError):
    """AWS refused or failed a call; ``code`` is AWS's own."""


class NotOursError(ImgpipeError):
    """Something stands under one of our names that imgpipe did not make. It is never changed or deleted."""


class NotSetUpError(ImgpipeError):
    """The command needs a pipeline, and there is none yet."""


class NotSettledError(ImgpipeError):
    """AWS did not come to rest within the time allowed."""


class PackageError(ImgpipeError):
    """The function's code or layer could not be built or does not fit the function."""


class SelfTestError(ImgpipeError):
    """The deployed function could not process the built-in picture, so the trigger is not wired."""


class PartialError(ImgpipeError):
    """Some of the work succeeded and some did not."""

    exit_code = ExitCode.PARTIAL


class LocalError(ImgpipeError):
    """The embedded AWS is missing, cannot start, or went away."""
