"""The runs: what ended well is still there, and says so."""

from itertools import islice

from centre.models import AuditEvent, Run
from centre.verification.report import Report


def finished_runs(report: Report) -> None:
    """Find the runs whose good end is on the log and that are gone, or stand otherwise now."""
    events = AuditEvent.objects.filter(event="run.done").order_by("pk").values_list("subject_id", flat=True)
    found = events.iterator(chunk_size=2000)
    while keys := list(islice(found, 2000)):
        report.checked += len(keys)
        states = {
            str(key): state for key, state in Run.objects.filter(pk__in=keys).values_list("pk", "state")
        }
        for key in keys:
            if states.get(key) != Run.State.DONE:
                report.find(f"run {key}", f"ended well, and is {states.get(key, 'gone')} now")
