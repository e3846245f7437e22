"""The unit list, the draw, its list for the custodian, the reveal, and what anyone needs to replay it."""

import csv
import io
import json
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from centre import audit, vault
from centre.errors import NotPermitted
from centre.permissions import Permission
from experiments import unit_list, verify_allocation
from experiments.actions import allocations
from experiments.forms.acts import ConfirmForm, UnitListForm
from experiments.lifecycle import Conduct
from experiments.models import TeamMember
from experiments.reader import export_cell
from experiments.views.pages import TrialAct, TrialPage

SHOWN = 20


class TrialAllocation(TrialPage):
    """What everybody may know of the draw; and for the custodian the next act."""

    template = "allocations/detail.html"
    is_inside = False

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show how far the allocation is."""
        allocation, registration = self.trial.allocation, self.trial.registration
        read = registration.frozen_protocol if registration else self.trial.draft
        may_see = may_see_list(self)
        return self.page(
            allocation=allocation,
            plan=read.allocation,
            arms=read.arms,
            may_draw=self.may(Permission.ALLOCATION_DRAW),
            may_see=may_see,
            sees_record=sees_record(self),
            sees_log=self.works_on_it,
            may_enrol=bool(allocation and allocation.is_one_by_one and self.may(Permission.CASE_ENROL)),
            is_baseline=self.trial.conduct_state == Conduct.BASELINE,
            rows=shown_rows(self)[:SHOWN] if may_see else [],
            shown=SHOWN,
        )


def may_see_list(page: TrialPage) -> bool:
    """Return whether the person may see who is in which arm: everybody once the seed is out, before that few."""
    allocation = page.trial.allocation
    if allocation is None:
        return False
    if is_open(page):
        return True
    return page.may(Permission.ALLOCATION_SEE) or bool(own_forces(page))


def is_open(page: TrialPage) -> bool:
    """Return whether everybody may see the list. Cases that came one by one are people: their ids stay inside."""
    allocation = page.trial.allocation
    return bool(
        allocation and allocation.is_revealed and page.trial.is_public and not allocation.is_one_by_one
    )


def sees_record(page: TrialPage) -> bool:
    """Return whether the person may see the record of the draw.

    It holds the hash of the allocation. For a small trial anybody could try every allocation against it, so before
    the seed is out it is the custodian's alone.
    """
    allocation = page.trial.allocation
    return bool(allocation and allocation.is_revealed) or page.may(Permission.ALLOCATION_SEE)


def own_forces(page: TrialPage) -> frozenset[int]:
    """Return the person's forces that deliver in this trial: each sees its own units and no others."""
    if not page.request.user.is_authenticated or not page.may(Permission.TRIAL_CONDUCT):
        return frozenset()
    if page.person.trial_teams.filter(trial=page.trial, role=TeamMember.Role.ANALYST).exists():
        return frozenset()
    return page.person.force_ids & page.trial.force_ids


def shown_rows(page: TrialPage) -> Any:
    """Return the rows of the list that the person may see: assignments once drawn, units before."""
    allocation = page.trial.allocation
    if allocation is None:
        raise Http404
    rows = allocation.assignments if allocation.is_drawn else allocation.units
    if is_open(page) or page.may(Permission.ALLOCATION_SEE):
        return rows.all()
    return rows.filter(force__in=own_forces(page))


class AllocationFreeze(TrialAct):
    """Freeze the list of units; for a draw this commits to a secret seed."""

    template = "allocations/freeze.html"
    needs = Permission.ALLOCATION_DRAW

    def form(self, *sent: Any) -> UnitListForm:
        """Return the form for the list."""
        return UnitListForm(*sent)

    def context(self) -> dict[str, Any]:
        """Return which columns the registered method needs."""
        registration = self.trial.registration
        plan = (registration.frozen_protocol if registration else self.trial.draft).allocation
        return {"plan": plan, "allocation": self.trial.allocation}

    def act(self, form: UnitListForm) -> str:
        """Freeze it."""
        lines = unit_list.read(form.content())
        reason = form.cleaned_data["overlap_reason"]
        made = allocations.freeze_units(trial=self.trial, lines=lines, overlap_reason=reason, by=self.person)
        messages.success(self.request, f"The list of {made.n_units:,} units is frozen.")
        return reverse("trial-allocation", args=[self.trial.ref])


class AllocationDraw(TrialAct):
    """Draw, once and for ever."""

    template = "allocations/draw.html"
    needs = Permission.ALLOCATION_DRAW

    def form(self, *sent: Any) -> ConfirmForm:
        """Return the confirmation."""
        return ConfirmForm(*sent[:1], word="draw")

    def context(self) -> dict[str, Any]:
        """Return the frozen list that will be drawn."""
        return {"allocation": self.trial.allocation}

    def act(self, form: ConfirmForm) -> str:
        """Draw it."""
        allocations.draw(trial=self.trial, by=self.person)
        messages.success(self.request, "Every unit has its arm. The draw cannot be repeated.")
        return reverse("trial-allocation", args=[self.trial.ref])


class AllocationReveal(TrialAct):
    """Make the seed public, so that anyone can replay the draw."""

    template = "allocations/reveal.html"
    needs = Permission.ALLOCATION_DRAW

    def form(self, *sent: Any) -> ConfirmForm:
        """Return the confirmation."""
        return ConfirmForm(*sent[:1], word="reveal")

    def context(self) -> dict[str, Any]:
        """Return the draw."""
        return {"allocation": self.trial.allocation}

    def act(self, form: ConfirmForm) -> str:
        """Reveal it."""
        allocations.reveal(trial=self.trial, by=self.person)
        messages.success(self.request, "The seed is public. Anyone can now replay the draw.")
        return reverse("trial-allocation", args=[self.trial.ref])


class AllocationVerifier(TrialPage):
    """The script that replays a draw with nothing but Python."""

    is_inside = False

    def get(self, request: HttpRequest) -> HttpResponse:
        """Send the script."""
        script = Path(verify_allocation.__file__).read_text(encoding="utf-8")
        return attachment(script.encode(), "text/x-python; charset=utf-8", "verify_allocation.py")


class AllocationRecord(TrialPage):
    """The record of the draw, with the seed once it is out."""

    is_inside = False

    def get(self, request: HttpRequest) -> HttpResponse:
        """Send the record."""
        allocation = self.trial.allocation
        if allocation is None or not allocation.is_drawn or not sees_record(self):
            raise Http404
        record = dict(allocation.record or {})
        if allocation.is_revealed:
            record["seed"] = allocation.seed_revealed
            if allocation.is_one_by_one:
                record |= {"n_cases": allocation.units_so_far, "head": allocation.log_head}
        return attachment(
            json.dumps(record, indent=2).encode(), "application/json", f"{self.trial.ref}-record.json"
        )


class AllocationList(TrialPage):
    """The list as CSV: who is in which arm, for those who may know."""

    is_inside = False

    def get(self, request: HttpRequest) -> HttpResponse:
        """Send the rows that the person may see, and note who took them."""
        if not may_see_list(self):
            if not self.works_on_it:
                raise Http404
            raise NotPermitted(
                "The list is open to the allocation custodian, and to everybody once the seed is out."
            )
        allocation = self.trial.allocation
        if allocation is not None and not allocation.is_revealed:
            audit.record("allocation.list_taken", subject=self.trial, by=request.user)
        content = listed(shown_rows(self), is_drawn=bool(allocation and allocation.is_drawn))
        return attachment(content, "text/csv; charset=utf-8", f"{self.trial.ref}-units.csv")


class AllocationUnits(TrialPage):
    """The frozen list in its one canonical form: its SHA-256 is what was committed to."""

    is_inside = False

    def get(self, request: HttpRequest) -> HttpResponse:
        """Send the very bytes that were hashed."""
        allocation = self.trial.allocation
        if allocation is None or not may_see_list(self) or shown_rows(self).count() != allocation.n_units:
            raise Http404
        content = vault.read(allocation.unit_list_sha256)
        return attachment(content, "text/csv; charset=utf-8", f"{self.trial.ref}-canonical.csv")


def listed(rows: Any, *, is_drawn: bool) -> bytes:
    """Return rows as CSV that a spreadsheet cannot mistake for formulas."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    last = "arm" if is_drawn else "start"
    writer.writerow(("unit", "stratum", "cluster", last))
    for row in rows.iterator(chunk_size=2000):
        name = row.unit if is_drawn else row.code
        writer.writerow(export_cell(cell) for cell in (name, row.stratum, row.cluster, getattr(row, last)))
    return text.getvalue().encode()


def attachment(content: bytes, media_type: str, name: str) -> HttpResponse:
    """Return a file to keep."""
    answer = HttpResponse(content, content_type=media_type)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
