"""Prove that the built wheel does the whole job, alone in an environment far from the checkout.

It runs where Lambda's developers stand: in a directory with a ``handler.py`` of their own, and
with another ``handler`` installed beside it. Either ends whatever runs it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from zipfile import ZipFile

ROOT = Path(__file__).parent.parent
STRANGER = "raise SystemExit('somebody else\\'s handler ran')\n"
PREVIEWS = 9  # from here on, imgpipe hands them to worker processes
COMMAND_SECONDS = 600


def main() -> None:
    """Build, install, demonstrate, preview, take away; the first command that fails ends it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        wheel = built(folder)
        binaries = installed(wheel, folder / "venv")
        surround(folder, binaries)

        module, script = [str(binaries / "python"), "-m", "imgpipe"], [str(binaries / "imgpipe")]
        try:
            run([*module, "demo"], folder)
            run([*script, "--local", "teardown", "--yes"], folder)
        finally:
            run([*script, "local", "stop"], folder)
        for number, command in enumerate((module, script)):
            preview(command, folder, f"out{number}")
    print(f"smoke test passed: {wheel.name} installs alone and deploys")


def built(folder: Path) -> Path:
    """Build the wheel into ``folder`` and return it; nothing but imgpipe lies at its top."""
    pip = [sys.executable, "-m", "pip"]
    run([*pip, "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT)], folder)
    (wheel,) = folder.glob("imgpipe-*.whl")
    with ZipFile(wheel) as archive:
        tops = {name.partition("/")[0] for name in archive.namelist()}
    if unexpected := {top for top in tops if not top.endswith(".dist-info")} - {"imgpipe"}:
        sys.exit(f"{wheel.name} claims {', '.join(unexpected)} in everybody's site-packages")
    return wheel


def installed(wheel: Path, environment: Path) -> Path:
    """Install ``wheel`` and what it needs into a fresh ``environment``; return its bin folder."""
    venv.create(environment, with_pip=True)
    binaries = environment / "bin"
    pip = [str(binaries / "python"), "-m", "pip"]
    run([*pip, "install", "--quiet", f"{wheel}[local]"], environment)
    return binaries


def surround(folder: Path, binaries: Path) -> None:
    """Put a ``handler.py`` into ``folder``, and another where packages are installed."""
    (folder / "handler.py").write_text(STRANGER)
    where = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = Path(run([str(binaries / "python"), "-c", where], folder).strip())
    (packages / "handler.py").write_text(STRANGER)


def preview(command: list[str], folder: Path, out: str) -> None:
    """Preview enough pictures that worker processes do it."""
    sample = ROOT / "imgpipe" / "pictures" / "sample.jpg"
    names = [f"{number}.jpg" for number in range(PREVIEWS)]
    for name in names:
        shutil.copyfile(sample, folder / name)
    run([*command, "preview", *names, "-o", out], folder)


def run(command: list[str], folder: Path) -> str:
    """Run one command outside the checkout, nothing of ours on its path; return its output."""
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
        timeout=COMMAND_SECONDS,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{' '.join(command)} -> {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    main()
