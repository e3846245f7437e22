"""The built style sheet and script: no brand of GOV.UK, no outside address, no missing source map."""

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / "centre" / "static" / "vendor"


@pytest.mark.parametrize("name", ["main.css", "govuk-frontend.min.js"])
def test_built_file_holds_no_brand_and_no_source_map(name: str) -> None:
    built = (BUILT / name).read_text(encoding="utf-8")

    assert len(built) > 10_000
    for word in ("GDS Transport", "@font-face", "crest", "sourceMappingURL"):
        assert word.lower() not in built.lower(), word


def test_style_sheet_loads_nothing_else() -> None:
    css = (BUILT / "main.css").read_text(encoding="utf-8")

    assert "url(" not in css
    assert "@import" not in css


def test_style_sheet_has_our_own_classes() -> None:
    css = (BUILT / "main.css").read_text(encoding="utf-8")

    for name in (
        "app-card",
        "app-table-scroll",
        "app-figure",
        "app-simulated",
        "app-progress",
        "app-code",
        "app-filters",
    ):
        assert f".{name}" in css


def test_lock_names_only_the_public_registry() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]

    for name, package in packages.items():
        if name:
            assert package["integrity"], name
            assert package.get("resolved", "https://registry.npmjs.org/").startswith(
                "https://registry.npmjs.org/"
            ), name
