"""The engine's own sources: whole, alone, and the same bytes every time."""

import ast
import io
import sys
import zipfile

from experiments.packages import sources
from experiments.stats.provenance import PACKAGES


def test_nothing_but_the_pure_rooms_is_shipped() -> None:
    names = zipfile.ZipFile(io.BytesIO(sources.engine_zip())).namelist()
    assert "experiments/stats/engine.py" in names
    assert "experiments/packages/alone.py" in names
    assert "LICENSE" in names
    rooms = {name.rpartition("/")[0] for name in names}
    assert not [
        room for room in rooms if room.startswith(("experiments/models", "experiments/api", "centre/api"))
    ]
    assert all(name.endswith(".py") or name == "LICENSE" for name in names)


def test_the_same_sources_give_the_same_bytes() -> None:
    first = sources.engine_zip()
    sources.engine_zip.cache_clear()
    assert sources.engine_zip() == first


def test_the_engine_needs_no_more_than_the_requirements_name() -> None:
    archive = zipfile.ZipFile(io.BytesIO(sources.engine_zip()))
    asked = set()
    for name in archive.namelist():
        if name.endswith(".py"):
            for node in ast.walk(ast.parse(archive.read(name))):
                if isinstance(node, ast.Import):
                    asked |= {alias.name.partition(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module:
                    asked.add(node.module.partition(".")[0])
    assert asked - sys.stdlib_module_names - set(sources.OURS) <= set(PACKAGES)
