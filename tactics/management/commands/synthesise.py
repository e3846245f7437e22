"""Pool effects from a file: one JSON document on standard output, and nothing else there.

Needs no database. Exit 0: pooled; 3: it cannot be estimated, with the reason; 2: the file or the options
are refused, with the problems on standard error, one a line.
"""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from tactics.effects_file import Effects, EffectsRefused, read
from tactics.synthesis import (
    METHODS,
    PREDICTIONS,
    TESTS,
    BadEffects,
    Counts,
    NotEstimable,
    Options,
    log_odds_ratios,
    synthesise,
    synthesise_counts,
)

MANTEL_HAENSZEL = "MH"
REFUSED = 2
NOT_ESTIMABLE = 3


class Command(BaseCommand):
    """``manage.py synthesise --data effects.csv``."""

    help = (
        "Pool the effects of a CSV file (columns yi and vi or sei; or events and people, ai, n1i, ci, n2i, as "
        "log odds ratios) and print the answer as JSON."
    )
    requires_system_checks: list[str] = []  # starts fast, needs no database

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the options of the contract."""
        parser.add_argument(
            "--data", type=Path, required=True, help="CSV: yi, vi or sei; optional study, weight"
        )
        parser.add_argument(
            "--method",
            choices=(*METHODS, MANTEL_HAENSZEL),
            default="REML",
            help="MH: Mantel-Haenszel, from counts",
        )
        parser.add_argument("--test", choices=TESTS, default="knha", help="knha: Hartung-Knapp; z: normal")
        parser.add_argument("--level", type=float, default=0.95)
        parser.add_argument("--floor", action="store_true", help="never let Hartung-Knapp be narrower than z")
        parser.add_argument("--prediction", choices=PREDICTIONS, default="hts", help="hts: t with k - 2")
        parser.add_argument("--moderators", default="", help="names of columns, with commas between them")

    def handle(self, **options: Any) -> None:
        """Read, pool, print."""
        names = [name.strip() for name in options["moderators"].split(",") if name.strip()]
        try:
            effects = read(options["data"].read_bytes(), names)
            answer = _answer(effects, options)
        except OSError as fault:
            self._end([f"--data: {fault.strerror}: {options['data']}"], REFUSED)
        except EffectsRefused as refusal:
            self._end(refusal.problems, REFUSED)
        except BadEffects as refusal:
            self._end([refusal.message], REFUSED)
        except NotEstimable as refusal:
            self.stdout.write(json.dumps({"not_estimable": {"estimate": refusal.message}}))
            self._end([refusal.message], NOT_ESTIMABLE)
        else:
            self.stdout.write(json.dumps(answer, allow_nan=False, ensure_ascii=False))

    def _end(self, lines: list[str], code: int) -> None:
        for line in lines:
            self.stderr.write(line)
        sys.exit(code)


def _answer(effects: Effects, options: dict[str, Any]) -> dict[str, Any]:
    counts = [Counts(*row) for row in effects.counts] if effects.counts is not None else None
    if options["method"] == MANTEL_HAENSZEL:
        if counts is None or effects.moderators or effects.weights:
            raise BadEffects("--method MH takes the columns ai, n1i, ci and n2i, no weight and no moderators")
        Options(level=options["level"])  # refuses a level that is none
        return synthesise_counts(counts, studies=effects.studies, level=options["level"])
    yi, vi = (effects.yi, effects.vi) if counts is None else log_odds_ratios(counts)
    chosen = Options(
        method=options["method"],
        test=options["test"],
        level=options["level"],
        floor=options["floor"],
        prediction=options["prediction"],
    )
    return synthesise(
        yi,
        vi,
        studies=effects.studies,
        moderators=dict(effects.moderators) or None,
        weights=effects.weights,
        options=chosen,
    )
