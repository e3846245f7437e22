"""A trace: the ids of the rules that fired, the values they fired on, in words."""

from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["score", "cap", "threat", "drop", "note", "code", "band", "start", "change", "label", "result"]


@dataclass(frozen=True, slots=True)
class Step:
    """One rule that fired. `effect` is the score, cap, drop or change it gave."""

    rule: str
    kind: Kind
    text: str
    effect: float | str | None = None
    values: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the step as plain JSON values."""
        return {
            "rule": self.rule,
            "kind": self.kind,
            "text": self.text,
            "effect": self.effect,
            "values": self.values,
        }
