"""Replay an allocation and compare it with its record.

Run: python3 verify_allocation.py record.json list.csv
or:  python3 verify_allocation.py record.json log.jsonl    (cases that came one by one)

record.json is the revealed record of the draw; list.csv has the columns unit, stratum, cluster, the covariates that
the draw read and, if the arms are to be compared unit by unit, arm (in a stepped wedge: sequence); log.jsonl has one
record a case. Needs Python 3.10 or later and nothing else. Nothing is rounded: whole numbers and fractions give the
same answer on every machine.
Exit 0: MATCH. Exit 1: DIFFERENT, with every reason. Exit 2: the files cannot be read as a record and a list.
"""

import csv
import hashlib
import hmac
import io
import itertools
import json
import math
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

Row = dict[str, str]
Tag = Callable[..., str]
MOST_LISTED = 50_000
MOST_ATTEMPTS = 100_000
# What a spreadsheet would take for the start of a formula: downloads put an apostrophe before it.
FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
# What a replay raises where its inputs do not fit each other.
BROKEN = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, StopIteration)


class Listing:
    """The list as the method draws it: units, or the clusters that stand for them, by stratum."""

    def __init__(self, parameters: dict[str, Any], rows: list[Row]) -> None:
        method = parameters["method"]
        may = method in ("matched", "constrained", "stepped_wedge", "factorial")
        needs = method in ("cluster", "stratified_cluster")
        by_cluster = needs or (may and any(row["cluster"] for row in rows))
        self.parameters, self.rows, self.method = parameters, rows, method
        self.drawn_by = "cluster" if by_cluster else "unit"
        self.labels = [arm["label"] for arm in parameters["arms"]]
        self.ratios = [arm["ratio"] for arm in parameters["arms"]]
        self.ids = sorted({row[self.drawn_by] for row in rows})
        self.strata: dict[str, list[str]] = {}
        for stratum, drawn in sorted({(row["stratum"], row[self.drawn_by]) for row in rows}):
            self.strata.setdefault(stratum, []).append(drawn)

    def numbers(self) -> dict[str, list[int]]:
        """Return the covariates as whole numbers: each column times the power of ten that clears its decimals."""
        found: dict[str, list[int]] = {each: [] for each in self.ids}
        for name in self.parameters["covariates"]:
            places = max(len(row[name].partition(".")[2]) for row in self.rows)
            for drawn, value in {row[self.drawn_by]: row[name] for row in self.rows}.items():
                found[drawn].append(int(Decimal(value) * 10**places))
        return found


def tagger(text: str) -> Tag:
    """Return the function that gives the tag of a label under the key that a seed gives."""
    key = hashlib.sha256(text.encode()).digest()
    return lambda *parts: hmac.new(key, "\x1f".join(parts).encode(), hashlib.sha256).hexdigest()


def below(bound: int, tag: Tag, *parts: str) -> int:
    """Return the number below a bound that the tags of the parts and a counter give."""
    tries = 0
    while (number := int(tag(*parts, str(tries)), 16)) >= 2**256 - 2**256 % bound:
        tries += 1
    return number % bound


def in_order(members: list[str], labels: list[str], ratios: list[int], tag: Tag, *parts: str) -> Row:
    """Give the lowest tags the first label, and so on, by the ratios."""
    total, n, position, reached, start, arm_of = sum(ratios), len(members), 0, 0, 0, {}
    order = sorted(members, key=lambda member: tag(*parts, member))
    if any(n * ratio % total for ratio in ratios):
        start = below(total, tag, *parts, "remainder")
    for label, ratio in zip(labels, ratios, strict=True):
        # The whole part of the share, and one more if a sampling point falls in its fractional part.
        count, part = divmod(n * ratio, total)
        count += any(reached <= at < reached + part for at in range(start, len(labels) * total, total))
        reached += part
        arm_of.update(dict.fromkeys(order[position : position + count], label))
        position += count
    return arm_of


def shares_of(levels: list[dict[str, Any]]) -> dict[str, Fraction]:
    total = sum(level["ratio"] for level in levels)
    return {level["label"]: Fraction(level["ratio"], total) for level in levels}


def text_of(share: Fraction) -> str:
    if share.denominator < 10**12:
        return str(share)
    scaled = share.numerator * 10**12 // share.denominator
    return f"{scaled // 10**12}.{scaled % 10**12:012}"


def six_places(value: Fraction, root: bool = False) -> str:
    scaled = value.numerator * 10**12 // value.denominator
    cut = math.isqrt(scaled) if root else scaled // 10**6
    return f"{cut // 10**6}.{cut % 10**6:06}"


def covariance(values: list[list[int]]) -> list[list[int]]:
    """Return the covariance matrix times n(n - 1)."""
    n, columns = len(values), list(zip(*values, strict=True))
    return [
        [n * sum(a * b for a, b in zip(one, two, strict=True)) - sum(one) * sum(two) for two in columns]
        for one in columns
    ]


def simple(listing: Listing, tag: Tag) -> tuple[Row, dict[str, Any]]:
    found, total = {}, sum(listing.ratios)
    for each in listing.ids:
        share = Fraction(int(tag("", each)[:16], 16), 2**64)
        reached = itertools.accumulate(listing.ratios)
        found[each] = next(
            arm for arm, upto in zip(listing.labels, reached, strict=True) if share < Fraction(upto, total)
        )
    return found, {}


def complete(listing: Listing, tag: Tag) -> tuple[Row, dict[str, Any]]:
    found: Row = {}
    for stratum, members in listing.strata.items():
        found.update(in_order(members, listing.labels, listing.ratios, tag, stratum))
    return found, {}


def stepped_wedge(listing: Listing, tag: Tag) -> tuple[Row, dict[str, Any]]:
    wedge, found = listing.parameters["wedge"], {}
    sequences, wait, long = wedge["sequences"], wedge["baseline_periods"], wedge["step_periods"]
    names = [str(each + 1) for each in range(sequences)]
    for stratum, members in listing.strata.items():
        found.update(in_order(members, names, [1] * sequences, tag, stratum))
    n_periods, (before, after) = wait + sequences * long, listing.labels
    matrix = [
        [before] * (wait + each * long) + [after] * (n_periods - wait - each * long)
        for each in range(sequences)
    ]
    return found, {"schedule": matrix, "n_periods": n_periods}


def factorial(listing: Listing, tag: Tag) -> tuple[Row, dict[str, Any]]:
    cells: dict[str, list[str]] = {each: [] for each in listing.ids}
    margins = []
    for factor in listing.parameters["factors"]:
        labels = [level["label"] for level in factor["levels"]]
        ratios = [level["ratio"] for level in factor["levels"]]
        counted = dict.fromkeys(labels, 0)
        for stratum, members in listing.strata.items():
            for each, label in in_order(
                members, labels, ratios, tag, stratum, "factor", factor["id"]
            ).items():
                cells[each].append(label)
                counted[label] += 1
        margins.append({"factor": factor["id"], "levels": counted})
    return {each: "+".join(labels) for each, labels in cells.items()}, {"margins": margins}


def solved(matrix: list[list[int]], right: list[int]) -> list[Fraction]:
    """Solve a set of linear equations in fractions."""
    rows = [[Fraction(cell) for cell in (*row, end)] for row, end in zip(matrix, right, strict=True)]
    for at in range(len(rows)):
        pivot = next(place for place in range(at, len(rows)) if rows[place][at])
        rows[at], rows[pivot] = rows[pivot], rows[at]
        rows[at] = [cell / rows[at][at] for cell in rows[at]]
        for place, row in enumerate(rows):
            if place != at:
                rows[place] = [a - row[at] * b for a, b in zip(row, rows[at], strict=True)]
    return [row[-1] for row in rows]


def matched(listing: Listing, tag: Tag) -> tuple[Row, dict[str, Any]]:
    values, size = listing.numbers(), sum(listing.ratios)
    n, matrix = len(values), covariance(list(values.values()))
    basis = [solved(matrix, [int(a == b) for b in range(len(matrix))]) for a in range(len(matrix))]
    common = math.lcm(*(cell.denominator for row in basis for cell in row))
    whole = [[int(cell * common) for cell in row] for row in basis]

    def apart(one: str, two: str) -> int:
        gap = [a - b for a, b in zip(values[one], values[two], strict=True)]
        return sum(
            a * cell * b for a, row in zip(gap, whole, strict=True) for cell, b in zip(row, gap, strict=True)
        )

    found, ways = {}, {}
    tuples: list[dict[str, Any]] = []
    for stratum, members in listing.strata.items():
        exact = size == 2 and len(members) <= 16
        ways[stratum] = "optimal" if exact else "optimal greedy"
        sets = best_pairs(members, apart) if exact else closest_first(members, apart, size)
        for group in sorted(sorted(each) for each in sets):
            found.update(in_order(group, listing.labels, listing.ratios, tag, stratum))
            wide = (
                max(Fraction(apart(*pair), common) for pair in itertools.combinations(group, 2)) * n * (n - 1)
            )
            tuples.append(
                {
                    "tuple": str(len(tuples) + 1),
                    "stratum": stratum,
                    "members": group,
                    "distance_squared": str(wide),
                    "distance": six_places(wide, root=True),
                }
            )
    return found, {"matching": ways, "tuples": tuples}


def best_pairs(members: list[str], apart: Callable[[str, str], int]) -> list[tuple[str, ...]]:
    """Return the pairing of the least sum of squared distances: every pairing, by the set of those left."""
    known: dict[int, tuple[int, list[tuple[str, ...]]]] = {0: (0, [])}

    def best(left: int) -> tuple[int, list[tuple[str, ...]]]:
        if left not in known:
            first = (left & -left).bit_length() - 1
            rest, options = left ^ 1 << first, []
            for other in range(first + 1, len(members)):
                if rest >> other & 1:
                    total, pairs = best(rest ^ 1 << other)
                    pair = (members[first], members[other])
                    options.append((total + apart(*pair), [pair, *pairs]))
            known[left] = min(options, key=lambda option: option[0])
        return known[left]

    return best(2 ** len(members) - 1)[1]


def closest_first(members: list[str], apart: Callable[[str, str], int], size: int) -> list[tuple[str, ...]]:
    left, found = set(members), []
    for _, one, two in sorted((apart(*pair), *pair) for pair in itertools.combinations(members, 2)):
        if one in left and two in left:
            group = [one, two]
            left -= set(group)
            while len(group) < size:
                group.append(min(left, key=lambda each: (sum(apart(each, other) for other in group), each)))
                left.remove(group[-1])
            found.append(tuple(group))
    return found


def constrained(listing: Listing, tag: Tag) -> tuple[Row, dict[str, Any]]:
    values, total, n = listing.numbers(), sum(listing.ratios), len(listing.ids)
    counts = [n * ratio // total for ratio in listing.ratios]
    n_all = math.factorial(n) // math.prod(math.factorial(count) for count in counts)
    complete_set = n_all <= MOST_LISTED
    if complete_set:
        numbers: Any = range(n_all)
    else:
        other = tagger(f"candidates|{list_hash(listing.parameters, listing.rows)}")
        numbers = {below(n_all, other, "candidate", str(place)) for place in range(MOST_LISTED)}
    columns = list(zip(*(values[each] for each in listing.ids), strict=True))
    matrix = covariance([values[each] for each in listing.ids])
    scored = []
    for number in numbers:
        digits, sums = allocation_of(number, counts, n, n_all), []
        for column in columns:
            added = [0] * len(counts)
            for digit, value in zip(digits, column, strict=True):
                added[digit] += value
            sums.append(added)
        scored.append((score_of(sums, counts, matrix), "".join(map(str, digits))))
    scored.sort()
    scale = Fraction(n * (n - 1), score_scale(counts, matrix))
    cutoff = scored[-(-len(scored) * listing.parameters["constraint"]["keep_percent"] // 100) - 1][0]
    kept = sorted((digits, score) for score, digits in scored if score <= cutoff)
    index = below(len(kept), tag, "constrained", "index")
    together = [
        sum(digits[one] == digits[two] for digits, _ in kept)
        for one, two in itertools.combinations(range(n), 2)
    ]
    counted = [Counter(column) for column in zip(*(digits for digits, _ in kept), strict=True)]
    details = {
        "candidates": len(scored),
        "candidates_are": "all allocations" if complete_set else "a sample drawn from the list's hash",
        "kept": len(kept),
        "cutoff": six_places(cutoff * scale),
        "set_sha256": hashlib.sha256("".join(f"{digits}\n" for digits, _ in kept).encode()).hexdigest(),
        "pairs_together": {
            "fewest": f"{min(together)}/{len(kept)}",
            "most": f"{max(together)}/{len(kept)}",
        },
        "index": index,
        "imbalance": six_places(kept[index][1] * scale),
        "probabilities_are": "exact" if complete_set else "shares of the sampled set: estimates",
        "probabilities_by_thing": {
            each: {
                label: text_of(Fraction(times[str(arm)], len(kept)))
                for arm, label in enumerate(listing.labels)
            }
            for each, times in zip(listing.ids, counted, strict=True)
        },
    }
    return {
        each: listing.labels[int(digit)] for each, digit in zip(listing.ids, kept[index][0], strict=True)
    }, details


def allocation_of(number: int, counts: list[int], n: int, n_all: int) -> list[int]:
    """Return the allocation of a number: thing by thing, those that start with the first arm come first."""
    left, made = list(counts), []
    for remaining in range(n, 0, -1):
        for arm in range(len(left)):
            here = n_all * left[arm] // remaining
            if number < here:
                break
            number -= here
        made.append(arm)
        left[arm] -= 1
        n_all = here
    return made


def score_scale(counts: list[int], matrix: list[list[int]]) -> int:
    return math.lcm(*counts) ** 2 * math.lcm(*(matrix[at][at] for at in range(len(matrix))))


def score_of(sums: list[list[int]], counts: list[int], matrix: list[list[int]]) -> int:
    """Squared differences of the arms' means, over each covariate's variance, without a fraction."""
    size, spreads = math.lcm(*counts), math.lcm(*(matrix[at][at] for at in range(len(matrix))))
    score = 0
    for place, added in enumerate(sums):
        means = [total * (size // count) for total, count in zip(added, counts, strict=True)]
        squares = sum((a - b) ** 2 for a, b in itertools.combinations(means, 2))
        score += squares * (spreads // matrix[place][place])
    return score


def crossover(listing: Listing, tag: Tag) -> tuple[dict[str, Any], dict[str, Any]]:
    plan, total = listing.parameters["crossover"], sum(listing.ratios)
    each = plan["block_days"] // total
    slots = [
        label
        for label, ratio in zip(listing.labels, listing.ratios, strict=True)
        for _ in range(ratio * each)
    ]
    orders, again = {}, {}
    for place in listing.ids:
        days: list[str] = []
        again[place] = 0
        for block in range(1, plan["n_days"] // plan["block_days"] + 1):
            for attempt in range(MOST_ATTEMPTS):
                labels = ("block", str(block), "attempt", str(attempt), "slot")
                ranked = sorted(range(len(slots)), key=lambda slot: tag(place, *labels, str(slot)))
                tried = days + [slots[slot] for slot in ranked]
                if fits(tried, plan):
                    break
            else:
                raise ValueError(f"no order of block {block} of {place} fits")
            again[place] += attempt
            days = tried
        orders[place] = days
    runs: dict[str, Counter[int]] = {label: Counter() for label in listing.labels}
    for days in orders.values():
        for arm, run in itertools.groupby(days):
            runs[arm][len(list(run))] += 1
    return orders, {
        "orders": orders,
        "drawn_again": again,
        "run_lengths": {
            label: {str(days): runs[label][days] for days in sorted(runs[label])} for label in runs
        },
        "daily": [
            {label: day.count(label) for label in listing.labels}
            for day in zip(*orders.values(), strict=True)
        ],
        "daily_probabilities": daily(listing, slots, plan),
    }


def fits(days: list[str], plan: dict[str, Any]) -> bool:
    """Return whether the days keep the longest run, and the comparator's days between two runs of treatment."""
    runs = [(arm, len(list(run))) for arm, run in itertools.groupby(days)]
    if any(length > plan["max_run"] for _, length in runs):
        return False
    if not plan["washout_days"]:
        return True
    treated = [place for place, (arm, _) in enumerate(runs) if arm != plan["comparator"]]
    return all(
        after - before == 2 and runs[before + 1][1] >= plan["washout_days"]
        for before, after in itertools.pairwise(treated)
    )


def daily(listing: Listing, slots: list[str], plan: dict[str, Any]) -> list[dict[str, str]]:
    """Return each day's probability of each arm: blocks that fit what came before are equally likely."""
    ways = list(distinct(slots))
    known: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
    weights: dict[tuple[str, ...], Fraction] = {(): Fraction(1)}
    found = []
    for _ in range(plan["n_days"] // plan["block_days"]):
        block = [dict.fromkeys(listing.labels, Fraction(0)) for _ in slots]
        reached: dict[tuple[str, ...], Fraction] = {}
        for past, weight in weights.items():
            if past not in known:
                known[past] = [way for way in ways if fits([*past, *way], plan)]
            part = weight / len(known[past])
            for way in known[past]:
                for shares, arm in zip(block, way, strict=True):
                    shares[arm] += part
                end = memory([*past, *way], plan)
                reached[end] = reached.get(end, Fraction(0)) + part
        weights = reached
        found += [{label: text_of(share) for label, share in day.items()} for day in block]
    return found


def memory(days: list[str], plan: dict[str, Any]) -> tuple[str, ...]:
    """Return as much of the past as the rules can still ask about: the last run, and what it washes out."""
    runs = [(arm, len(list(run))) for arm, run in itertools.groupby(days)]
    arm, length = runs[-1]
    washes = plan["washout_days"] and arm == plan["comparator"] and len(runs) > 1
    return ((runs[-2][0],) if washes else ()) + (arm,) * length


def distinct(slots: list[str]) -> Iterator[tuple[str, ...]]:
    if not slots:
        yield ()
    for label in dict.fromkeys(slots):
        rest = list(slots)
        rest.remove(label)
        for others in distinct(rest):
            yield (label, *others)


def external(listing: Listing, tag: Tag) -> tuple[Row, dict[str, Any]]:
    """Count a list that was drawn elsewhere: there is nothing to replay."""
    shares, has_blocks = shares_of(listing.parameters["arms"]), bool(listing.parameters.get("blocks"))
    strata: dict[str, Counter[str]] = {}
    blocks: dict[str, Counter[str]] = {}
    for row in listing.rows:
        strata.setdefault(row["stratum"], Counter())[row["arm"]] += 1
        name = f"{row['stratum']}\x1f{row['block']}" if has_blocks else ""
        blocks.setdefault(name, Counter())[row["arm"]] += 1
    details: dict[str, Any] = {
        "generated": "not generated here",
        "keeps_ratio": all(
            abs(counted[label] - sum(counted.values()) * share) < 1
            for counted in strata.values()
            for label, share in shares.items()
        ),
    }
    if has_blocks:
        uneven = sorted(
            name.replace("\x1f", " ").strip()
            for name, counted in blocks.items()
            if any(counted[label] != sum(counted.values()) * share for label, share in shares.items())
        )
        details.update(uneven_blocks=len(uneven), uneven_blocks_named=uneven[:20])
    return {row["unit"]: row["arm"] for row in listing.rows}, details


METHODS: dict[str, Callable[[Listing, Tag], tuple[dict[str, Any], dict[str, Any]]]] = {
    "simple": simple,
    "complete": complete,
    "stratified": complete,
    "cluster": complete,
    "stratified_cluster": complete,
    "matched": matched,
    "constrained": constrained,
    "stepped_wedge": stepped_wedge,
    "crossover": crossover,
    "factorial": factorial,
    "external": external,
}


def further_columns(parameters: dict[str, Any]) -> list[str]:
    """Return the columns of the list beyond unit, stratum and cluster."""
    if parameters["method"] == "external":
        return ["arm", "block"] if parameters.get("blocks") else ["arm"]
    return list(parameters.get("covariates", []))


def list_hash(parameters: dict[str, Any], rows: list[Row]) -> str:
    """Return the SHA-256 of the list in its one canonical form."""
    names = ["unit", "stratum", "cluster", *further_columns(parameters)]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(sorted([row[name] for name in names] for row in rows))
    return sha256(text.getvalue())


def is_of(record: dict[str, Any], rows: list[Row]) -> bool:
    """Return whether the list is the one that was committed to, as it stands."""
    try:
        return bool(list_hash(record["parameters"], rows) == record["unit_list_sha256"])
    except BROKEN:
        return False


def plain(text: str) -> str:
    """Return a cell without the apostrophe that downloads put before what a spreadsheet would run as a formula."""
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA_STARTS) else text


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def compact(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def expected(record: dict[str, Any], rows: list[Row]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what each unit was drawn to, and every entry of the record that follows from list, seed and method."""
    parameters = record["parameters"]
    listing = Listing(parameters, rows)
    found, details = METHODS[listing.method](listing, tagger(record["seed"] or ""))
    arms = {row["unit"]: found[row[listing.drawn_by]] for row in rows}
    entries = {
        "n_units": len(rows),
        "n_drawn": len(listing.ids),
        "strata": [] if listing.method == "crossover" else list(counted(listing, found)),
        "probabilities": {label: str(share) for label, share in probabilities(parameters).items()},
        "allocation_sha256": sha256(compact(arms)),
    }
    if record.get("record_version", 1) > 1:
        entries["details"] = details
    return arms, entries


def counted(listing: Listing, found: Row) -> Iterator[dict[str, Any]]:
    labels = list(probabilities(listing.parameters))
    for stratum, members in listing.strata.items():
        arms = Counter(found[each] for each in members)
        yield {
            "stratum": stratum,
            "n_drawn": len(members),
            "arms": {label: arms[label] for label in labels},
        }


def probabilities(parameters: dict[str, Any]) -> dict[str, Fraction]:
    if "wedge" in parameters:
        n = parameters["wedge"]["sequences"]
        return {str(each + 1): Fraction(1, n) for each in range(n)}
    factors = parameters.get("factors") or [{"levels": parameters["arms"]}]
    found = {"": Fraction(1)}
    for factor in factors:
        shares = shares_of(factor["levels"])
        found = {f"{a}+{b}".lstrip("+"): p * q for a, p in found.items() for b, q in shares.items()}
    return found


def differences(record: dict[str, Any], rows: list[Row]) -> Iterator[str]:
    """Every way in which the list, the seed and the draw differ from the record."""
    wrong = list(input_differences(record, rows))
    yield from wrong
    try:
        arms, entries = expected(record, rows)
    except BROKEN as problem:
        if not wrong:
            raise
        yield f"with these inputs the draw cannot be replayed ({type(problem).__name__}: {problem})"
        return
    for name, value in entries.items():
        if record[name] != value:
            yield from entry_differences(name, record[name], value)
    column = "sequence" if "wedge" in record["parameters"] else "arm"
    for row in rows:
        if column in row and row[column] != arms[row["unit"]]:
            yield f"unit {row['unit']}: the list says {row[column]}, the replay says {arms[row['unit']]}"


def input_differences(record: dict[str, Any], rows: list[Row]) -> Iterator[str]:
    """What the draw started from: the algorithm, the parameters, the list and the seed."""
    if record["algorithm"] != {"id": "hmac-sha256-tag-order", "version": "1.0"}:
        yield f"this script replays hmac-sha256-tag-order 1.0, the record says {record['algorithm']}"
    hashed = sha256(compact(record["parameters"]))
    if record.get("parameters_sha256", hashed) != hashed:
        yield "the parameters are not those that were hashed"
    hashed = list_hash(record["parameters"], rows)
    if hashed != record["unit_list_sha256"]:
        yield f"the list hashes to {hashed}, the record says {record['unit_list_sha256']}"
    if record["parameters"]["method"] != "external":
        yield from seed_differences(record)


def seed_differences(record: dict[str, Any]) -> Iterator[str]:
    """What is wrong with the seed: another than was committed to, for another list, not from the beacon named."""
    parts = record["seed"].split("|")
    if sha256(record["seed"]) != record["seed_commitment"]:
        yield "the seed is not the one that was committed to"
    if record["unit_list_sha256"] not in parts:
        yield "the seed does not name the list"
    if beacon := record.get("beacon"):
        if beacon["randomness"] != parts[-1]:
            yield "the seed does not end in the beacon's value"
        if hashlib.sha256(bytes.fromhex(beacon["signature"])).hexdigest() != beacon["randomness"]:
            yield "the beacon's value is not the SHA-256 of its signature"


def entry_differences(name: str, said: Any, found: Any) -> Iterator[str]:
    """Name an entry of the record that the replay does not give."""
    if name == "allocation_sha256":
        yield "the allocation replayed is not the allocation recorded"
    elif name == "details":
        for part in sorted({*said, *found}):
            if said.get(part) != found.get(part):
                yield f"the record's {part} is not what the replay gives"
    else:
        yield f"the record's {name} is not what the replay gives"


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
            spread = Fraction(math.isqrt(spread.numerator * 10**24 // spread.denominator), 10**12)
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
        if not record.get("seed") and record["parameters"]["method"] != "external":
            raise ValueError("the seed has not been revealed yet")
        if not is_of(record, rows):
            rows = [{plain(name): plain(text) for name, text in row.items()} for row in rows]
        found = list(differences(record, rows))
    except (OSError, csv.Error, *BROKEN) as problem:
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
