"""One small trial, taken as far as a test needs through the actions, by the right person at each step."""

import csv
import io
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from django.db import transaction
from django.utils import timezone

from experiments import protocol, tasks
from experiments.actions import (
    allocations,
    amendments,
    analyses,
    blind_reviews,
    conduct,
    cosignatures,
    datasets,
    factual_checks,
    implementations,
    registrations,
    releases,
    reviews,
    trials,
)
from experiments.lifecycle import State, next_states
from experiments.management.sample import protocols
from experiments.models import Allocation, Amendment, Analysis, Dataset, Release, Trial
from experiments.models.transitions import COLUMNS
from experiments.unit_list import UnitLine
from tests.integration.tactics import library
from tests.unit.experiments.protocol import documents

N_UNITS = 40
DELIVERED: dict[str, Any] = {
    "delivered": "Two visits to each household.",
    "by_whom": "Neighbourhood teams.",
    "adaptation": "Nothing was adapted.",
    "hours_not_measured_because": "Nobody counted them.",
    "cost_not_measured_because": "Nobody counted it.",
}
PLAN = replace(documents.PLAN, title="Do visits reduce calls? A trial for tests", n_units=N_UNITS)


def document(tactic: Any, n_units: int = N_UNITS) -> dict[str, Any]:
    """Return a complete protocol."""
    return protocols.document(
        replace(PLAN, n_units=n_units),
        tactic=tactic.slug,
        tactic_version=tactic.version,
        today=timezone.localdate(),
    )


def declaring(written: dict[str, Any], by: Any) -> dict[str, Any]:
    """Return the protocol with the registered trials that the person may see named as those it meets."""
    numbers = Trial.objects.visible_to(by).registered().values_list("number", flat=True)
    return {**written, "design": {**written["design"], "concurrent_trials": list(numbers)}}


def empty(cast: SimpleNamespace) -> Trial:
    """Return a draft with a title and nothing else."""
    return trials.start(title=PLAN.title, by=cast.force_user, is_simulated=True)


def draft(cast: SimpleNamespace) -> Trial:
    """Return a complete draft, with the embargo that the cast asks for."""
    tactic = library.published(cast.registrar, "Visits after a call", is_simulated=True)
    trial = trials.start(title=PLAN.title, by=cast.force_user, tactic=tactic, is_simulated=True)
    written = document(tactic)
    if until := getattr(cast, "embargo_until", None):
        embargo = {"embargo_until": until.isoformat(), "operational_sensitivity_reason": "A live operation."}
        written["data"] = {**written.get("data", {}), **embargo}
    written = declaring(written, cast.force_user)
    return trials.save(trial=trial, document=written, edition=trial.protocol_edition, by=cast.force_user)


def submitted(cast: SimpleNamespace) -> Trial:
    """Return a trial that waits for its reviewer."""
    return trials.submit(trial=draft(cast), by=cast.force_user)


def approved(cast: SimpleNamespace) -> Trial:
    """Return a trial that waits for the registrar."""
    trial = submitted(cast)
    reviews.decide(trial=trial, decision="approve", comment="Ready.", by=cast.reviewer)
    cosignatures.sign(trial=fresh(trial), by=cast.sponsor)
    return fresh(trial)


def registered(cast: SimpleNamespace) -> Trial:
    """Return a registered trial."""
    trial = approved(cast)
    registrations.register(trial=trial, by=cast.registrar)
    return fresh(trial)


def registered_as_it_is(cast: SimpleNamespace, drafted: Trial) -> Trial:
    """Return the draft registered."""
    trial = trials.submit(trial=fresh(drafted), by=cast.force_user)
    reviews.decide(trial=trial, decision="approve", comment="Ready.", by=cast.reviewer)
    cosignatures.sign(trial=fresh(trial), by=cast.sponsor)
    registrations.register(trial=fresh(trial), by=cast.registrar)
    return fresh(trial)


def baseline(cast: SimpleNamespace) -> Trial:
    """Return a trial whose unit list may be frozen."""
    return conduct.advance(trial=registered(cast), to="baseline", by=cast.registrar)


def frozen(cast: SimpleNamespace) -> Trial:
    """Return a trial whose units are frozen."""
    trial = baseline(cast)
    allocations.freeze_units(trial=trial, lines=lines(), by=cast.custodian)
    return fresh(trial)


def drawn(cast: SimpleNamespace) -> Trial:
    """Return a trial whose units have their arms."""
    trial = frozen(cast)
    allocations.draw(trial=trial, by=cast.custodian)
    return fresh(trial)


def delivering(cast: SimpleNamespace) -> Trial:
    """Return a trial that is being delivered."""
    return conduct.advance(trial=drawn(cast), to="delivering", by=cast.force_user)


def delivering_with(cast: SimpleNamespace, tactic: Any, written: dict[str, Any]) -> Trial:
    """Return a trial that is being delivered by a protocol of the test's own."""
    trial = trials.start(title=PLAN.title, by=cast.force_user, tactic=tactic, is_simulated=True)
    written = declaring(written, cast.force_user)
    trials.save(trial=trial, document=written, edition=trial.protocol_edition, by=cast.force_user)
    trials.submit(trial=trial, by=cast.force_user)
    reviews.decide(trial=fresh(trial), decision="approve", comment="Ready.", by=cast.reviewer)
    cosignatures.sign(trial=fresh(trial), by=cast.sponsor)
    registrations.register(trial=fresh(trial), by=cast.registrar)
    conduct.advance(trial=fresh(trial), to="baseline", by=cast.registrar)
    allocations.freeze_units(trial=fresh(trial), lines=lines(), by=cast.custodian)
    allocations.draw(trial=fresh(trial), by=cast.custodian)
    return conduct.advance(trial=fresh(trial), to="delivering", by=cast.force_user)


def with_data(cast: SimpleNamespace) -> Trial:
    """Return a trial in follow-up, with outcome data."""
    trial = conduct.advance(trial=delivering(cast), to="follow_up", by=cast.force_user)
    run = datasets.receive(
        trial=trial, file=io.BytesIO(outcomes(trial)), filename="calls.csv", by=cast.force_user
    )
    tasks.ingest(str(run.pk))
    assert Dataset.objects.filter(trial=trial).exists(), "the data were refused"
    return fresh(trial)


def locked(cast: SimpleNamespace) -> Trial:
    """Return a trial whose data are locked."""
    trial = with_data(cast)
    blind_reviews.record(trial=trial, comment="Nothing is missing.", by=cast.registrar)
    return conduct.advance(trial=trial, to="data_locked", by=cast.registrar)


def analysed(cast: SimpleNamespace) -> Analysis:
    """Return the finished registered analysis of a trial."""
    made = analyses.request(trial=locked(cast), by=cast.analyst)
    tasks.analyse(str(made.run.pk))
    return Analysis.objects.get(pk=made.pk)


def accounted(cast: SimpleNamespace) -> Trial:
    """Return an analysed trial whose delivery and cost are on record."""
    trial = fresh(analysed(cast).trial)
    implementations.record(trial=trial, **DELIVERED, by=cast.force_user)
    return trial


def prepared(cast: SimpleNamespace) -> Release:
    """Return a release that waits for its checkers."""
    made = analysed(cast)
    return releases.prepare(trial=fresh(made.trial), analysis=made, by=cast.analyst)


def cleared(cast: SimpleNamespace) -> Release:
    """Return a release that two people have cleared."""
    release = prepared(cast)
    for checker in (cast.checker, cast.second_checker):
        releases.clear(release=release, by=checker)
    return Release.objects.get(pk=release.pk)


def fact_checked(cast: SimpleNamespace) -> Release:
    """Return a cleared release whose facts the force has checked."""
    release = cleared(cast)
    factual_checks.record(release=release, by=cast.force_user)
    return Release.objects.get(pk=release.pk)


def published(cast: SimpleNamespace) -> Release:
    """Return a published release."""
    return releases.publish(release=fact_checked(cast), by=cast.publisher)


def fresh(trial: Trial) -> Trial:
    """Return the trial as it stands now, nothing remembered."""
    return Trial.objects.get(pk=trial.pk)


def past_objections(amendment: Amendment) -> None:
    """Let an approved amendment come into force, as the timer does after 48 hours."""
    with transaction.atomic():
        amendments.put_in_force(amendment=Amendment.objects.get(pk=amendment.pk), by=None)


def put(trial: Trial, state: State) -> None:
    """Put the trial at a state by steps of the table, without what the actions ask for on the way."""
    column = COLUMNS[type(state)]
    ways = [[type(state)(getattr(fresh(trial), column))]]
    for way in ways:  # it grows while it is walked, so the shortest way comes first
        if way[-1] == state:
            break
        ways += [[*way, after] for after in next_states(way[-1]) if after not in way]
    for place in way[1:]:
        Trial.objects.filter(pk=trial.pk).update(**{column: place})


def lines(n_units: int = N_UNITS) -> list[UnitLine]:
    """Return the unit list."""
    return [UnitLine(f"U{place:03}") for place in range(1, n_units + 1)]


def unit_csv(n_units: int = N_UNITS) -> str:
    """Return the unit list as people send it."""
    return "unit\n" + "\n".join(line.unit for line in lines(n_units)) + "\n"


def outcomes(trial: Trial, *, extra: int = 0) -> bytes:
    """Return the outcome file: treated households call less."""
    allocation: Allocation = trial.allocations.get()
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("unit", "arm", "calls"))
    for place, row in enumerate(allocation.assignments.order_by("unit")):
        calls = (8 if row.arm == "treatment" else 14) + place % 5 + extra
        writer.writerow((row.unit, row.arm, calls))
    return text.getvalue().encode()


def amended(trial: Trial, **dates: str) -> dict[str, Any]:
    """Return the registered protocol with other dates."""
    registration = trial.registration
    assert registration is not None
    changed = protocol.to_json(registration.frozen_protocol)
    for name, value in dates.items():
        changed["dates"][name]["date"] = value
    return changed
