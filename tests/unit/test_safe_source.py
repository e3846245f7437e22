"""What no line of the source does: build a pattern of what was sent, draw a secret by chance, write into prototypes."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.conftest import ROOT

MATCHERS = {"compile", "search", "match", "fullmatch", "sub", "subn", "findall", "finditer", "split"}
# Generators that anybody can compute: for statistics and for invented data alone.
BY_CHANCE = {
    "centre/hub/trends/scan.py",
    "experiments/stats/draws.py",
    "tactics/money/appraisal.py",
    "experiments/management/sample/data.py",
    "experiments/management/sample/street_files.py",
}


def sources() -> Iterator[tuple[str, ast.Module]]:
    for app in ("centre", "tactics", "experiments"):
        for file in sorted((ROOT / app).rglob("*.py")):
            yield str(file.relative_to(ROOT)), ast.parse(file.read_text(encoding="utf-8"))


def patterns(tree: ast.AST) -> Iterator[ast.expr]:
    """Give what is handed to `re` as a pattern."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="re"), attr=name), args=[first, *_]) if (
                name in MATCHERS
            ):
                yield first


def unescaped(pattern: ast.expr) -> list[str]:
    """Return the parts of a pattern that are neither written down nor escaped; names in capitals are written down."""
    if isinstance(pattern, ast.JoinedStr):
        values = [part.value for part in pattern.values if isinstance(part, ast.FormattedValue)]
        return [one for value in values for one in unescaped(value)]
    if isinstance(pattern, ast.BinOp):
        return unescaped(pattern.left) + unescaped(pattern.right)
    words = ast.unparse(pattern)
    is_written = isinstance(pattern, ast.Constant) or re.fullmatch(r"(\w+\.)?_?[A-Z][A-Z_]*", words)
    return [] if is_written or "re.escape" in words else [words]


def test_a_pattern_is_written_down_or_escaped() -> None:
    found = {
        f"{name}: {part}" for name, tree in sources() for one in patterns(tree) for part in unescaped(one)
    }
    # Each is a loop over patterns that the same file writes down.
    assert found == {
        "experiments/disclosure/figures.py: pattern",
        "experiments/reader/personal.py: pattern",
    }
    lookups = [
        name for name, tree in sources() if "__regex" in ast.unparse(tree) or "__iregex" in ast.unparse(tree)
    ]
    assert lookups == []


def test_secrets_do_not_come_from_chance_that_can_be_computed() -> None:
    found = set()
    for name, tree in sources():
        for node in ast.walk(tree):
            imported = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                imported = [str(node.module)]
            if "random" in imported or "numpy.random" in imported:
                found.add(name)
            if isinstance(node, ast.Call) and "np.random." in ast.unparse(node.func):
                found.add(name)
    assert found == BY_CHANCE


def test_our_scripts_write_no_name_that_was_sent() -> None:
    """No assignment under a computed name, no merge into an object, no evaluation, no HTML made of text."""
    scripts = sorted((ROOT / "centre" / "static" / "front").glob("*.js"))
    assert len(scripts) >= 3
    dangerous = re.compile(
        r"\][ \t]*=[^=>]|__proto__|\.prototype\s*[.\[]\s*\w+\s*="
        r"|Object\.assign|eval\(|new Function|innerHTML|document\.write"
    )
    found = [f"{file.name}: {line}" for file in scripts for line in _lines(file) if dangerous.search(line)]
    assert found == []


def _lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines()


def test_a_dangerous_line_would_be_found() -> None:
    tree = ast.parse('re.search(f"^{query}", text); re.compile(re.escape(query)); re.match(NUMBER, text)')
    assert [part for one in patterns(tree) for part in unescaped(one)] == ["query"]
