"""``make check``: the wheel, installed alone in a fresh environment far from the checkout, does the whole job."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).parent.parent


def main() -> None:
    """Build, install, demonstrate, take away; the first command that fails ends it with its output."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run(
            [
                sys.executable,
                "-m",
                "pip",
                "wheel",
                "--quiet",
                "--no-deps",
                "--wheel-dir",
                name,
                str(ROOT),
            ],
            folder,
        )
        (wheel,) = folder.glob("imgpipe-*.whl")
        venv.create(folder / "venv", with_pip=True)
        binaries = folder / "venv" / "bin"
        run(
            [str(binaries / "python"), "-m", "pip", "install", "--quiet", f"{wheel}[local]"], folder
        )
        imgpipe = str(binaries / "imgpipe")
        try:
            run([imgpipe, "demo"], folder)
            run([imgpipe, "--local", "teardown", "--yes"], folder)
        finally:
            run([imgpipe, "local", "stop"], folder)
    print(f"smoke test passed: {wheel.name} installs alone and deploys")


def run(command: list[str], folder: Path) -> None:
    """Run one command outside the checkout, with nothing of ours on its path."""
    environ = {
        name: value
        for name, value in os.environ.items()
        if name != "PYTHONPATH" and not name.startswith(("AWS_", "IMGPIPE_"))
    }
    done = subprocess.run(
        command,
        cwd=folder,
        env={**environ, "IMGPIPE_STATE_DIR": str(folder / "state")},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{' '.join(command)} -> {done.returncode}\n{done.stdout}\n{done.stderr}")


if __name__ == "__main__":
    main()
