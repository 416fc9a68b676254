"""Every error imgpipe raises on purpose. Anything else is a bug and keeps its traceback.

    ImgpipeError            failed         exit code 1
      UsageError            usage          2
      SettingsError         settings       3
      OtherSettingsError    other_settings 3
      CredentialsError      credentials    3
      ServiceError          service        1
      NotOursError          not_ours       1
      ProtectedError        protected      1
      NotSetUpError         not_set_up     1
      NotSettledError       not_settled    1
      PackageError          package        1
      SelfTestError         self_test      1
      PartialError          partial        4
      LocalError            local          1
      InterruptedRunError   interrupted    130

The words in the second column are ``code``: what a script may rely on, whatever the message says.
"""

from __future__ import annotations

from enum import IntEnum
from typing import ClassVar


class ExitCode(IntEnum):
    """What a script can tell from imgpipe's exit status."""

    SUCCESS = 0
    FAILURE = 1
    USAGE = 2
    CONFIGURATION = 3
    PARTIAL = 4
    INTERRUPTED = 130


class ImgpipeError(Exception):
    """Base of all: what failed, and what to do about it.

    Attributes:
        message: what failed, in a sentence without a full stop.
        hint: what to do next, in words; empty where ``next`` says it all.
        next: the commands that go on from here, without ``imgpipe`` and without the global options
        in
            force, which the screen adds: ``("setup", "status")``.
        aws_code: AWS's own error code, such as ``NoSuchBucket``; empty if AWS had no part in it.
        code: the stable name of the kind of error.
        exit_code: what the process ends with.
    """

    code: ClassVar[str] = "failed"
    exit_code: ClassVar[ExitCode] = ExitCode.FAILURE

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        next: tuple[str, ...] = (),  # noqa: A002 - the word that JSON and the screen have for it
        aws_code: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.next = next
        self.aws_code = aws_code


class UsageError(ImgpipeError):
    """The command line asks for what cannot be.

    A missing file, a question nobody is there to answer.
    """

    code = "usage"
    exit_code = ExitCode.USAGE


class SettingsError(ImgpipeError):
    """A flag, an environment variable or imgpipe.toml holds a wrong key or value."""

    code = "settings"
    exit_code = ExitCode.CONFIGURATION


class OtherSettingsError(ImgpipeError):
    """A setup would put defaults in the place of live settings that nobody here has named."""

    code = "other_settings"
    exit_code = ExitCode.CONFIGURATION


class CredentialsError(ImgpipeError):
    """AWS does not know who is asking, or in which region."""

    code = "credentials"
    exit_code = ExitCode.CONFIGURATION


class ServiceError(ImgpipeError):
    """AWS refused or failed a call; ``aws_code`` says how."""

    code = "service"


class NotOursError(ImgpipeError):
    """Something that imgpipe did not make stands under one of its names; it is never changed."""

    code = "not_ours"


class ProtectedError(ImgpipeError):
    """A teardown was asked for, and somebody has forbidden it beforehand; nothing is deleted."""

    code = "protected"


class NotSetUpError(ImgpipeError):
    """The command needs a pipeline, or a part of one, that is not there."""

    code = "not_set_up"


class NotSettledError(ImgpipeError):
    """AWS did not come to rest within the time allowed."""

    code = "not_settled"


class PackageError(ImgpipeError):
    """The function's code or layer could not be built, or does not fit the function."""

    code = "package"


class SelfTestError(ImgpipeError):
    """The function could not process the built-in picture, so the trigger is not wired."""

    code = "self_test"


class PartialError(ImgpipeError):
    """Some of the work succeeded and some did not."""

    code = "partial"
    exit_code = ExitCode.PARTIAL


class LocalError(ImgpipeError):
    """The embedded AWS is missing, cannot start, or went away."""

    code = "local"


class InterruptedRunError(ImgpipeError):
    """Somebody pressed Ctrl-C before the command was through."""

    code = "interrupted"
    exit_code = ExitCode.INTERRUPTED


def not_set_up(what: str = "pipeline") -> NotSetUpError:
    """Return the error that says that there is no ``what`` here yet, and that a setup makes it."""
    return NotSetUpError(f"there is no {what} here yet", next=("setup",))
