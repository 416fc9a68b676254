"""The lock: current, with hashes, and the same for everybody."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCK = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))


def test_the_lock_has_every_dependency_in_a_version_that_the_project_allows() -> None:
    """Run ``uv lock`` after changing one; ``make`` refuses a lock that is not current."""
    locked = {package["name"]: package.get("version", "0") for package in LOCK["package"]}
    optional = PROJECT["project"]["optional-dependencies"].values()
    wanted = [PROJECT["project"]["dependencies"], *optional, *PROJECT["dependency-groups"].values()]
    requirements = [Requirement(line) for lines in wanted for line in lines]
    assert [
        str(requirement)
        for requirement in requirements
        if not requirement.specifier.contains(locked.get(canonicalize_name(requirement.name), "0"))
    ] == []


def test_the_lock_names_nobodys_machine_or_mirror() -> None:
    """Everything comes from PyPI, and each file with its hash."""
    text = (ROOT / "uv.lock").read_text(encoding="utf-8")
    hosts = {urlsplit(url).hostname for url in re.findall(r'"(\w+://[^"]+)"', text)}
    assert hosts == {"pypi.org", "files.pythonhosted.org"}
    files = [file for package in LOCK["package"] for file in package.get("wheels", [])]
    assert files
    assert all(file["hash"].startswith("sha256:") for file in files)
