"""The package is whole, needs nothing, and is installed from its folder."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import distributions
from pathlib import Path

import pytest
from conftest import KITS

PACKAGE = KITS / "python"


def test_it_is_built_from_its_folder_and_works_alone(tmp_path: Path) -> None:
    # What a build leaves behind stays out of the tree.
    folder = tmp_path / "python"
    shutil.copytree(PACKAGE, folder, ignore=shutil.ignore_patterns("__pycache__", "build", "*.egg-info"))
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run(
        [*pip, "wheel", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", tmp_path, folder], check=True
    )
    (wheel,) = tmp_path.glob("chat_debug-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (metadata,) = (archive.read(name).decode() for name in names if name.endswith("/METADATA"))
    modules = {
        str(path.relative_to(PACKAGE / "src")) for path in (PACKAGE / "src").rglob("*.py*") if path.suffix != ".pyc"
    }
    modules |= {"chat_debug/py.typed"}
    assert {name for name in names if not name.startswith("chat_debug-")} == {
        name for name in modules if "egg-info" not in name
    }
    assert "Requires-Dist" not in metadata and "Requires-Python: >=3.11" in metadata
    assert any("LICENSE-MIT" in name for name in names)
    target = tmp_path / "installed"
    subprocess.run([*pip, "install", "--no-deps", "--no-index", "--target", target, wheel], check=True)
    # Isolated, and without what is installed beside the standard library.
    program = "\n".join(
        [
            f"import sys; sys.path.insert(0, {str(target)!r})",
            "import chat_debug",
            "chat_debug.Recorder()",
            "print(chat_debug.__version__)",
        ]
    )
    ended = subprocess.run([sys.executable, "-I", "-S", "-c", program], check=True, capture_output=True, text=True)
    assert wheel.name.startswith(f"chat_debug-{ended.stdout.strip()}-")
    assert "CHAT_DEBUG_URL and CHAT_DEBUG_KEY not set" in ended.stderr


@pytest.mark.parametrize("check", ["mypy", "ruff check", "ruff format --check"])
def test_its_types_and_its_form_hold(check: str) -> None:
    # By the settings of this package, which what is beside it has as well.
    beside = [KITS / "provider.py", KITS / "service.py", KITS / "golden"] if "ruff" in check else []
    paths = [".", "--config", "pyproject.toml", *beside] if beside else []
    command = [sys.executable, "-m", *check.split(), *paths]
    checked = subprocess.run(command, cwd=PACKAGE, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout


def test_what_it_is_tested_with_is_pinned_to_the_last_package() -> None:
    def pair(name: str, version: str) -> tuple[str, str]:
        return re.sub("[-_.]+", "-", name).lower(), version

    lines = (PACKAGE / "tests" / "requirements.txt").read_text().splitlines()
    pinned = {pair(*line.partition(" ")[0].split("==")) for line in lines if "==" in line}
    installed = {pair(each.name, each.version) for each in distributions()}
    assert {package for package in installed - pinned if package[0] not in ("pip", "chat-debug")} == set()
