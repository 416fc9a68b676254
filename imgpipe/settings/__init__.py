"""Everything that can be set, by flag, environment variable and imgpipe.toml, in one value."""

from imgpipe.settings.file import FILE
from imgpipe.settings.settings import Settings, load

__all__ = ["FILE", "Settings", "load"]
