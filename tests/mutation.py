"""`python -m tests.mutation`: does a test notice when the code that decides is changed?

mutmut makes thousands of small changes (a `<` that becomes `<=`, a number one greater, an argument left out), and runs
the tests that reach the changed function. A change that no test notices has survived. With MUTANTS=100 a hundred of
each room are tried; without it all are, which takes most of a day. Which ones is drawn anew each day, so that nobody
writes tests for a sample; SEED=20261128 draws those of a day again. Writes docs/mutation.md, and the changes that
survived to .local/mutation/survivors.txt.
"""

import json
import math
import os
import random
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from mutmut.stats import status_by_exit_code

from tactics.error_rates import wilson

ROOT = Path(__file__).resolve().parent.parent
MUTANTS = ROOT / "mutants"
PLACE = ROOT / ".local" / "mutation"
ROOMS = {
    "Permissions": ("centre/permissions.py",),
    "Disclosure": ("experiments/disclosure/",),
    "Randomisation": ("experiments/randomise/",),
    "Registration": ("experiments/actions/registrations.py", "experiments/lifecycle.py"),
    "Rating": ("tactics/rating/",),
}
SEED = int(os.environ.get("SEED", f"{datetime.now(UTC):%Y%m%d}"))
NOTICED = ("killed", "timeout", "segfault", "suspicious")
HEAD = """# Are changes noticed?

`make mutation` changes the code that decides, one small change at a time (a `<` that becomes `<=`, a number one
greater, an argument left out), and asks the tests that reach it. A change is *noticed* if a test fails or never ends.
It wrote this page. Some changes cannot be noticed, because they change nothing that a person or a program sees.

| Code | Changes possible | Tried | Noticed | Survived | No test | Score | 95 % interval of the whole |
|---|---|---|---|---|---|---|---|
"""


def main() -> int:
    """Change, ask, and write down what was noticed."""
    PLACE.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(MUTANTS, ignore_errors=True)
    environment = {
        **os.environ,
        "MIGRATED_DATABASE": str(migrated()),
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }
    mutmut = [sys.executable, "-m", "mutmut", "run"]
    # No mutant has this name: they are made, the tests are asked which reach what, and none is tried.
    subprocess.run([*mutmut, "none"], cwd=ROOT, env=environment, check=False)
    chosen = [name for room in ROOMS for name in sample(sorted(outcomes(room)))]
    subprocess.run([*mutmut, *chosen], cwd=ROOT, env=environment, check=False)
    found = {room: outcomes(room) for room in ROOMS}
    tried = {name: code for codes in found.values() for name, code in codes.items() if code is not None}
    if not chosen or tried.keys() != set(chosen):
        print(
            f"{len(tried):,} of {len(chosen):,} changes were tried: the page stays as it was", file=sys.stderr
        )
        return 1
    (ROOT / "docs" / "mutation.md").write_text(page(found), encoding="utf-8")
    survivors = sorted(name for name, code in tried.items() if status_by_exit_code[code] not in NOTICED)
    (PLACE / "survivors.txt").write_text("\n".join(survivors) + "\n", encoding="utf-8")
    return 0


def migrated() -> Path:
    """Make the database once: each change would make its own."""
    place = PLACE / "migrated"
    shutil.rmtree(place, ignore_errors=True)
    environment = {**os.environ, "EMBEDDED": "1", "LOCAL_DIR": str(place)}
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=environment, check=True)
    return place / "registry.sqlite3"


def sample(names: list[str]) -> list[str]:
    """Return as many as are asked for, chosen by chance from the seed."""
    wanted = int(os.environ.get("MUTANTS", "0")) or len(names)
    return random.Random(SEED).sample(names, min(wanted, len(names)))


def outcomes(room: str) -> dict[str, int | None]:
    """Return each change of a room with the exit code of its tests; none where it was not tried."""
    return {
        name: code
        for file in _files(room)
        for name, code in json.loads(file.read_text())["exit_code_by_key"].items()
    }


def _files(room: str) -> Iterator[Path]:
    for file in sorted(MUTANTS.rglob("*.meta")):
        if str(file.relative_to(MUTANTS)).startswith(ROOMS[room]):
            yield file


def row(name: str, codes: list[int | None]) -> str:
    """Return one line of the table: the changes of a room, of which some were tried."""
    tried, noticed = counted(codes)
    ends = "all were tried" if tried == len(codes) else "{:.0%} to {:.0%}".format(*wilson(noticed, tried))
    return _line(name, codes, noticed / tried, ends)


def whole(rooms: list[list[int | None]]) -> str:
    """Return the line of all rooms, each weighed by the changes that are possible there: of each as many are tried."""
    total = sum(map(len, rooms))
    score = variance = 0.0
    for codes in rooms:
        tried, noticed = counted(codes)
        weight, share = len(codes) / total, noticed / tried
        score += weight * share
        # Two noticed and two not are added (Agresti and Coull 1998): a room whose sample was all noticed is not known.
        added = (noticed + 2) / (tried + 4)
        variance += weight**2 * added * (1 - added) / (tried + 4) * (tried < len(codes))
    half = 1.96 * math.sqrt(variance)
    ends = f"{score - half:.0%} to {min(score + half, 1):.0%}" if half else "all were tried"
    return _line("All, by changes possible", [code for codes in rooms for code in codes], score, ends)


def counted(codes: list[int | None]) -> tuple[int, int]:
    """Return how many changes were tried, and how many of them a test noticed."""
    found = [status_by_exit_code[code] for code in codes if code is not None]
    return len(found), sum(status in NOTICED for status in found)


def _line(name: str, codes: list[int | None], score: float, ends: str) -> str:
    found = Counter(status_by_exit_code[code] for code in codes if code is not None)
    counts = (len(codes), *counted(codes), found["survived"], found["no tests"])
    return f"| {' | '.join([name, *(f'{count:,}' for count in counts), f'{score:.1%}', ends])} |"


def page(found: dict[str, dict[str, int | None]]) -> str:
    """Return the whole page."""
    rooms = {room: list(codes.values()) for room, codes in found.items()}
    rows = [*(row(room, codes) for room, codes in rooms.items()), whole(list(rooms.values()))]
    return HEAD + "\n".join(rows) + f"\n\nMeasured on {datetime.now(UTC):%-d %B %Y}, seed {SEED}.\n"


if __name__ == "__main__":
    sys.exit(main())
