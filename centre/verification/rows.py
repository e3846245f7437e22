"""The frozen rows: each is as it was written, none is missing, and none came without an imprint."""

from collections.abc import Iterable, Iterator

from django.db.models import Count, Q

from centre import audit, frozen, imprints
from centre.models import AuditHead, Imprint
from centre.verification.report import Report

_CHUNK = 500
Row = frozen.FrozenModel


def frozen_rows(report: Report) -> None:
    """Compare every row with its imprint, count rows against imprints, and the imprints with the published heads."""
    models = {model._meta.label_lower: model for model in imprints.imprinted_models()}
    known = set(Imprint.objects.values_list("table", flat=True).distinct())
    for label, model in models.items():
        _Table(model, report).check(label in known)
    for table in sorted(known - models.keys()):
        report.find(f"imprint of {table}", "names a table that there is not")
    _check_heads(report)


class _Table:
    """One frozen table and its imprints."""

    def __init__(self, model: type[Row], report: Report) -> None:
        self.model, self.report, self.label = model, report, model._meta.label_lower
        self.taken, self.set = 0, dict.fromkeys(model.frozen_except, 0)

    def check(self, has_imprints: bool) -> None:
        if has_imprints:
            for batch in _batches(imprints.of_table(self.label).iterator(chunk_size=_CHUNK)):
                self._compare(batch)
        found = self.model._base_manager.aggregate(
            rows=Count("pk"), **{name: self._is_set(name) for name in self.set}
        )
        rows = found.pop("rows")
        self.report.checked += rows
        if rows != self.taken:
            self._name_strangers(rows)
        for name, set_now in found.items():
            if set_now != self.set[name]:
                message = f"was set in {self.set[name]:,} rows, and is set in {set_now:,}"
                self.report.find(f"{self.label}.{name}", message)

    def _is_set(self, name: str) -> Count:
        """Count the rows in which a field that is set once has a value."""
        is_set = Q(**{f"{name}__isnull": False})
        if self.model._meta.get_field(name).get_internal_type() in ("CharField", "TextField"):
            is_set &= ~Q(**{name: ""})
        return Count("pk", filter=is_set)

    def _compare(self, batch: list[Imprint]) -> None:
        keys = {key for imprint in batch for key in imprint.rows}
        there = self._read(keys)
        for imprint in batch:
            self._count(imprint)
            gone = [key for key in imprint.rows if key not in there]
            for key in gone:
                self.report.find(f"{self.label} {key}", "was written, and is gone or cannot be read")
            if not gone and not self._holds(imprint, [there[key] for key in imprint.rows]):
                self._name_changed(imprint)

    def _read(self, keys: Iterable[str]) -> dict[str, Row]:
        """Return the rows by their keys; where one of them cannot be read, read them one by one."""
        try:
            return {str(row.pk): row for row in self.model._base_manager.filter(pk__in=list(keys))}
        except Exception:
            return {key: row for key in keys if (row := self._read_alone(key)) is not None}

    def _read_alone(self, key: str) -> Row | None:
        try:
            found: Row | None = self.model._base_manager.filter(pk=key).first()
        except Exception:
            return None
        return found

    def _holds(self, imprint: Imprint, rows: list[Row]) -> bool:
        try:
            return imprints.digest(imprint, rows) == imprint.hash
        except Exception:  # a value that its own field cannot read
            return False

    def _count(self, imprint: Imprint) -> None:
        if imprint.is_first:
            self.taken += len(imprint.rows)
        for name in set(imprint.fields.split(",")) & set(self.set):
            self.set[name] += len(imprint.rows)

    def _name_changed(self, imprint: Imprint) -> None:
        shown = ", ".join(imprint.rows[:20]) + (" or another beside them" if len(imprint.rows) > 20 else "")
        self.report.find(f"{self.label} {shown}", f"is not as it was written (imprint {imprint.pk})")

    def _name_strangers(self, rows: int) -> None:
        known = {
            key
            for keys in imprints.of_table(self.label).filter(is_first=True).values_list("rows", flat=True)
            for key in keys
        }
        for key in self.model._base_manager.values_list("pk", flat=True).iterator():
            if str(key) not in known:
                self.report.find(f"{self.label} {key}", "has no imprint: it was not written by the registry")
        self.report.find(self.label, f"has {rows:,} rows, and {self.taken:,} were written")


def _batches(found: Iterator[Imprint]) -> Iterator[list[Imprint]]:
    """Yield imprints of some hundred rows together, so that these are read with one question."""
    batch: list[Imprint] = []
    rows = 0
    for imprint in found:
        batch.append(imprint)
        rows += len(imprint.rows)
        if rows >= _CHUNK:
            yield batch
            batch, rows = [], 0
    if batch:
        yield batch


def _check_heads(report: Report) -> None:
    """Chain the imprints again, day by day."""
    before, since = audit.GENESIS, None
    for head in AuditHead.objects.order_by("day"):
        count, reached = imprints.chained(before, since, head.imprinted_until)
        if (count, reached) != (head.imprints, head.imprints_hash):
            report.find(
                f"head of {head.day}",
                f"had {head.imprints:,} new imprints with another hash; there are {count:,}",
            )
        before, since = head.imprints_hash, head.imprinted_until
    kept = {row.day.isoformat(): row.as_json() for row in AuditHead.objects.all()}
    for head in report.heads:
        if "imprints_hash" in head and kept.get(str(head["day"])) != head:
            report.find(f"head of {head['day']}", "was published otherwise than the database says now")
