"""The layer's packages and, of one more, what is needed of it, without all that is beside it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from imgpipe.package.archive import Files
    from imgpipe.package.layer import Source

# Of imagecodecs what reads JPEG XL: the library, what it cannot be loaded without, their licences.
# It has one wheel of 26 MB for fifty libraries, from a maintainer whom many rely on, for both of
# Lambda's processors and all of its Pythons, under a BSD licence, as libjxl is.
JPEG_XL: Final = re.compile(
    r"imagecodecs\.libs/lib(jxl|jxl_cms|brotlicommon|brotlidec|brotlienc)-[^/]+"
    r"|imagecodecs/licenses/LICENSE-(libjxl|brotli|highway)"
    r"|imagecodecs-[^/]+\.dist-info/(METADATA|licenses/LICENSE)"
)

# Of cykooz.resizer what resamples: its module in Rust, which would be loaded with all of its Python
# if there were an __init__.py beside it.
RESAMPLING: Final = re.compile(
    r"cykooz_resizer/rust_lib\.[^/]+\.so"
    r"|cykooz_resizer-[^/]+\.dist-info/(METADATA|licenses/LICENSE-[A-Z]+)"
)

# Of two packages what writes JPEG of quality auto: jpegli, and MozJPEG without its Python, which
# needs cffi.
AUTO_QUALITY: Final = re.compile(
    r"pyjpegli\.[^/]+"
    r"|mozjpeg_lossless_optimization/_mozjpeg_opti\.[^/]+"
    r"|(pyjpegli|mozjpeg_lossless_optimization)-[^/]+\.dist-info/(METADATA|licenses/.+)"
)


@dataclass(frozen=True)
class WithPart:
    """The files of ``packages``, and those of ``more`` whose whole path matches ``needed``."""

    packages: Source
    more: Source
    needed: re.Pattern[str]

    @property
    def fingerprint(self) -> bytes:
        """What both are, and what is needed."""
        both = (self.packages.fingerprint, self.more.fingerprint)
        return b"\n".join((*both, self.needed.pattern.encode()))

    def files(self) -> Files:
        """Return every file by its path below site-packages.

        Raises:
            PackageError: one cannot be had.
        """
        more = self.more.files()
        part = {name: content for name, content in more.items() if self.needed.fullmatch(name)}
        return {**self.packages.files(), **part}
