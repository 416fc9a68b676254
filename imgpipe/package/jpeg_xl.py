"""The layer's packages, and of one more what reads JPEG XL: libjxl, without all that is beside it.

imagecodecs has one wheel of 26 MB for fifty libraries. It comes from a maintainer whom many rely
on, for both of Lambda's processors and all of its Pythons, under a BSD licence, as libjxl is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from imgpipe.package.archive import Files
    from imgpipe.package.layer import Source

# The library, what it cannot be loaded without, and their licences.
_KEPT: Final = re.compile(
    r"imagecodecs\.libs/lib(jxl|jxl_cms|brotlicommon|brotlidec|brotlienc)-[^/]+"
    r"|imagecodecs/licenses/LICENSE-(libjxl|brotli|highway)"
    r"|imagecodecs-[^/]+\.dist-info/(METADATA|licenses/LICENSE)"
)


@dataclass(frozen=True)
class WithJpegXl:
    """The files of ``packages``, and those of ``imagecodecs`` that read JPEG XL."""

    packages: Source
    imagecodecs: Source

    @property
    def fingerprint(self) -> bytes:
        """What both are, and what is kept."""
        both = (self.packages.fingerprint, self.imagecodecs.fingerprint)
        return b"\n".join((*both, _KEPT.pattern.encode()))

    def files(self) -> Files:
        """Return every file by its path below site-packages.

        Raises:
            PackageError: one cannot be had.
        """
        more = self.imagecodecs.files()
        kept = {name: content for name, content in more.items() if _KEPT.fullmatch(name)}
        return {**self.packages.files(), **kept}
