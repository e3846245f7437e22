"""What the seven threats cost: a drop of 0, 1 or 2. The table is total: every count has one row."""

from collections.abc import Iterable, Sequence

from tactics.rating.evidence import THREATS, Direction, Level, Threat
from tactics.rating.trace import Step

# An issue that fires a cap is not scored again as a threat.
COVERED = {"C1": ("T1", "T5"), "C2": ("T1", "T5"), "C3": ("T1",), "C4": ("T1",), "C6": ("T1",)}


def scored_threats(threats: Iterable[Threat], fired: set[str]) -> tuple[list[Threat], list[Step]]:
    """Return the threats that count, and a trace step for each that is above Low."""
    covered = {threat: cap for cap in sorted(fired) for threat in COVERED.get(cap, ())}
    counted, steps = [], []
    for threat in threats:
        if threat.level == Level.LOW:
            continue
        cap = covered.get(threat.id)
        words = f"{THREATS[threat.id].capitalize()}: {threat.level.value}"
        if threat.reason:
            words += f" ({threat.reason})"
        if cap:
            words += f"; not scored again, {cap} already counts it"
        else:
            counted.append(threat)
        values = {"level": threat.level.value, "direction": threat.direction.value, "counted": cap is None}
        steps.append(Step(threat.id, "threat", words, None, values))
    return counted, steps


def drop(threats: Sequence[Threat]) -> Step:
    """Return the drop for the threats that count. First match wins."""
    high = sum(threat.level == Level.HIGH for threat in threats)
    moderate = [threat for threat in threats if threat.level == Level.MODERATE]
    m, same = len(moderate), _same_direction(moderate)
    table = (
        ("DROP2a", high >= 2, 2),
        ("DROP2b", high == 1 and m >= 2, 2),
        ("DROP2c", high == 1 and m == 1, 2),
        ("DROP1a", high == 1 and m == 0, 1),
        ("DROP2d", m >= 5, 2),
        ("DROP2e", m in (3, 4) and same, 2),
        ("DROP1b", m in (3, 4), 1),
        ("DROP1c", m == 2 and same, 1),
        ("DROP0", True, 0),
    )
    rule, cost = next((rule, cost) for rule, matches, cost in table if matches)
    words = f"{high} high and {m} moderate threats{', same direction' if same else ''}: drop {cost}"
    return Step(rule, "drop", words, cost, {"high": high, "moderate": m, "same_direction": same})


def _same_direction(moderate: Sequence[Threat]) -> bool:
    """Return whether 2 or more Moderate threats all push one known way."""
    directions = {threat.direction for threat in moderate}
    return len(moderate) >= 2 and len(directions) == 1 and Direction.UNKNOWN not in directions
