"""The audit log: each event follows from the one before, and leads to every head that was published."""

from collections.abc import Iterable
from itertools import islice
from typing import Any

from centre import audit, imprints
from centre.models import AuditEvent, AuditHead
from centre.verification.report import Report

_CHUNK = 2000


def audit_log(report: Report) -> None:
    """Recompute the chain, compare it with the published heads, and look for the rows that it announced."""
    heads = _heads(report)
    previous = audit.GENESIS
    events = AuditEvent.objects.order_by("pk").iterator(chunk_size=_CHUNK)
    while chunk := list(islice(events, _CHUNK)):
        for event in chunk:
            report.checked += 1
            if event.previous_hash != previous:
                report.find(f"event {event.pk}", "does not follow from the event before it")
            if audit.digest(event) != event.hash:
                report.find(f"event {event.pk}", "was changed: it does not give its own hash")
            previous = event.hash
            _compare(report, heads.pop(report.checked, ()), event.hash)
        _look_for_announced(report, chunk)
    for count, missing in heads.items():
        for head in missing:
            report.find(f"head of {head['day']}", f"had {count:,} events; the log has {report.checked:,}")


def _heads(report: Report) -> dict[int, list[dict[str, Any]]]:
    """Return the heads of the database, and those that somebody kept, by how many events they follow."""
    found: dict[int, list[dict[str, Any]]] = {}
    for head in (*(row.as_json() for row in AuditHead.objects.all()), *report.heads):
        found.setdefault(int(head["events"]), []).append(head)
    found.pop(0, None)
    return found


def _compare(report: Report, heads: Iterable[dict[str, Any]], reached: str) -> None:
    for head in heads:
        if head["hash"] != reached:
            report.find(
                f"head of {head['day']}", f"event {report.checked:,} is not the one that was published"
            )


def _look_for_announced(report: Report, events: list[AuditEvent]) -> None:
    """Find the rows of frozen tables that an event speaks of and that are gone."""
    named: dict[str, set[str]] = {}
    for event in events:
        named.setdefault(event.subject_type, set()).add(event.subject_id)
    for table, keys in named.items():
        model = imprints.model_of(table)
        if model is None:
            continue
        there = {str(key) for key in model._base_manager.filter(pk__in=keys).values_list("pk", flat=True)}
        for key in sorted(keys - there):
            report.find(f"{table} {key}", "is spoken of by the audit log and is gone")
