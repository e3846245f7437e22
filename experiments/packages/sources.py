"""The engine's own sources, with nothing else of the registry: what a stranger needs to compute a result again."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from experiments.packages.archive import zipped

ROOT = Path(__file__).parents[2]
OURS = ("centre", "tactics", "experiments")
# Where the script of a package starts, and the estimators that are imported when first asked for.
STARTS = ("experiments.packages.alone", "experiments.stats.engine")


@cache
def engine_zip() -> bytes:
    """Return the sources as a zip file that Python imports from. The same sources give the same bytes."""
    files = {str(path.relative_to(ROOT)): path.read_bytes() for path in _paths()}
    return zipped({**files, "LICENSE": (ROOT / "LICENSE").read_bytes()})


def _paths() -> Iterator[Path]:
    """Every module that the starts import, however deep, with the packages that hold them."""
    waiting, seen = list(STARTS), set[str]()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        path = _path(name)
        yield path
        waiting += [name.rpartition(".")[0]] if "." in name else []
        waiting += _imported(path)


def _path(name: str) -> Path:
    place = ROOT.joinpath(*name.split("."))
    return place / "__init__.py" if place.is_dir() else place.with_suffix(".py")


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] in OURS)
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] in OURS:
            yield node.module
            inner = (f"{node.module}.{alias.name}" for alias in node.names)
            yield from (name for name in inner if _path(name).exists())
