"""The unit list, the draw, its list for the custodian, the reveal, and what anyone needs to replay it."""

import csv
import datetime as dt
import io
import json
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from centre import audit, vault
from centre.errors import NotPermitted
from centre.permissions import Permission
from centre.spreadsheets import export_cell
from experiments import unit_list, verify_allocation
from experiments.actions import allocations, beacons
from experiments.forms.acts import BeaconForm, ConfirmForm, UnitListForm
from experiments.lifecycle import Conduct
from experiments.models import Allocation, TeamMember
from experiments.protocol.drawing import batch_scheme
from experiments.protocol.schema import AllocationPlan
from experiments.protocol.vocabulary import AllocationMethod, SeedPolicy
from experiments.randomise.beacon import QUICKNET
from experiments.randomise.ordered import schedule_matrix
from experiments.randomise.things import NUMBER
from experiments.views.pages import TrialAct, TrialPage

SHOWN = 20


class TrialAllocation(TrialPage):
    """What everybody may know of the draw; and for the custodian the next act."""

    template = "allocations/detail.html"
    is_inside = False

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show how far the allocation is."""
        allocation, registration = self.allocation, self.trial.registration
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
            days=shown_days(self)[:SHOWN] if may_see else [],
            schedule=schedule_of(allocation),
            shown=SHOWN,
        )


def schedule_of(allocation: Allocation | None) -> list[tuple[int, tuple[str, ...]]]:
    """Return the arm of each sequence in each period, once the sequences are drawn."""
    if allocation is None or not allocation.is_drawn or allocation.scheme.wedge is None:
        return []
    before, after = allocation.scheme.arms
    return list(enumerate(schedule_matrix(allocation.scheme.wedge, before.label, after.label), start=1))


def may_see_list(page: TrialPage) -> bool:
    """Return whether the person may see who is in which arm: everybody once the seed is out, before that few."""
    allocation = page.allocation
    if allocation is None:
        return False
    if is_open(page):
        return True
    return page.may(Permission.ALLOCATION_SEE) or bool(own_forces(page))


def is_open(page: TrialPage) -> bool:
    """Return whether everybody may see the list. Cases that came one by one are people: their ids stay inside."""
    allocation = page.allocation
    return bool(
        allocation and allocation.is_revealed and page.trial.is_public and not allocation.is_one_by_one
    )


def sees_record(page: TrialPage) -> bool:
    """Return whether the person may see the record of the draw.

    It holds the hash of the allocation. For a small trial anybody could try every allocation against it, so before
    the seed is out it is the custodian's alone.
    """
    allocation = page.allocation
    return allocation is not None and allocation.is_open_to(page.request.user)


def own_forces(page: TrialPage) -> frozenset[int]:
    """Return the person's forces that deliver in this trial: each sees its own units and no others."""
    if not page.request.user.is_authenticated or not page.may(Permission.TRIAL_CONDUCT):
        return frozenset()
    if page.person.trial_teams.filter(trial=page.trial, role=TeamMember.Role.ANALYST).exists():
        return frozenset()
    return page.person.force_ids & page.trial.force_ids


def shown_rows(page: TrialPage) -> Any:
    """Return the rows of the list that the person may see: assignments once drawn, units before."""
    allocation = page.allocation
    if allocation is None:
        raise Http404
    rows = allocation.assignments if allocation.is_drawn else allocation.units
    if is_open(page) or page.may(Permission.ALLOCATION_SEE):
        return rows.all()
    return rows.filter(force__in=own_forces(page))


def shown_days(page: TrialPage) -> Any:
    """Return the days that the person may see, where arms change by the day.

    A force sees its own places up to today: tomorrow's arm is known when tomorrow is briefed, not before.
    """
    allocation = page.allocation
    if allocation is None:
        raise Http404
    days = allocation.assigned_periods
    if (allocation.is_revealed and page.trial.is_public) or page.may(Permission.ALLOCATION_SEE):
        return days.all()
    return days.filter(force__in=own_forces(page), day__lte=timezone.localdate()).order_by("-day", "unit")


class AllocationFreeze(TrialAct):
    """Freeze the list of units; for a draw this commits to a secret seed."""

    template = "allocations/freeze.html"
    needs = (Permission.ALLOCATION_DRAW,)

    def form(self, *sent: Any) -> UnitListForm:
        """Return the form for the list."""
        tomorrow = timezone.now() + dt.timedelta(days=1)
        example = (
            f"A round of {QUICKNET.name} that is still to come; one comes every {QUICKNET.period} seconds. "
            f"Round {QUICKNET.round_at(tomorrow)} comes out in 24 hours."
        )
        by_beacon = self.plan.seed_policy is SeedPolicy.PUBLIC_BEACON
        return UnitListForm(*sent, by_beacon=by_beacon, example=example)

    @property
    def plan(self) -> AllocationPlan:
        """Return the registered draw."""
        registration = self.trial.registration
        return (registration.frozen_protocol if registration else self.trial.draft).allocation

    @property
    def further(self) -> tuple[str, ...]:
        """Return the columns that the registered draw reads beyond those of every list."""
        registration = self.trial.registration
        if registration is None or self.plan.method in (None, AllocationMethod.NONE):
            return ()
        return batch_scheme(registration.frozen_protocol).columns

    def context(self) -> dict[str, Any]:
        """Return which columns the registered method needs."""
        return {"plan": self.plan, "further": self.further, "allocation": self.trial.allocation}

    def act(self, form: UnitListForm) -> str:
        """Freeze it."""
        made = allocations.freeze_units(
            trial=self.trial,
            lines=unit_list.read(form.content(), self.further),
            overlap_reason=form.cleaned_data["overlap_reason"],
            beacon_round=form.cleaned_data.get("beacon_round"),
            by=self.person,
        )
        messages.success(self.request, f"The list of {made.n_units:,} units is frozen.")
        return reverse("trial-allocation", args=[self.trial.ref])


class AllocationBeacon(TrialAct):
    """Enter what the named round of the beacon gave."""

    template = "allocations/beacon.html"
    needs = (Permission.ALLOCATION_DRAW,)

    def form(self, *sent: Any) -> BeaconForm:
        """Return the form for the value."""
        return BeaconForm(*sent[:1])

    def context(self) -> dict[str, Any]:
        """Return the round that was named."""
        return {"allocation": self.trial.allocation, "chain": QUICKNET}

    def act(self, form: BeaconForm) -> str:
        """Keep it."""
        given = form.cleaned_data
        beacons.enter(
            trial=self.trial,
            number=given["round"],
            randomness=given["randomness"],
            signature=given["signature"],
            by=self.person,
        )
        messages.success(self.request, "The value of the beacon is kept. The seed follows from it.")
        return reverse("trial-allocation", args=[self.trial.ref])


class AllocationDraw(TrialAct):
    """Draw, once and for ever."""

    template = "allocations/draw.html"
    needs = (Permission.ALLOCATION_DRAW,)

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
    needs = (Permission.ALLOCATION_DRAW,)
    asks_again = True

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
        if allocation is None:
            raise Http404
        content = listed(shown_rows(self), allocation)
        return attachment(content, "text/csv; charset=utf-8", f"{self.trial.ref}-units.csv")


class AllocationUnits(TrialPage):
    """The frozen list in its one canonical form: its SHA-256 is what was committed to."""

    is_inside = False

    def get(self, request: HttpRequest) -> HttpResponse:
        """Send the very bytes that were hashed."""
        allocation = self.trial.allocation
        if allocation is None or not may_see_list(self) or shown_rows(self).count() != allocation.n_units:
            raise Http404
        if allocation.is_external and not allocation.is_drawn and not self.may(Permission.ALLOCATION_SEE):
            raise Http404  # the list holds the arms
        content = vault.read(allocation.unit_list_sha256)
        # Its bytes were hashed, so no cell can be made inert; as plain text no spreadsheet opens it by itself.
        return attachment(content, "text/plain; charset=utf-8", f"{self.trial.ref}-canonical.txt")


class AllocationDays(TrialPage):
    """The arm of each place on each day, for those who may know."""

    is_inside = False

    def get(self, request: HttpRequest) -> HttpResponse:
        """Send the days that the person may see, and note who took them."""
        allocation = self.trial.allocation
        if allocation is None or not allocation.by_day or not may_see_list(self):
            raise Http404
        if not allocation.is_revealed:
            audit.record("allocation.list_taken", subject=self.trial, by=request.user)
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(("unit", "day", "arm"))
        for row in shown_days(self).iterator(chunk_size=2000):
            writer.writerow((export_cell(row.unit), row.day.isoformat(), export_cell(row.arm)))
        return attachment(text.getvalue().encode(), "text/csv; charset=utf-8", f"{self.trial.ref}-days.csv")


class AllocationSet(TrialPage):
    """The allocations that a constrained draw chose from: what a permutation test of the trial permutes over."""

    is_inside = False

    def get(self, request: HttpRequest) -> HttpResponse:
        """Send the set, one line for each allocation."""
        allocation = self.trial.allocation
        if allocation is None or "set_sha256" not in allocation.prepared or not sees_record(self):
            raise Http404
        content = vault.read(allocation.prepared["set_sha256"])
        return attachment(content, "text/plain; charset=utf-8", f"{self.trial.ref}-set.txt")


def listed(rows: Any, allocation: Allocation) -> bytes:
    """Return rows as CSV that a spreadsheet cannot mistake for formulas."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    further_names = map(export_cell, further_columns(allocation))
    writer.writerow(("unit", "stratum", "cluster", *further_names, *last_column(allocation)))
    extra = dict(allocation.units.values_list("code", "extra"))
    for row in rows.iterator(chunk_size=2000):
        name = row.unit if allocation.is_drawn else row.code
        values = dict(extra[name])
        further = [shown_value(values[column]) for column in further_columns(allocation)]
        drawn = [row.arm if allocation.is_drawn else row.start for _ in last_column(allocation)]
        cells = [export_cell(cell) for cell in (name, row.stratum, row.cluster)]
        writer.writerow([*cells, *further, *map(export_cell, drawn)])
    return text.getvalue().encode()


def further_columns(allocation: Allocation) -> list[str]:
    """Return the columns that the draw read besides; the arms of a list drawn elsewhere stand in the last column."""
    if not allocation.needs_draw:
        return []
    return [name for name in allocation.scheme.columns if name != "arm"]


def last_column(allocation: Allocation) -> list[str]:
    """Return the name of the column that says what was drawn; there is none where arms change by the day."""
    if not allocation.is_drawn:
        return ["start"]
    return [] if allocation.by_day else [allocation.group_noun.lower() if allocation.by_step else "arm"]


def shown_value(text: str) -> str:
    """Return a further value; a number stays a number, so that the verifier reads what was hashed."""
    return text if NUMBER.fullmatch(text) else export_cell(text)


def attachment(content: bytes, media_type: str, name: str) -> HttpResponse:
    """Return a file to keep."""
    answer = HttpResponse(content, content_type=media_type)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
