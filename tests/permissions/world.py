"""What the matrix is asked about: one trial that is public, one under embargo, one in draft, and what hangs on them."""

import datetime as dt
from types import SimpleNamespace
from typing import Any

from centre import runs, tokens
from experiments.models import Dataset, Trial
from tactics.models import Rating
from tests.integration.experiments_pages import stages
from tests.integration.tactics import library

STATES = ("public", "embargoed", "draft")
NOWHERE = "00000000-0000-4000-8000-000000000000"


def build(cast: SimpleNamespace) -> dict[str, dict[str, Any]]:
    """Return, for each state, what the parts of an address stand for."""
    release = stages.published(cast)
    held = stages.cleared(cast)
    until = dt.date.today() + dt.timedelta(days=90)
    Trial.objects.filter(pk=held.trial_id).update(visibility="embargoed", embargo_until=until)
    shown = {"rating_id": Rating.objects.public().first().pk, "slug": release.trial.tactic.slug}
    sketch = library.proposed(cast.force_user, "A tactic in draft")
    waiting = library.published(cast.registrar, "A tactic with a candidate")
    library.found(waiting, cast.publisher)
    candidate = {"rating_id": library.candidate(waiting).pk, "slug": sketch.slug}
    return {
        "public": {**_of_trial(release), **shown},
        "embargoed": {**_of_trial(held), **candidate},
        "draft": {**_of_draft(stages.draft(cast)), **candidate},
        "always": {
            "slug": "testshire",
            "run_id": runs.submit(
                task="experiments.analyse", title="Held", subject=held.trial, by=cast.analyst
            ).pk,
            "public_id": tokens.make(name="laptop", scope="read", days=1, by=cast.analyst)[0].public_id,
            "path": "v1/no/such/address/",
        },
    }


def _of_trial(release: Any) -> dict[str, Any]:
    return {
        "ref": release.trial.number,
        "version": "1.0",
        "step": "arms",
        "dataset_id": Dataset.objects.get(trial=release.trial).public_id,
        "analysis_id": release.analysis.public_id,
        "release_id": release.public_id,
        "name": "result.json",
        "outcome_domain": "burglary",
    }


def _of_draft(trial: Any) -> dict[str, Any]:
    missing = {name: NOWHERE for name in ("dataset_id", "analysis_id", "release_id")}
    same = {"version": "1.0", "step": "arms", "name": "result.json", "outcome_domain": "burglary"}
    return {"ref": str(trial.public_id), **missing, **same}
