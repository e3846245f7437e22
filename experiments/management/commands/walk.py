"""`manage.py walk`: a real panel through every step of the registry, with the time and memory of each."""

import shlex
import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from centre.errors import Refusal
from centre.local.redis import RedisUnavailable
from experiments.management.walking import panel, protocols, report, workers
from experiments.management.walking.measuring import Ledger
from experiments.management.walking.steps import Walk
from experiments.models import Trial
from experiments.reader import FileRefused
from experiments.stats import plan as plans
from experiments.stats import strict_json
from experiments.stats.errors import BadPlan

SOURCE = (
    "the Chicago Police Department's staggered roll-out of procedural-justice training (Wood, Tyler, Papachristos, "
    "Roth and Sant'Anna 2020; Roth and Sant'Anna 2023), as distributed with the R package staggered"
)


class Command(BaseCommand):
    """Tactic, protocol, registration, units, data, runs, release, finding, rating: by one person for each role."""

    help = (
        "Take a panel with staggered treatment starts the whole way through the registry. In the embedded default "
        "the database is migrated, and a worker is started where none answers."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the options."""
        parser.add_argument(
            "--panel", type=Path, required=True, help="the panel, as CSV (gzip allowed) or Parquet"
        )
        parser.add_argument("--plan", type=Path, required=True, help="the analysis plan, as JSON")
        parser.add_argument(
            "--name", default="Procedural-justice training in Chicago", help="title of the trial"
        )
        parser.add_argument("--source", default=SOURCE, help="where the data come from, in words")
        parser.add_argument(
            "--work-dir", type=Path, help="place for the worker's log (default: a temporary folder)"
        )
        parser.add_argument("--patience", type=float, default=600, help="seconds to wait for one run")
        parser.add_argument("--report", type=Path, help="write the result as Markdown here")

    def handle(self, **options: Any) -> None:
        """Walk, and print the table of steps."""
        _migrate()
        ledger = Ledger()
        try:
            with ledger.step("Plan and panel read", "–"):
                plan = plans.parse(strict_json.loads(options["plan"].read_bytes()))
                self._check(plan, options["name"])
                found = panel.read(options["panel"], plan)
            with tempfile.TemporaryDirectory(prefix="walk-") as temporary:
                work_dir = options["work_dir"] or Path(temporary)
                work_dir.mkdir(parents=True, exist_ok=True)
                with workers.at_hand(work_dir):
                    walk = Walk(options["name"], options["source"], found, options["patience"], ledger)
                    walked = walk.run()
        except (BadPlan, FileRefused) as refusal:
            raise CommandError("\n".join(str(problem) for problem in refusal.problems)) from refusal
        except Refusal as refusal:
            lines = [f"{problem.pointer}: {problem.message}" for problem in refusal.problems]
            raise CommandError("\n".join([refusal.message, *lines])) from refusal
        except (workers.NoWorker, workers.RunRefused, RedisUnavailable, OSError) as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(report.text_table(ledger.steps))
        self.stdout.write(
            f"\nTrial {walked.trial.number} is {walked.trial.results_state}: {protocols.NOTICE}."
        )
        if options["report"]:
            text = report.markdown(
                walked, found, ledger.steps, source=options["source"], command=_command(options)
            )
            options["report"].write_text(text, encoding="utf-8")

    def _check(self, plan: plans.Plan, name: str) -> None:
        columns = plan.columns
        if columns.unit is None or columns.period is None or columns.first_treated is None:
            raise CommandError(
                "The plan must name the columns of unit, period and first_treated: a roll-out is walked."
            )
        if unknown := protocols.unknown_outcomes(plan):
            known = ", ".join(protocols.OUTCOMES)
            raise CommandError(f"The walk knows the outcomes {known}, not {', '.join(unknown)}.")
        if Trial.objects.filter(title=name).exists():
            raise CommandError(f"“{name}” has been walked in this database. Give another --name.")


def _migrate() -> None:
    """Make the embedded database ready; a production one is left to its owners."""
    if settings.EMBEDDED:
        call_command("migrate", verbosity=0, interactive=False)
        return
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise CommandError("The database is not migrated. Run first: manage.py migrate")


def _command(options: dict[str, Any]) -> str:
    """Return the command as a reader would repeat it, wherever their copy of the panel lies."""
    words = ["python", "manage.py", "walk", "--panel", options["panel"].name, "--plan", str(options["plan"])]
    return shlex.join(words)
