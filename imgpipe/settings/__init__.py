"""Everything that can be set: flag, environment variable, imgpipe.toml and default, merged into one frozen value."""

from imgpipe.settings.settings import FILE, Settings, load

__all__ = ["FILE", "Settings", "load"]
