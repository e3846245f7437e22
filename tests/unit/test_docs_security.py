"""docs/security.md names every module that uses cryptography or opens connections, and the limits as they are."""

import ast
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings

from centre.accounts import tries
from centre.api import strict_json
from centre.tokens import LONGEST_DAYS, MOST_VALID
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
CRYPTOGRAPHY = {"hashlib", "hmac", "secrets", "cryptography", "pyhanko", "jwt"}
NETWORK = {
    "requests",
    "urllib.request",
    "http.client",
    "socket",
    "smtplib",
    "ssl",
    "httpx",
    "boto3",
    "aiohttp",
    "urllib3",
    "redis",
}


def section(title: str) -> str:
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def named(text: str) -> set[str]:
    return set(re.findall(r"`((?:centre|tactics|experiments|tests)/[\w/]+\.py)`", text))


def importing(wanted: set[str]) -> set[str]:
    """Return the modules that import one of these."""
    return {
        str(file.relative_to(ROOT))
        for app in ("centre", "tactics", "experiments")
        for file in (ROOT / app).rglob("*.py")
        if any(_is_of(name, wanted) for name in _imports(ast.parse(file.read_text(encoding="utf-8"))))
    }


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _is_of(name: str, wanted: set[str]) -> bool:
    return any(name == one or name.startswith(f"{one}.") for one in wanted)


def test_the_inventory_of_cryptography_is_whole() -> None:
    assert named(section("Cryptography")) == importing(CRYPTOGRAPHY)


def test_the_inventory_of_connections_is_whole() -> None:
    assert named(section("Connections")) == importing(NETWORK)


def test_logs_go_to_standard_output_alone() -> None:
    assert [one["class"] for one in settings.LOGGING["handlers"].values()] == ["logging.StreamHandler"]
    makers = re.compile(
        r"\b(File|Socket|SysLog|HTTP|SMTP|RotatingFile|WatchedFile|Datagram)Handler\b|basicConfig\("
    )
    files = [file for app in ("centre", "tactics", "experiments") for file in (ROOT / app).rglob("*.py")]
    assert [str(file) for file in files if makers.search(file.read_text(encoding="utf-8"))] == []


def test_the_limits_are_those_of_the_settings() -> None:
    limits = section("Limits")
    said = dict(re.findall(r"`([A-Z_]+)` = (\d+)", limits))
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    for name, value in said.items():
        default: Any = (
            getattr(settings, name, None) or dict(re.findall(r"^([A-Z_]+)=(\d+)", example, re.M))[name]
        )
        assert int(default) == int(value), name
    assert {"UPLOAD_LIMIT_BYTES", "DATA_UPLOAD_MAX_MEMORY_SIZE", "RUN_TIME_LIMIT"} <= said.keys()
    for words in (
        f"| depth of JSON | {strict_json.MAX_DEPTH} |",
        f"one place | {tries.OF_ONE} in 15 minutes",
        f"from one place | {tries.OF_A_PLACE} in 15 minutes",
        f"from everywhere | {tries.OF_A_FACTOR} in 15 minutes",
        f"| {MOST_VALID}; a year |",
    ):
        assert words in limits, words
    assert LONGEST_DAYS == 365


def test_each_kind_of_data_names_tests_that_exist() -> None:
    tests = named(section("Kinds of data"))
    assert len(tests) >= 8
    assert [one for one in tests if not (ROOT / one).exists()] == []


@pytest.mark.parametrize(
    "key", ["SECRET_KEY", "PASSPORT_SECRET", "PSEUDONYM_SECRET", "METRICS_TOKEN", "POSTGRES_PASSWORD"]
)
def test_each_key_has_its_life(key: str) -> None:
    assert f"`{key}`" in section("Keys")
