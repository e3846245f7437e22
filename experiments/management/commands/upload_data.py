"""`manage.py upload_data`: what the upload page does, for a file that is already on this machine.

Prints the run as JSON. Exit 0: kept as a version; 2: refused, with every problem on standard error, one a line.
"""

import json
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from centre.errors import Refusal
from centre.models import Run, User
from experiments import tasks
from experiments.actions import datasets
from experiments.models import Dataset, Trial

REFUSED = 2


class Command(BaseCommand):
    """A file, a trial, and the person who sends it: their permissions hold here as in the page."""

    help = "Send a data file (CSV or Parquet) to a trial, as a person who may."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the options."""
        parser.add_argument("--trial", required=True, help="the trial's number, or its id")
        parser.add_argument("--file", type=Path, required=True, help="the data, as CSV or Parquet")
        parser.add_argument("--by", required=True, help="e-mail address of the person who sends it")
        parser.add_argument("--kind", choices=Dataset.Kind.values, default=Dataset.Kind.OUTCOME)
        parser.add_argument("--reason", default="", help="why this version replaces the one before")
        parser.add_argument("--patience", type=float, default=600, help="seconds to wait for the check")

    def handle(self, **options: Any) -> None:
        """Send it, have it checked, and say what came of it."""
        person = User.objects.filter(email__iexact=options["by"], is_active=True).first()
        if person is None:
            raise CommandError(f"Nobody signs in as {options['by']}: add them with manage.py add_person")
        trial = Trial.objects.visible_to(person).by_ref(options["trial"]).first()
        if trial is None:
            raise CommandError(f"{person} can see no trial {options['trial']}")
        try:
            with options["file"].open("rb") as file:
                run = datasets.receive(
                    trial=trial,
                    file=file,
                    filename=options["file"].name,
                    kind=options["kind"],
                    reason=options["reason"],
                    by=person,
                )
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read: {error.strerror}") from error
        except Refusal as refusal:
            self._refuse(
                [(problem.pointer, problem.message) for problem in refusal.problems], refusal.message
            )
        tasks.ingest(str(run.pk))  # here and now, unless a worker has taken it already
        self._tell(self._ended(run, options["patience"]))

    def _ended(self, run: Run, patience: float) -> Run:
        deadline = time.monotonic() + patience
        run.refresh_from_db()
        while not run.is_finished:
            if time.monotonic() > deadline:
                raise CommandError(f"Run {run.pk} has not ended after {patience:.0f} seconds; it goes on.")
            time.sleep(0.2)
            run.refresh_from_db()
        return run

    def _tell(self, run: Run) -> None:
        shown = {
            "run": str(run.pk),
            "state": run.state,
            **{key: run.links.get(key) for key in ("dataset", "message")},
        }
        self.stdout.write(json.dumps(shown))
        if run.state != Run.State.DONE:
            self._refuse([(problem["pointer"], problem["message"]) for problem in run.problems], run.error)

    def _refuse(self, problems: list[tuple[str, str]], message: str) -> None:
        for pointer, text in problems or [("", message)]:
            self.stderr.write(f"{pointer}: {text}" if pointer else text)
        sys.exit(REFUSED)
