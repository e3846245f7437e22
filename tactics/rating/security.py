"""Trial security, 0 to 5: how far one estimate can be trusted, whatever it says.

``security = max(0, min(design, power, attrition, caps) - drop)``: the lowest of three ladders and the
caps, less what the remaining threats cost. Logic: EEF security rating, What Works Clearinghouse,
Maryland scale; numbers: `rules`.
"""

from dataclasses import dataclass
from typing import Any

from tactics.rating.caps import NO_RATING, caps
from tactics.rating.drops import drop, scored_threats
from tactics.rating.evidence import TrialEvidence
from tactics.rating.ladders import attrition, design, power
from tactics.rating.rules import CURRENT, Rules
from tactics.rating.trace import Step

NAMES = {5: "very high", 4: "high", 3: "moderate to high", 2: "moderate to low", 1: "low", 0: "very low"}


@dataclass(frozen=True, slots=True)
class Security:
    """The security of one trial on one outcome. `score` is None where the rules refuse to rate."""

    score: int | None
    sms: int
    rules_version: str
    trace: tuple[Step, ...]
    reason: str = ""

    @property
    def name(self) -> str:
        """Return the score in words."""
        return "not rated" if self.score is None else NAMES[self.score]

    def as_json(self) -> dict[str, Any]:
        """Return the rating with its trace as plain JSON values."""
        return {
            "score": self.score,
            "name": self.name,
            "sms": self.sms,
            "rules_version": self.rules_version,
            "reason": self.reason,
            "trace": [step.as_json() for step in self.trace],
        }


def security(evidence: TrialEvidence, *, rules: Rules = CURRENT) -> Security:
    """Rate one trial and outcome, with the trace of every rule that fired.

    Parameters
    ----------
    evidence : the facts; their own checks have passed.
    rules : the cut-offs, by version.
    """
    ladder, sms = design(evidence, rules)
    strength = power(evidence, rules)
    lost = attrition(evidence, rules)
    fired = caps(evidence, rules)
    steps = [ladder, *([strength] if strength else []), lost, *fired]
    if any(step.rule == NO_RATING for step in fired):
        reason = "Clustering or serial correlation was ignored: no rating until it is analysed again (C9)"
        return Security(None, sms, rules.version, tuple(steps), reason)
    if strength is None:
        reason = "Power cannot be judged: the estimate is a difference and the outcome's spread is not given"
        return Security(None, sms, rules.version, tuple(steps), reason)
    counted, notes = scored_threats(evidence.threats, {step.rule for step in fired})
    cost = drop(counted)
    lowest = min(_number(step) for step in steps)
    score = max(0, lowest - _number(cost))
    total = Step(
        "SECURITY",
        "result",
        f"Lowest of the ladders and caps {lowest}, less {_number(cost)}: {score}, {NAMES[score]}",
        score,
        {"lowest": lowest, "drop": _number(cost)},
    )
    return Security(score, sms, rules.version, (*steps, *notes, cost, total))


def _number(step: Step) -> int:
    return int(step.effect or 0)
