"""Replay an allocation and compare it with its record.

Run: python3 verify_allocation.py record.json list.csv

record.json is the revealed record of the draw; list.csv has the columns unit, stratum, cluster and, if the
arms are to be compared unit by unit, arm. Needs Python 3.9 or later and nothing else.
Exit 0: MATCH. Exit 1: DIFFERENT, with every reason. Exit 2: the files cannot be read as a record and a list.
"""

import csv
import hashlib
import hmac
import io
import json
import sys
from collections.abc import Iterator
from typing import Any


def replay(record: dict[str, Any], rows: list[dict[str, str]]) -> dict[str, str]:
    """Find the arm of every unit from the seed, the list and the parameters alone."""
    parameters = record["parameters"]
    arms = [(arm["label"], arm["ratio"]) for arm in parameters["arms"]]
    total = sum(ratio for _, ratio in arms)
    key = hashlib.sha256(record["seed"].encode()).digest()
    drawn_by = "cluster" if parameters["method"] in ("cluster", "stratified_cluster") else "unit"

    def tag(*parts: str) -> str:
        return hmac.new(key, "\x1f".join(parts).encode(), hashlib.sha256).hexdigest()

    strata: dict[str, set[str]] = {}
    for row in rows:
        strata.setdefault(row["stratum"], set()).add(row[drawn_by])
    arm_of = {}
    for stratum, members in strata.items():
        order = sorted(members, key=lambda member: tag(stratum, member))
        start, tries = 0, 0
        if any(len(order) * ratio % total for _, ratio in arms):
            while (start := int(tag(stratum, "remainder", str(tries)), 16)) >= 2**256 - 2**256 % total:
                tries += 1
            start %= total
        position, reached = 0, 0
        for label, ratio in arms:
            # The whole part of the share, and one more if a sampling point falls in its fractional part.
            count, part = divmod(len(order) * ratio, total)
            count += any(reached <= at < reached + part for at in range(start, len(arms) * total, total))
            reached += part
            for member in order[position : position + count]:
                arm_of[stratum, member] = label
            position += count
    return {row["unit"]: arm_of[row["stratum"], row[drawn_by]] for row in rows}


def differences(record: dict[str, Any], rows: list[dict[str, str]]) -> Iterator[str]:
    """Every way in which the list, the seed and the draw differ from the record."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["unit", "stratum", "cluster"])
    writer.writerows(sorted((row["unit"], row["stratum"], row["cluster"]) for row in rows))
    list_hash = hashlib.sha256(text.getvalue().encode()).hexdigest()
    if record["algorithm"] != {"id": "hmac-sha256-tag-order", "version": "1.0"}:
        yield f"this script replays hmac-sha256-tag-order 1.0, the record says {record['algorithm']}"
    if list_hash != record["unit_list_sha256"]:
        yield f"the list hashes to {list_hash}, the record says {record['unit_list_sha256']}"
    if hashlib.sha256(record["seed"].encode()).hexdigest() != record["seed_commitment"]:
        yield "the seed is not the one that was committed to"
    if record["unit_list_sha256"] not in record["seed"].split("|"):
        yield "the seed does not name the list"
    arms = replay(record, rows)
    compact = json.dumps(arms, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    if hashlib.sha256(compact.encode()).hexdigest() != record["allocation_sha256"]:
        yield "the allocation replayed is not the allocation recorded"
    for row in rows:
        if row.get("arm", arms[row["unit"]]) != arms[row["unit"]]:
            yield f"unit {row['unit']}: the list says {row['arm']}, the replay says {arms[row['unit']]}"


def main(arguments: list[str]) -> int:
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        with open(arguments[0], encoding="utf-8") as file:
            record = json.load(file)
        with open(arguments[1], encoding="utf-8-sig", newline="") as file:
            rows = [{"stratum": "", "cluster": "", **row} for row in csv.DictReader(file, strict=True)]
        if not record.get("seed"):
            raise ValueError("the seed has not been revealed yet")
        found = list(differences(record, rows))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, csv.Error) as problem:
        print(f"Cannot verify: {type(problem).__name__}: {problem}", file=sys.stderr)
        return 2
    for difference in found:
        print("DIFFERENT:", difference)
    if not found:
        print(f"MATCH: {len(rows)} units, allocation {record['allocation_sha256']}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
