"""The sponsor of the lead force signs the very text that is registered."""

from typing import Any

import pytest
from django.urls import reverse

from centre.errors import Conflict, NotPermitted
from centre.models import AuditEvent, Force, Membership, User
from experiments import protocol
from experiments.actions import cosignatures, registrations, reviews, site_steps, trials
from experiments.lifecycle import TransitionRefused
from tests.integration.experiments_pages import stages
from tests.integration.experiments_pages.pages import address, status, words

pytestmark = pytest.mark.django_db


def reviewed(cast: Any) -> Any:
    trial = stages.submitted(cast)
    reviews.decide(trial=trial, decision="approve", comment="Ready.", by=cast.reviewer)
    return stages.fresh(trial)


def test_nothing_is_registered_unsigned(cast: Any, sign_in: Any) -> None:
    trial = reviewed(cast)
    registrar, sponsor = sign_in(cast.registrar), sign_in(cast.sponsor)
    url = address(trial, "trial-register")
    assert "has not signed it yet" in words(registrar.get(url))
    refused = registrar.post(url, {"confirm": "register"})
    assert refused.status_code == 409
    assert "senior sponsor must sign this protocol" in words(refused)
    assert stages.fresh(trial).number is None
    assert trial.title in words(sponsor.get(reverse("my-work")))
    sign = address(trial, "trial-sign")
    empty = sponsor.post(sign, {})
    assert empty.status_code == 422
    assert "Say that you have read it and that your force stands by it" in words(empty)
    assert sponsor.post(sign, {"stands": "on"}).status_code == 302
    assert trial.title not in words(sponsor.get(reverse("my-work")))
    assert AuditEvent.objects.filter(event="trial.cosigned").count() == 1
    assert sponsor.post(sign, {"stands": "on"}).status_code == 409
    assert f"Signed by {cast.sponsor}" in words(registrar.get(url))
    assert registrar.post(url, {"confirm": "register"}).status_code == 302


def test_a_signature_is_under_one_text(cast: Any) -> None:
    trial = stages.submitted(cast)
    cosignatures.sign(trial=trial, by=cast.sponsor)
    reviews.decide(trial=stages.fresh(trial), decision="changes_requested", comment="More.", by=cast.reviewer)
    trial = stages.fresh(trial)
    with pytest.raises(Conflict, match="between its submission and its registration"):
        cosignatures.sign(trial=trial, by=cast.sponsor)
    document = protocol.to_json(trial.draft)
    document["decision"]["integrity_floor"] = 0.7
    trials.save(trial=trial, document=document, edition=trial.protocol_edition, by=cast.force_user)
    trials.submit(trial=stages.fresh(trial), by=cast.force_user)
    reviews.decide(trial=stages.fresh(trial), decision="approve", comment="Ready.", by=cast.reviewer)
    with pytest.raises(TransitionRefused, match="senior sponsor"):
        registrations.register(trial=stages.fresh(trial), by=cast.registrar)
    cosignatures.sign(trial=stages.fresh(trial), by=cast.sponsor)
    assert registrations.register(trial=stages.fresh(trial), by=cast.registrar)


def test_a_paper_on_record_stands_for_the_signature(cast: Any) -> None:
    trial = reviewed(cast)
    force = Force.objects.get(slug="testshire")
    site_steps.do(trial=trial, force=force, kind="sponsor", reference="Letter 7", by=cast.registrar)
    assert registrations.register(trial=trial, by=cast.registrar)


def test_only_the_lead_forces_sponsor_signs(cast: Any, sign_in: Any) -> None:
    trial = reviewed(cast)
    other = Force.objects.create(slug="elsewhere", name="Elsewhere Police", kind=Force.Kind.SAMPLE)
    stranger = User.objects.create_user("chief@elsewhere.example", None, name="Cleo Chief")
    Membership.objects.create(user=stranger, role="force_sponsor", force=other)
    assert status(sign_in(stranger), address(trial, "trial-sign")) == 404
    trial.sites.create(force=other)  # a site, not the lead
    with pytest.raises(NotPermitted):
        cosignatures.sign(trial=trial, by=stranger)
    for person in (cast.force_user, cast.registrar, cast.director):
        with pytest.raises(NotPermitted):
            cosignatures.sign(trial=trial, by=person)
