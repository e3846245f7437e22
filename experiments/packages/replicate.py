"""Check a package of released results, and compute its numbers again.

Run: python replicate.py                                  (hashes, and what the public numbers say of each other)
or:  python replicate.py --data data.csv                  (every number again, from the data)
or:  python replicate.py --data data.csv --registered registered.json   (and what rests on the draw)

Needs Python 3.11 or later and the packages of requirements.txt; engine.zip beside it holds the engine's sources.
Exit 0: all the same. Exit 3: something differs, each with its JSON pointer. Exit 2: it cannot be done, with why.
"""

import argparse
import hashlib
import json
import os
import sys
from pathlib import Path

DIFFERS, CANNOT = 3, 2
HERE = Path(__file__).resolve().parent
# The same bytes everywhere need the same number of BLAS threads; only works before NumPy is loaded.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")


def wrong_files() -> list[str]:
    """Every file that is missing or is not what SHA256SUMS says."""
    found = []
    for line in (HERE / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        sha256, _, name = line.partition("  ")
        path = HERE / name
        if not path.is_file():
            found.append(f"{name}: missing")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
            found.append(f"{name}: its content is not what SHA256SUMS says")
    return found


def main(sent: list[str]) -> int:
    """Check, compute, and print what came of it."""
    parser = argparse.ArgumentParser(description="Check a package of results, and compute its numbers again.")
    parser.add_argument("--data", type=Path, help="the rows, as CSV (gzip allowed) or Parquet")
    parser.add_argument("--registered", type=Path, help="what the registration says of the draw, as JSON")
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")
    given = parser.parse_args(sent)
    try:
        broken = wrong_files()
    except OSError as error:
        print(f"SHA256SUMS: cannot be read: {error.strerror}", file=sys.stderr)
        return CANNOT
    if broken:
        print("\n".join(broken), file=sys.stderr)
        return DIFFERS
    sys.path.insert(0, str(HERE / "engine.zip"))
    try:
        from experiments.packages import alone
    except ImportError as error:
        print(f"{error}. Install what the engine needs: pip install -r requirements.txt", file=sys.stderr)
        return CANNOT
    try:
        report = alone.replicate(HERE, given.data, given.registered)
    except alone.CannotDo as refusal:
        print("\n".join(map(str, refusal.args)), file=sys.stderr)
        return CANNOT
    lines = ["Every file is what SHA256SUMS says.", *report.lines]
    lines += [f"NOT CHECKED: {one}" for one in report.not_checked]
    same = "SAME" if given.data else "SAME, as far as the public files tell"
    lines.append("DIFFERS" if report.differences else same)
    print(json.dumps(report.as_json(), indent=2) if given.json else "\n".join(lines))
    return DIFFERS if report.differences else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
