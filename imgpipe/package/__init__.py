"""What Lambda is given to run: the handler's code and the layer beneath it, as deterministic zips.

Both are frozen values with a ``digest`` of what goes in, known at once, and ``build()``, which does
the work. The digest, not the zip's own hash, decides whether a deployment is up to date: it must
not depend on who builds. The bytes do - on the zlib in use, on whether a Python of the function's
version is there to compile with, on the botocore release the service data comes from - and two
people running setup in turn would otherwise replace each other's deployment for ever.
"""

from imgpipe.package.code import (
    DELIVERY_ENTRY_POINT,
    ENTRY_POINT,
    PAGE_ENTRY_POINT,
    HandlerCode,
)
from imgpipe.package.fingerprint import fingerprint
from imgpipe.package.installed import InstalledDistributions, is_installed
from imgpipe.package.layer import LayerContent
from imgpipe.package.part import AUTO_QUALITY, JPEG_XL, RESAMPLING, WithPart
from imgpipe.package.wheels import PinnedWheels, pinned

__all__ = [
    "AUTO_QUALITY",
    "DELIVERY_ENTRY_POINT",
    "ENTRY_POINT",
    "JPEG_XL",
    "PAGE_ENTRY_POINT",
    "RESAMPLING",
    "HandlerCode",
    "InstalledDistributions",
    "LayerContent",
    "PinnedWheels",
    "WithPart",
    "fingerprint",
    "is_installed",
    "pinned",
]
