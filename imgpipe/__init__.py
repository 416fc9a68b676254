"""imgpipe puts a complete serverless image pipeline into an AWS account, drives it, shows it, and takes it away."""

from typing import Final

__version__: Final = "0.1.0"
