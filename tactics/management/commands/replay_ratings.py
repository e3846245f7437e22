"""`manage.py replay_ratings --rules VERSION`: all history under other rules, adopting nothing.

Exit 0: replayed, whatever would change; 2: no such version, or the cut-offs are refused.
"""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from tactics.actions.replays import Replayed, replay_all
from tactics.models import rules_in_use
from tactics.rating import VERSIONS, BadRules, Rules, proposed

REFUSED = 2


class Command(BaseCommand):
    """Show every label that would change."""

    help = "Rates all history again by another version of the rules and prints, as JSON, what would change."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the version, and cut-offs that are only thought of."""
        parser.add_argument("--rules", required=True, help="a version, such as RULES-1.0")
        parser.add_argument(
            "--cutoffs",
            type=Path,
            help="JSON object of cut-offs that differ from the rules in use: a version not built in yet",
        )
        parser.add_argument("--all", action="store_true", help="list what would stay as well")

    def handle(self, **options: Any) -> None:
        """Replay and print."""
        try:
            rules = _rules(options["rules"], options["cutoffs"])
        except (BadRules, OSError, ValueError) as refusal:
            self.stderr.write(str(refusal))
            sys.exit(REFUSED)
        replayed = list(replay_all(rules))
        labels = sum(one.changes_label for one in replayed)
        self.stderr.write(
            f"{len(replayed)} ratings replayed by {rules.version}: {labels} labels would change"
        )
        shown = [one for one in replayed if options["all"] or one.changes_label or one.changes_strength]
        answer = {
            "rules": rules.version,
            "ratings": len(replayed),
            "labels_that_change": labels,
            "strengths_that_change": sum(one.changes_strength for one in replayed),
            "same": sum(one.is_same for one in replayed),
            "changes": [as_json(one) for one in shown],
        }
        self.stdout.write(json.dumps(answer, ensure_ascii=False))


def _rules(version: str, cutoffs: Path | None) -> Rules:
    if cutoffs is not None:
        return proposed(version, json.loads(cutoffs.read_text(encoding="utf-8")), rules_in_use())
    if version not in VERSIONS:
        raise BadRules(f"There is no version “{version}”: choose {', '.join(VERSIONS)}, or give --cutoffs")
    return VERSIONS[version]


def as_json(one: Replayed) -> dict[str, Any]:
    """Return one replayed rating as plain JSON values."""
    rating, result = one.rating, one.result
    return {
        "rating": str(rating.pk),
        "tactic": rating.tactic.slug,
        "outcome_domain": rating.outcome_domain.slug,
        "computed_at": rating.computed_at.isoformat(),
        "is_current": rating.is_current,
        "rules_before": rating.rules_version,
        "label_before": rating.label,
        "label_after": result.label.value,
        "strength_before": rating.strength,
        "strength_after": result.strength,
        "why": one.lines,
    }
