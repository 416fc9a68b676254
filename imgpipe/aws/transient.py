"""One answer of AWS's that passes: a row of ``imgpipe.aws.transient_table``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from imgpipe.aws.errors import error_code, error_text

if TYPE_CHECKING:
    from botocore.exceptions import ClientError


@dataclass(frozen=True)
class Transient:
    """One answer that passes.

    Attributes:
        service: the service as boto3 names it.
        operations: the API operations that may give it, separated by spaces.
        code: AWS's error code.
        seconds: for how long it may be given.
        source: where that is documented or was seen.
        text: what its message contains, where the code alone also means something that stays.
        unless: what its message contains when it is the kind that stays.
    """

    service: str
    operations: str
    code: str
    seconds: float
    source: str
    text: str = ""
    unless: str = ""

    def fits(self, error: ClientError) -> bool:
        """Say whether ``error``, of this service, is this answer."""
        message = error_text(error)
        return (
            error.operation_name in self.operations.split()
            and error_code(error) == self.code
            and self.text in message
            and not (self.unless and self.unless in message)
        )
