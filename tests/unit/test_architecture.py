"""The shape of the house, kept by machine."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
    "contracts"
]
PURE = next(one["source_modules"] for one in CONTRACTS if one["name"] == "Pure modules know no Django")


def run(*command: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)


@pytest.mark.slow
@pytest.mark.parametrize("module", PURE)
def test_pure_module_loads_without_django_and_celery(module: str) -> None:
    # A fresh interpreter, because import-linter does not see what a parent package loads.
    heavy = ("django", "celery", "redis", "rest_framework")
    program = f"import sys, {module}; print([name for name in {heavy} if name in sys.modules])"

    done = run(sys.executable, "-c", program)

    assert done.stdout.strip() == "[]", done.stdout + done.stderr


@pytest.mark.slow
def test_imports_go_one_way() -> None:
    done = run(str(Path(sys.executable).with_name("lint-imports")), "--no-cache")

    assert done.returncode == 0, done.stdout


@pytest.mark.slow
def test_models_and_migrations_agree() -> None:
    done = run(sys.executable, "manage.py", "makemigrations", "--check", "--dry-run")

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("package", ["centre", "tactics", "experiments"])
def test_packages_of_the_apps_are_empty(package: str) -> None:
    # Anything here would be loaded under every pure module of the app.
    assert (ROOT / package / "__init__.py").read_text(encoding="utf-8") == ""


def test_no_file_is_a_drawer_for_everything() -> None:
    names = {"utils.py", "helpers.py", "common.py", "misc.py"}
    found = [
        file
        for app in ("centre", "tactics", "experiments")
        for file in (ROOT / app).rglob("*.py")
        if file.name in names
    ]

    assert found == []


# The one script that a stranger downloads to replay any draw: a file of its own, with nothing beside it.
STAND_ALONE = "experiments/verify_allocation.py"


def test_no_file_is_too_long() -> None:
    longest = {
        str(file.relative_to(ROOT)): length
        for app in ("centre", "tactics", "experiments", "tests")
        for file in (ROOT / app).rglob("*.py")
        if "migrations" not in file.parts
        and str(file.relative_to(ROOT)) != STAND_ALONE
        and (length := len(file.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert longest == {}


def test_templates_hold_no_inline_style_script_or_handler() -> None:
    # The content security policy would refuse them in the browser, where a test of the HTML alone sees nothing.
    found = []
    for file in (ROOT / "templates").rglob("*.html"):
        text = file.read_text(encoding="utf-8")
        if (
            " style=" in text
            or "<style" in text
            or "<script>" in text
            or "javascript:" in text
            or " onclick=" in text
        ):
            found.append(file.name)
    assert found == []
