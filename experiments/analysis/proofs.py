"""What `manage.py verify` proves of trials: what was registered, drawn, computed and released is what stands there."""

import json

from centre import vault
from centre.models import AuditEvent, Run
from centre.verification.report import Report
from experiments import protocol, randomise
from experiments.analysis.evidence import verifies
from experiments.lifecycle import CHECKS_NEEDED
from experiments.models import Allocation, Amendment, Analysis, Registration, Release, ReleaseCheck

_CHUNK = 200


def registrations(report: Report) -> None:
    """Hash every registered protocol again, and follow the versions of each trial from the first."""
    announced = dict(
        AuditEvent.objects.filter(event="trial.registered").values_list("subject_id", "detail__object")
    )
    before: Registration | None = None
    for row in Registration.objects.order_by("trial", "major", "minor").iterator(chunk_size=_CHUNK):
        report.checked += 1
        where = f"registration {row.pk} (trial {row.trial_id}, version {row.version})"
        before = before if before and before.trial_id == row.trial_id else None
        if protocol.digest(row.frozen_protocol) != row.sha256:
            report.find(where, "its text does not give its hash")
        if row.previous_id != (before.pk if before else None):
            report.find(where, "does not follow from the version before it")
        if before is None and announced.pop(str(row.trial_id), row.sha256) != row.sha256:
            report.find(where, "is not the text that the audit log says was registered")
        before = row
    for trial in announced:
        report.find(f"trial {trial}", "was registered, and has no registration")
    _amendments(report)


def _amendments(report: Report) -> None:
    """Check that each amendment in force became the version that it proposed, of the version that it speaks of."""
    in_force = Amendment.objects.filter(registration__isnull=False).select_related("registration", "base")
    for row in in_force.order_by("pk").iterator(chunk_size=_CHUNK):
        report.checked += 1
        made = row.registration
        if made.trial_id != row.trial_id or row.base.trial_id != row.trial_id:
            report.find(f"amendment {row.pk}", "names a version of another trial")
        if row.decision != Amendment.Decision.APPROVE:
            report.find(f"amendment {row.pk}", "is in force, and nobody approved it")


def allocations(report: Report) -> None:
    """Draw every allocation again from its seed, and compare it bit for bit with what is kept."""
    for row in Allocation.objects.order_by("pk").iterator(chunk_size=20):
        report.checked += 1
        where = f"allocation {row.pk} (trial {row.trial_id})"
        if row.is_drawn and row.has_seed and not verifies(row):
            report.find(where, "does not come out of its seed as it is kept")
        if row.is_drawn and not row.is_one_by_one and not _lines_agree(row):
            report.find(where, "a unit's arm, block or tag is not the one that the draw gives")


def _lines_agree(row: Allocation) -> bool:
    """Return whether the draw gives every line of the list, with its block, tag and stratum."""
    units = list(row.units.all())
    drawn = randomise.draw([unit.as_drawn() for unit in units], row.scheme, row.drawing_seed)
    expected = {
        unit.code: (
            drawn.assignments[unit.code],
            drawn.blocks.get(unit.code, ""),
            drawn.tags[unit.code],
            unit.stratum,
            unit.cluster,
        )
        for unit in units
    }
    lines = row.assignments.values_list("unit", "arm", "block", "tag", "stratum", "cluster")
    return expected == {unit: tuple(rest) for unit, *rest in lines}


def releases(report: Report) -> None:
    """Check that two people who did not make it cleared each published release, and that its document is the one."""
    published = Release.objects.filter(published_at__isnull=False).select_related("analysis", "trial")
    for row in published.order_by("pk").prefetch_related("files", "checks").iterator(chunk_size=50):
        report.checked += 1
        where = f"release {row.pk} (trial {row.trial_id})"
        makers = {row.prepared_by_id, row.analysis.requested_by_id, row.trial.created_by_id}
        clear = {
            check.checker_id for check in row.checks.all() if check.decision == ReleaseCheck.Decision.CLEAR
        }
        if len(clear - makers) < CHECKS_NEEDED or row.is_refused:
            report.find(where, "was not cleared by two people who did not make it")
        if row.published_by_id in clear | makers:
            report.find(where, "was published by somebody who made or cleared it")
        files = {file.name: file.sha256 for file in row.files.all()}
        if "result.json" not in files:
            report.find(where, "has no result.json")
        elif json.loads(vault.read(files["result.json"])) != row.document:
            report.find(where, "its document is not the one in its result.json")


def analyses(report: Report) -> None:
    """Check that every analysis whose run ended well has its results, and none without."""
    rows = Analysis.objects.select_related("run").order_by("pk")
    for row in rows.iterator(chunk_size=_CHUNK):
        report.checked += 1
        if (row.run.state == Run.State.DONE) != row.is_finished:
            report.find(f"analysis {row.pk}", f"its run is {row.run.state}, and it says otherwise")
        if row.is_finished and not row.results.exists():
            report.find(f"analysis {row.pk}", "is finished and has no results")
