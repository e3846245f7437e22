"""What the registry recorded of a trial, as the exports take it: only what the viewer may see."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import timezone

from experiments.account import (
    HarmTold,
    count_words,
    deviations_of,
    explanations_of,
    harms_of,
    implementations_of,
    is_open_to,
    loss_checks,
    losses_of,
    remarks_of,
)
from experiments.exports import Account, Facts, PublishedResult, Record, VersionFact
from experiments.exports.saying import day
from experiments.flow import flow_of
from experiments.forms.questions import words_for
from experiments.models import Deviation, Explanation, Implementation, Registration, Release, Remark

if TYPE_CHECKING:
    from centre.permissions import Person
    from experiments.models import Trial

REGISTRY = "Tactic Registry"


def record_of(
    trial: Trial, viewer: Person, whole: Callable[[str], str], *, is_inside: bool = False
) -> Record:
    """Return the trial for its exports; `whole` makes a whole address of a path.

    `is_inside`: it is known that the viewer works on the trial.
    """
    registration = trial.registration
    read = registration.frozen_protocol if registration else trial.draft
    flow, versions = flow_of(trial, viewer), _versions(trial)
    facts = Facts(
        registry=REGISTRY,
        number=trial.number or "",
        url=whole(reverse("trial-detail", args=[trial.ref])),
        document_url=whole(reverse("trial-document", args=[trial.ref])),
        versions=tuple(_version(row) for row in versions),
        badge=versions[0].get_badge_display().lower() if versions else "",
        registration_state=trial.get_registration_state_display(),
        conduct_state=trial.get_conduct_state_display(),
        results_state=trial.get_results_state_display(),
        state_reason=trial.state_reason,
        tactic=str(trial.tactic or ""),
        forces=tuple(dict.fromkeys((site.force.slug, site.force.name) for site in trial.sites.all())),
        listed_units=flow.listed_units,
        assigned=tuple((arm.name, arm.units) for arm in flow.arms or ()),
        is_overdue=trial.is_overdue,
        is_simulated=trial.is_simulated,
        results=_results(trial, viewer, whole),
        account=_account(trial, viewer, is_open=is_inside or is_open_to(trial, viewer)),
    )
    return Record(read, facts)


def _versions(trial: Trial) -> list[Registration]:
    rows = trial.registrations.select_related("amendment").defer("protocol", "amendment__protocol")
    return list(rows.order_by("major", "minor"))


def _version(row: Registration) -> VersionFact:
    reason = row.amendment.reason if hasattr(row, "amendment") else ""
    return VersionFact(row.version, timezone.localdate(row.registered_at), row.sha256, reason)


def _account(trial: Trial, viewer: Person, *, is_open: bool) -> Account:
    """Return the entries that stand, in words. Why a trial was stopped is public before the rest is."""
    explanations = [one.entry for one in explanations_of(trial, viewer) if not one.entry.takes_back]
    stopped = _explanations(explanations, Explanation.About.STOPPED)
    not_published = _explanations(explanations, Explanation.About.NOT_PUBLISHED)
    if not is_open:
        return Account(stopped=stopped, not_published=not_published)
    remarks = [one.entry for one in remarks_of(trial, viewer) if not one.entry.takes_back]
    return Account(
        is_open=True,
        deviations=tuple(
            _deviation(one.entry) for one in deviations_of(trial, viewer) if not one.entry.takes_back
        ),
        harms=tuple(
            _harm(one) for one in harms_of(trial, viewer, exact=False) if not one.told.entry.takes_back
        ),
        losses=_losses(trial, viewer),
        limitations=_remarks(remarks, Remark.Kind.LIMITATION),
        interpretations=_remarks(remarks, Remark.Kind.INTERPRETATION, Remark.Kind.GENERALISABILITY),
        stopped=stopped,
        not_published=not_published,
        implementation=tuple(
            _implementation(one.entry)
            for one in implementations_of(trial, viewer)
            if not one.entry.takes_back
        ),
    )


def _deviation(entry: Deviation) -> str:
    opened = "after" if entry.outcome_data_opened else "before"
    return (
        f"{words_for(entry.pointer)}, {day(entry.happened_on)}: {entry.what} Why: {entry.reason}"
        f" Effect on the results: {entry.effect}"
        f" Recorded {opened} an analysis of outcomes by arm had been asked for."
    )


def _harm(one: HarmTold) -> str:
    entry = one.told.entry
    how = f"{entry.get_found_by_display()}: {entry.how}"
    if not entry.was_found:
        return f"{entry.name}, {one.arm}: looked for, and none found. {how}"
    return (
        f"{entry.name}, {one.arm}: {count_words(one.n_events)} events,"
        f" {count_words(one.n_units)} units or people concerned;"
        f" {entry.get_severity_display().lower()}; {entry.get_relatedness_display().lower()}. {how}"
        f" What was done: {entry.action}"
    )


def _losses(trial: Trial, viewer: Person) -> tuple[str, ...]:
    told = [
        f"{one.arm}{f', {one.told.entry.period}' if one.told.entry.period else ''}: {count_words(one.n_units)} units,"
        f" {one.told.entry.get_stage_display().lower()}. Why: {one.told.entry.reason}"
        for one in losses_of(trial, viewer, exact=False)
        if not one.told.entry.takes_back
    ]
    checks = [
        f"{one.arm}: the reasons given do not account for the outcomes that the data miss."
        for one in loss_checks(trial, viewer, exact=False)
        if not one.agrees
    ]
    return (*told, *checks)


def _implementation(entry: Implementation) -> str:
    hours = (
        f"not measured because: {entry.hours_not_measured_because}"
        if entry.staff_hours is None
        else f"{entry.staff_hours:,} ({entry.get_hours_basis_display().lower()})"
    )
    cost = (
        f"not measured because: {entry.cost_not_measured_because}"
        if entry.cost is None
        else f"£{entry.cost:,} in prices of {entry.price_year}, paid by {entry.payer}; it covers: {entry.cost_covers}"
    )
    return (
        f"Delivered: {entry.delivered}\nBy whom: {entry.by_whom}\nAdapted: {entry.adaptation}"
        f"\nStaff hours: {hours}\nCost: {cost}"
    )


def _remarks(said: list[Remark], *kinds: str) -> tuple[str, ...]:
    return tuple(entry.text for kind in kinds for entry in said if entry.kind == kind)


def _explanations(said: list[Explanation], about: str) -> tuple[str, ...]:
    return tuple(f"{entry.get_code_display()}: {entry.text}" for entry in said if entry.about == about)


def _results(trial: Trial, viewer: Person, whole: Callable[[str], str]) -> tuple[PublishedResult, ...]:
    read = trial.registration.frozen_protocol if trial.registration else trial.draft
    names = {one.column: one.name for one in read.outcomes}
    rows = Release.objects.visible_to(viewer).published().filter(trial=trial).select_related("analysis")
    return tuple(
        PublishedResult(
            timezone.localdate(row.published_at),
            whole(reverse("release-detail", args=[trial.ref, row.public_id])),
            row.analysis.is_registered,
            tuple(
                (names.get(one["outcome"], one["outcome"]), one["n_units"])
                for one in row.estimates.values()
                if one["n_units"] is not None
            ),
        )
        for row in rows.order_by("published_at")
    )
