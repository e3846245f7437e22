"""An embargo ends by itself; the director extends it once."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from centre.errors import Conflict, Invalid, NotPermitted
from centre.models import AuditEvent
from experiments.actions import embargoes, timers
from experiments.models import EmbargoExtension, Trial
from tests.integration.experiments_pages import stages
from tests.integration.experiments_pages.pages import address, status, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def hidden(cast: Any) -> Trial:
    cast.embargo_until = timezone.localdate() + dt.timedelta(days=90)
    return stages.registered(cast)


def days(day: dt.date) -> dict[str, Any]:
    return {"until_day": day.day, "until_month": day.month, "until_year": day.year}


def test_the_director_extends_it_once(cast: Any, sign_in: Any, client: Any, hidden: Trial) -> None:
    director, url = sign_in(cast.director), address(hidden, "trial-embargo")
    until = hidden.embargo_until + dt.timedelta(days=60)
    too_long = hidden.embargo_until + dt.timedelta(days=200)
    refused = director.post(url, {**days(too_long), "reason": "An operation."})
    assert refused.status_code == 422
    assert "and not after" in words(refused)
    assert director.post(url, {**days(until), "reason": ""}).status_code == 422
    assert director.post(url, {**days(until), "reason": "An operation."}).status_code == 302
    [made] = EmbargoExtension.objects.all()
    assert (made.before, made.until) == (hidden.embargo_until, until)
    hidden = stages.fresh(hidden)
    assert hidden.embargo_until == until
    assert timezone.localdate(hidden.public_from) == until
    assert AuditEvent.objects.filter(event="trial.embargo_extended").count() == 1
    assert "cannot be extended again" in words(director.get(url))
    assert director.post(url, {**days(until + dt.timedelta(days=1)), "reason": "More."}).status_code == 409
    assert timers.release_embargoes() == 0
    assert status(client, address(hidden)) == 404


def test_who_may_not_and_what_cannot_be_extended(cast: Any, sign_in: Any, hidden: Trial) -> None:
    until = hidden.embargo_until + dt.timedelta(days=10)
    for person in (cast.registrar, cast.force_user, cast.sponsor):
        with pytest.raises(NotPermitted):
            embargoes.extend(trial=hidden, until=until, reason="x", by=person)
    with pytest.raises(Invalid):
        embargoes.extend(trial=hidden, until=hidden.embargo_until, reason="x", by=cast.director)
    Trial.objects.filter(pk=hidden.pk).update(embargo_until=timezone.localdate())
    assert timers.release_embargoes() == 1
    hidden = stages.fresh(hidden)
    with pytest.raises(Conflict):
        embargoes.extend(trial=hidden, until=until, reason="x", by=cast.director)
    assert "not under embargo" in words(sign_in(cast.director).get(address(hidden, "trial-embargo")))
