"""A release is computed again: the plan runs on the vault's data, and every number is held against the published."""

import hashlib
import io
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.csv
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from centre import audit
from centre.errors import Refusal
from centre.models import Run, User
from centre.runs import Cancelled, Context, LeaseLost
from experiments.analysis import sealing
from experiments.analysis.behind import Audience
from experiments.analysis.delivery import dose_ledger, with_delivered
from experiments.analysis.packaging import subjects
from experiments.analysis.registered import registered
from experiments.analysis.release import result_document
from experiments.models import Analysis, Release, Verification
from experiments.packages import again
from experiments.packages.comparing import TOLERANCE, Comparison, Difference, compare, is_same_image
from experiments.packages.sources import engine_zip
from experiments.stats import plan as plans
from experiments.stats.errors import BadData, BadPlan

log = logging.getLogger(__name__)

Progress = Callable[[float, str], None]
MOST_KEPT = 100  # differences of one verification; their number is kept whole
ENOUGH = 0.6  # of a Run's time; what starts later may not end in it
EXACT = "/exact"  # before the pointers of numbers that were not released: the values themselves stay inside


@dataclass(frozen=True, slots=True)
class Verified:
    """What came of computing a release again; `reason` where it could not be done."""

    release: Release
    verdict: Verification.Verdict
    engine_version: str = ""
    is_same_image: bool | None = None
    n_numbers: int = 0
    differences: tuple[Difference, ...] = ()
    reason: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "release": str(self.release.public_id),
            "verdict": self.verdict.value,
            "engine_version": self.engine_version,
            "is_same_image": self.is_same_image,
            "n_numbers": self.n_numbers,
            "n_differences": len(self.differences),
            "differences": [one.as_json() for one in self.differences],
            "reason": self.reason,
        }


def replicate(release: Release, progress: Progress) -> Verified:
    """Compute a release again, and compare: the exact numbers that the vault keeps, and the released ones.

    Released numbers are rounded, so the exact ones show a change long before it reaches what is published.
    """
    try:
        analysis = release.analysis
        kept, exact = result_document(analysis), _computed(analysis, progress)
        rounded = again.rounding(
            subjects(release), Audience(analysis).sizes(), release.note, again.policy_of(release.document)
        )
        has_words = _is_same_engine(release)
        made = again.beside(release.document, exact, rounded, words=has_words)
    except (BadPlan, BadData) as refusal:
        # Problems name rows and values, and the reason is public.
        log.error("Release %s: %s", release.public_id, "; ".join(map(str, refusal.problems)))
        reason = "The engine now refuses the plan or the data; the log says why."
        return Verified(release, Verification.Verdict.NOT_DONE, reason=reason)
    except Refusal as refusal:  # a file of the vault is gone or damaged
        return Verified(release, Verification.Verdict.NOT_DONE, reason=refusal.message)
    tolerance = 0.0 if is_same_image(kept, exact) else TOLERANCE
    inside = compare(kept, exact, tolerance=tolerance, words=has_words)
    found = (*made.comparison.differences, *_without_values(inside))
    return Verified(
        release,
        Verification.Verdict.DIFFERS if found else Verification.Verdict.SAME,
        engine_version=exact["provenance"]["engine_version"],
        is_same_image=made.is_same_image,
        n_numbers=made.comparison.n_numbers,
        differences=found,
    )


def verify(context: Context) -> Callable[[], dict[str, Any]]:
    """Compute the releases that the Run names again; return what records each verification.

    What would not be done in time is left to the next Run: a Run that is stopped has written nothing.
    """
    wanted = context.run.params["releases"]
    found = {
        str(one.public_id): one for one in Release.objects.for_verification().filter(public_id__in=wanted)
    }
    releases = [found[key] for key in wanted if key in found]
    done: list[Verified] = []
    started = time.monotonic()
    for place, release in enumerate(releases):
        if done and not _fits(release, time.monotonic() - started):
            break
        tell = _part(context, place / len(releases), 1 / len(releases), str(release.trial.number))
        tell(0.0, "Reading the data")
        done.append(_tried(release, tell))
    return lambda: _recorded(done, context.run)


def _part(context: Context, start: float, share: float, name: str) -> Progress:
    return lambda fraction, words: context.progress(0.98 * (start + share * fraction), f"{name}: {words}")


def _fits(release: Release, elapsed: float) -> bool:
    """Return whether a release can be computed again in what is left of the Run's time, by how long it took before."""
    took = float(release.document["provenance"].get("seconds", 0.0))
    return elapsed + 2 * took < ENOUGH * settings.CELERY_TASK_SOFT_TIME_LIMIT


def _tried(release: Release, progress: Progress) -> Verified:
    """Compute one release again; an error of ours on one must not hide the others, and is an alarm itself."""
    try:
        return replicate(release, progress)
    except (Cancelled, LeaseLost, SoftTimeLimitExceeded, MemoryError):
        raise
    except Exception:
        log.exception("Release %s could not be computed again", release.public_id)
        reason = "The engine failed on it: an error on our side, which stands in the log."
        return Verified(release, Verification.Verdict.NOT_DONE, reason=reason)


def keep(done: Verified, *, by: User | None, run: Run | None = None) -> Verification:
    """What came of it is on the record, and where it is not the same numbers, in the log that wakes people."""
    made: Verification = Verification.objects.create(
        release=done.release,
        at=timezone.now(),
        by=by,
        run=run,
        verdict=done.verdict,
        engine_version=done.engine_version,
        is_same_image=done.is_same_image,
        n_numbers=done.n_numbers,
        n_differences=len(done.differences),
        differences=[one.told() for one in done.differences[:MOST_KEPT]],
        reason=done.reason,
    )
    detail = {
        "release": str(done.release.public_id),
        "verdict": made.verdict,
        "differences": made.n_differences,
    }
    audit.record("release.verified", subject=done.release.trial, by=by, detail=detail)
    if made.verdict != Verification.Verdict.SAME:
        log.error("Release %s of %s: %s", done.release.public_id, done.release.trial.number, made.verdict)
    return made


def inputs(analysis: Analysis) -> tuple[bytes, dict[str, Any]]:
    """Return the rows that the engine was given as CSV, and what it was told of the registration.

    Both hold what was not released: they are for those who may have the data.
    """
    sink = io.BytesIO()
    pyarrow.csv.write_csv(_table(analysis, plans.parse(dict(analysis.plan))), sink)
    return sink.getvalue(), again.registered_json(registered(analysis), Audience(analysis).sizes())


def _recorded(done: list[Verified], run: Run) -> dict[str, Any]:
    rows = [keep(one, by=run.requested_by, run=run) for one in done]
    differ = sum(row.verdict != Verification.Verdict.SAME for row in rows)
    message = f"{len(rows)} computed again, {len(rows) - differ} with the same numbers"
    links: dict[str, Any] = {"message": message, "verifications": len(rows), "alarms": differ}
    if len(done) == 1:
        release = done[0].release
        page = reverse("release-detail", args=[release.trial.ref, release.public_id])
        links |= {"page": page, "label": "See the release", "release": str(release.public_id)}
    return links


def _computed(analysis: Analysis, progress: Progress) -> dict[str, Any]:
    plan = plans.parse(dict(analysis.plan))
    return again.compute(
        plan,
        _table(analysis, plan),
        registered=registered(analysis),
        data_sha256=analysis.dataset.file_sha256,
        progress=progress,
    )


def _table(analysis: Analysis, plan: plans.Plan) -> pa.Table:
    """Return the columns as the analysis had them: the dose by the reports that there were then."""
    available = sealing.column_names(analysis.dataset)
    table = sealing.columns(analysis.dataset, [name for name in plan.roles() if name in available])
    if analysis.delivery is None:
        return table
    ledger = dose_ledger(analysis.trial, only=analysis.delivery["reports"])
    return table if ledger is None else with_delivered(table, ledger, plan.columns)


def _is_same_engine(release: Release) -> bool:
    """Return whether the engine's sources are those that the package has; then its words must be the same too."""
    kept = release.package_files.filter(name="engine.zip").first()
    return kept is not None and kept.sha256 == hashlib.sha256(engine_zip()).hexdigest()


def _without_values(inside: Comparison) -> list[Difference]:
    """Return where exact numbers differ and by how much, without the numbers, which nobody cleared."""
    return [Difference(f"{EXACT}{one.pointer}", None, None, one.relative) for one in inside.differences]
