"""What the registry is made of: the bill of materials is the locks, all is pinned, exceptions have their reasons."""

import importlib.util
import json
import re
import tomllib
from typing import Any

import pytest

from tests.conftest import ROOT

UV = ROOT / ".venv" / "bin" / "uv"
REASONED = re.compile(r"#\s*noqa:\s*([A-Z0-9, ]*\bS\d+[A-Z0-9, ]*?)(?:\s{2,}(?P<reason>\S.*))?$")


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    if not UV.exists():
        pytest.skip("no uv in .venv: the locks are installed by pip here")
    place = ROOT / "ops" / "sbom.py"
    spec = importlib.util.spec_from_file_location("sbom", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: dict[str, Any] = module.sbom()
    return found


def test_the_bill_of_materials_is_the_locks(document: dict[str, Any]) -> None:
    locked = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))["package"]
    python = {
        f"pkg:pypi/{one['name']}@{one['version']}" for one in locked if one["name"] != "tactic-registry"
    }
    packages = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    front = {
        f"pkg:npm/{path.rpartition('node_modules/')[2].replace('@', '%40')}@{one['version']}"
        for path, one in packages.items()
        if path
    }
    said = [component["purl"].partition("?")[0] for component in document["components"]]
    assert set(said) == python | front
    assert len(python) > 100
    assert len(front) > 5
    assert document["bomFormat"] == "CycloneDX"


def test_each_component_names_its_file_by_hash(document: dict[str, Any]) -> None:
    for one in document["components"]:
        hashes = [code for place in one["externalReferences"] for code in place.get("hashes", ())]
        assert hashes, one["name"]
        assert all(re.fullmatch(r"[0-9a-f]{64,128}", code["content"]) for code in hashes), one["name"]


@pytest.mark.parametrize(
    "lock", ["requirements.lock", "requirements-dev.lock", "requirements-front.lock", "requirements-uv.lock"]
)
def test_every_installed_file_is_pinned_by_hash(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    assert lines
    assert [line for line in lines if "==" not in line or "--hash=sha256:" not in line] == []


def test_every_exception_to_the_security_rules_says_why() -> None:
    bare, seen = [], 0
    for folder in ("centre", "tactics", "experiments", "ops"):
        for file in (ROOT / folder).rglob("*.py"):
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
                if found := REASONED.search(line):
                    seen += 1
                    if not found["reason"]:
                        bare.append(f"{file.relative_to(ROOT)}:{number}")
    assert bare == []
    assert seen > 10
