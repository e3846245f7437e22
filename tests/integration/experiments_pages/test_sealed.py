"""Designs over time: what came after the first start is sealed until the data lock; what came before is open."""

import io
from typing import Any

import pytest

from centre import vault
from centre.errors import Conflict
from experiments import tasks
from experiments.actions import (
    allocations,
    analyses,
    blind_reviews,
    conduct,
    cosignatures,
    datasets,
    health_checks,
    registrations,
    reviews,
    trials,
)
from experiments.analysis import sealing
from experiments.management.sample import data, protocols
from experiments.management.sample.trials import FAIR_TREATMENT
from experiments.models import Analysis, Dataset, DatasetSeal, Trial
from tests.integration.experiments_pages import stages
from tests.integration.experiments_pages.pages import address, words
from tests.integration.tactics import library

pytestmark = pytest.mark.django_db


def rollout(cast: Any) -> Trial:
    """Return a staggered roll-out in follow-up, without outcomes yet."""
    tactic = library.published(cast.registrar, "Fair-treatment training", is_simulated=True)
    trial = trials.start(title=FAIR_TREATMENT.title, by=cast.force_user, tactic=tactic, is_simulated=True)
    document = protocols.document(
        FAIR_TREATMENT, tactic=tactic.slug, tactic_version=tactic.version, today=stages.timezone.localdate()
    )
    document["sites"] = stages.document(tactic)["sites"]
    trials.save(trial=trial, document=document, edition=trial.protocol_edition, by=cast.force_user)
    trials.submit(trial=trial, by=cast.force_user)
    reviews.decide(trial=stages.fresh(trial), decision="approve", comment="Ready.", by=cast.reviewer)
    cosignatures.sign(trial=stages.fresh(trial), by=cast.sponsor)
    registrations.register(trial=stages.fresh(trial), by=cast.registrar)
    conduct.advance(trial=stages.fresh(trial), to="baseline", by=cast.registrar)
    allocations.freeze_units(trial=stages.fresh(trial), lines=data.units(FAIR_TREATMENT), by=cast.custodian)
    conduct.advance(trial=stages.fresh(trial), to="delivering", by=cast.force_user)
    return conduct.advance(trial=stages.fresh(trial), to="follow_up", by=cast.force_user)


def sent(trial: Trial, by: Any) -> Dataset:
    content = data.rows(FAIR_TREATMENT, data.units(FAIR_TREATMENT), {})
    run = datasets.receive(trial=trial, file=io.BytesIO(content), filename="complaints.csv", by=by)
    tasks.ingest(str(run.pk))
    return Dataset.objects.get(trial=trial)


def test_outcomes_after_the_start_are_sealed_until_the_lock(
    cast: Any, sign_in: Any, django_capture_on_commit_callbacks: Any
) -> None:
    trial = rollout(cast)
    with django_capture_on_commit_callbacks(execute=True):
        dataset = sent(trial, cast.force_user)
    seal = DatasetSeal.objects.get(dataset=dataset)
    assert 0 < seal.n_open_rows < dataset.n_rows

    for kept in (
        dataset.file_sha256,
        dataset.parquet_sha256,
    ):  # neither the upload nor the columns lie in the vault
        assert not vault.exists(kept)
    for kept in (seal.file_sha256, seal.columns_sha256):
        content = vault.read(kept)
        assert b"complaints" not in content
        assert not content.startswith(b"PAR1")
    with pytest.raises(sealing.Sealed, match="sealed until the data are locked"):
        sealing.columns(dataset)
    open_rows = sealing.open_columns(dataset, ["period", "first_trained"])
    firsts = [int(start) for start in open_rows.column("first_trained").to_pylist() if start]
    assert max(open_rows.column("period").to_pylist()) < min(firsts)
    with pytest.raises(Conflict, match="Lock the data first"):
        analyses.request(trial=stages.fresh(trial), by=cast.analyst)

    client = sign_in(cast.force_user)
    text = words(client.get(address(trial, "trial-data")))
    assert f"Sealed : {seal.n_sealed_rows:,} rows from {seal.boundary} on are encrypted" in text
    shown = client.get(f"/api/v1/datasets/{dataset.public_id}/").json()
    assert shown["sealed_rows"] == seal.n_sealed_rows
    assert seal.key not in str(shown)

    checked = health_checks.check(trial=stages.fresh(trial))
    trends = next(one for one in checked.verdicts if one["check"] == "pre_trends")
    assert "No outcome of the treated period was read" in trends["said"]
    assert trends["figures"]["p_value"] > 0.001

    blind_reviews.record(trial=stages.fresh(trial), comment="Nothing is missing.", by=cast.registrar)
    locked = conduct.advance(trial=stages.fresh(trial), to="data_locked", by=cast.registrar)
    dataset = Dataset.objects.get(pk=dataset.pk)
    assert sealing.columns(dataset).num_rows == dataset.n_rows
    made = analyses.request(trial=locked, by=cast.analyst)
    tasks.analyse(str(made.run.pk))
    assert Analysis.objects.get(pk=made.pk).results.filter(status="ok").exists()
    assert "Was sealed from" in words(client.get(address(trial, "trial-data")))


def test_a_randomised_trial_has_no_seal(cast: Any) -> None:
    trial = stages.with_data(cast)
    dataset = Dataset.objects.get(trial=trial)
    assert not DatasetSeal.objects.exists()
    assert vault.exists(dataset.parquet_sha256)
