"""Replay an allocation and compare it with its record.

Run: python3 verify_allocation.py record.json list.csv
or:  python3 verify_allocation.py record.json log.jsonl    (cases that came one by one)

record.json is the revealed record of the draw; list.csv has the columns unit, stratum, cluster and, if the
arms are to be compared unit by unit, arm; log.jsonl has one record a case. Needs Python 3.9 or later and nothing else.
Exit 0: MATCH. Exit 1: DIFFERENT, with every reason. Exit 2: the files cannot be read as a record and a list.
"""

import csv
import hashlib
import hmac
import io
import json
import sys
from collections.abc import Iterator
from fractions import Fraction
from math import isqrt
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


TRICKLE = "hmac-sha256-tag-trickle"


def trickle_differences(record: dict[str, Any], entries: list[dict[str, Any]]) -> Iterator[str]:
    """Every way in which the log of cases that came one by one differs from what the seed gives."""
    scheme = record["parameters"]
    scheme_hash = hashlib.sha256(compact(scheme).encode()).hexdigest()
    if record["algorithm"] != {"id": TRICKLE, "version": "1.0"}:
        yield f"this script replays {TRICKLE} 1.0, the record says {record['algorithm']}"
    if scheme_hash != record["scheme_sha256"]:
        yield f"the scheme hashes to {scheme_hash}, the record says {record['scheme_sha256']}"
    if hashlib.sha256(record["seed"].encode()).hexdigest() != record["seed_commitment"]:
        yield "the seed is not the one that was committed to"
    if record["scheme_sha256"] not in record["seed"].split("|"):
        yield "the seed does not name the scheme"
    yield from case_differences(record, entries)
    head = entries[-1]["hash"] if entries else record["seed_commitment"]
    if record.get("n_cases", len(entries)) != len(entries):
        yield f"the log has {len(entries)} cases, the record says {record['n_cases']}"
    if record.get("head", head) != head:
        yield f"the log ends in {head}, the record says {record['head']}"


def case_differences(record: dict[str, Any], entries: list[dict[str, Any]]) -> Iterator[str]:
    """Every case that is not what the seed gives after those before it, or whose place in the chain is wrong."""
    previous = record["seed_commitment"]
    earlier: list[dict[str, Any]] = []
    for position, entry in enumerate(entries, start=1):
        case = entry["record"]
        if entry["previous_hash"] != previous:
            yield f"case {position}: it does not follow the case before it"
        if entry["hash"] != hashlib.sha256((previous + compact(case)).encode()).hexdigest():
            yield f"case {position}: the record is not the one that was hashed"
        try:
            expected = next_case(record["parameters"], record["seed"], earlier, case["levels"])
        except KeyError as problem:
            yield f"case {position}: it has no level of {problem}"
            return
        for name, value in expected.items():
            if case.get(name) != value:
                yield f"case {position}: the log says {name} {case.get(name)}, the replay says {value}"
        earlier.append(case)
        previous = entry["hash"]


def compact(value: Any) -> str:
    """Write JSON in the one way that is hashed."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def next_case(
    scheme: dict[str, Any], seed: str, earlier: list[dict[str, Any]], levels: dict[str, str]
) -> dict[str, Any]:
    """What the seed gives to a case with these levels, after the earlier cases."""
    key = hashlib.sha256(seed.encode()).digest()

    def tag(*parts: str) -> str:
        return hmac.new(key, "\x1f".join(parts).encode(), hashlib.sha256).hexdigest()

    arms = {arm["label"]: arm["ratio"] for arm in scheme["arms"]}
    shares = {arm: Fraction(ratio, sum(arms.values())) for arm, ratio in arms.items()}
    position = len(earlier) + 1
    levels = {factor["name"]: levels[factor["name"]] for factor in scheme["factors"]}
    base = {"position": position, "levels": levels}
    if scheme["method"] == "permuted_blocks":
        return {**base, **block_case(scheme, arms, tag, earlier, levels)}
    if scheme["method"] == "trickle_simple":
        return {**base, **by_shares(tag("simple", str(position)), shares)}
    counts = {
        name: {arm: sum(c["levels"][name] == level and c["arm"] == arm for c in earlier) for arm in arms}
        for name, level in levels.items()
    }
    totals = {arm: imbalance(scheme, counts, arms, arm) for arm in arms}
    shares = with_coin(Fraction(scheme["coin"]), shares, totals, is_first=not earlier)
    went_by = {"counts": counts, "totals": {arm: str(value) for arm, value in totals.items()}}
    return {**base, **by_shares(tag("minimise", str(position)), shares), **went_by}


def by_shares(tag: str, shares: dict[str, Fraction]) -> dict[str, Any]:
    """The first arm whose cumulative share is above the tag's first 8 bytes over 2^64."""
    u, reached, chosen = Fraction(int(tag[:16], 16), 2**64), Fraction(0), ""
    for arm, share in shares.items():
        reached += share
        if not chosen and u < reached:
            chosen = arm
    return {"tag": tag, "arm": chosen, "probabilities": {arm: str(share) for arm, share in shares.items()}}


def block_case(
    scheme: dict[str, Any],
    arms: dict[str, int],
    tag: Any,
    earlier: list[dict[str, Any]],
    levels: dict[str, str],
) -> dict[str, Any]:
    """The slot of a case in the blocks of its stratum."""
    place, block, sizes = sum(case["levels"] == levels for case in earlier), 0, scheme["block_sizes"]
    while True:
        tries = 0
        while (drawn := int(tag("block", *levels.values(), str(block), str(tries)), 16)) >= (
            2**256 - 2**256 % len(sizes)
        ):
            tries += 1
        size = sizes[drawn % len(sizes)]
        if place < size:
            break
        place, block = place - size, block + 1
    total = sum(arms.values())
    laid_out = [arm for arm, ratio in arms.items() for _ in range(ratio * size // total)]
    order = sorted((tag("slot", *levels.values(), str(block), str(j)), arm) for j, arm in enumerate(laid_out))
    left = [arm for _, arm in order[place:]]
    shares = {arm: str(Fraction(left.count(arm), len(left))) for arm in arms}
    chosen = {"tag": order[place][0], "arm": order[place][1], "probabilities": shares}
    return {**chosen, "block": block, "block_size": size, "slot": place}


def imbalance(
    scheme: dict[str, Any], counts: dict[str, dict[str, int]], arms: dict[str, int], chosen: str
) -> Fraction:
    """The total imbalance if the case went to the chosen arm."""
    total = Fraction(0)
    for factor in scheme["factors"]:
        at = counts[factor["name"]]
        values = [Fraction(at[arm] + (arm == chosen), ratio) for arm, ratio in arms.items()]
        mean = sum(values, Fraction(0)) / len(values)
        spread = sum(((value - mean) ** 2 for value in values), Fraction(0)) / len(values)
        if scheme["imbalance"] == "range":
            spread = max(values) - min(values)
        elif scheme["imbalance"] == "standard_deviation":
            spread = Fraction(isqrt(spread.numerator * 10**24 // spread.denominator), 10**12)
        total += Fraction(factor["weight"]) * spread
    return total


def with_coin(
    coin: Fraction, shares: dict[str, Fraction], imbalances: dict[str, Fraction], *, is_first: bool
) -> dict[str, Fraction]:
    """The probability of each arm, by the biased coin."""
    best = [arm for arm in shares if imbalances[arm] == min(imbalances.values())]
    if is_first or len(best) == len(shares):
        return shares
    if len(set(shares.values())) == 1:
        others = len(shares) - len(best)
        return {arm: coin / len(best) if arm in best else (1 - coin) / others for arm in shares}
    smallest = min(shares.values())
    bias = (coin - smallest) / (1 - smallest)
    of_best = sum(shares[arm] for arm in best)
    return {
        arm: (1 - bias) * share + (bias * share / of_best if arm in best else 0)
        for arm, share in shares.items()
    }


def main(arguments: list[str]) -> int:
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        with open(arguments[0], encoding="utf-8") as file:
            record = json.load(file)
        if record["algorithm"]["id"] == TRICKLE:
            return report_trickle(record, arguments[1])
        with open(arguments[1], encoding="utf-8-sig", newline="") as file:
            rows = [{"stratum": "", "cluster": "", **row} for row in csv.DictReader(file, strict=True)]
        if not record.get("seed"):
            raise ValueError("the seed has not been revealed yet")
        found = list(differences(record, rows))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, csv.Error) as problem:
        print(f"Cannot verify: {type(problem).__name__}: {problem}", file=sys.stderr)
        return 2
    return report(found, f"{len(rows)} units, allocation {record['allocation_sha256']}")


def report_trickle(record: dict[str, Any], path: str) -> int:
    """Replay a log of cases and say what differs."""
    with open(path, encoding="utf-8") as file:
        entries = [json.loads(line) for line in file if line.strip()]
    if not record.get("seed"):
        raise ValueError("the seed has not been revealed yet")
    head = entries[-1]["hash"] if entries else record["seed_commitment"]
    return report(list(trickle_differences(record, entries)), f"{len(entries)} cases, log {head}")


def report(found: list[str], what: str) -> int:
    """Print every difference, or that there is none."""
    for difference in found:
        print("DIFFERENT:", difference)
    if not found:
        print(f"MATCH: {what}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
