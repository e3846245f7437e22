"""The dictionary of measures: public, versions for ever, and each force's figures to those who may see them."""

import datetime as dt
import html
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from centre import apps
from centre.errors import Conflict, Invalid, NotPermitted
from centre.hub.actions import measures
from centre.hub.street.counting import is_counted
from centre.models import AuditEvent, Force, Measure, WeightTable
from tests.integration.hub.sent import content, kept

pytestmark = pytest.mark.django_db
SAID = {
    "name": "Time to first contact",
    "definition": "Days from a report to the first word with the victim.",
    "exclusions": "It is not the time to an outcome.",
    "recording_rule": "Once for each crime with a victim.",
    "kind": "outcome",
    "unit": "rate",
    "direction": "lower_is_better",
    "denominator": "crimes with a victim",
    "source": "Force systems",
    "licence": "Open Government Licence v3.0",
}
KEY = "time-to-first-contact"
TODAY = timezone.localdate()


def adopted(by: Any, **other: Any) -> Measure:
    """Adopt the measure, or a version of it."""
    return measures.adopt(**{"key": KEY, "valid_from": TODAY, "by": by, **SAID, **other})


def test_the_dictionary_comes_with_the_software_once(db: None) -> None:
    assert Measure.objects.count() == 17
    assert (
        sum(is_counted(one.key) for one in Measure.objects.all()) == 15
    )  # fourteen categories, and all crime
    hours = Measure.objects.get(key="officer-hours")
    assert (hours.kind, hours.adopted_by) == (Measure.Kind.INPUT, None)
    apps.load_measures()
    assert Measure.objects.count() == 17


def test_a_new_version_says_why_and_the_old_one_stays(cast: SimpleNamespace) -> None:
    first = adopted(cast.registrar)
    assert (first.version, first.reason) == (1, "")
    with pytest.raises(Invalid, match="Say why"):
        adopted(cast.registrar, name="Time to contact")
    second = adopted(
        cast.registrar, name="Time to contact", reason="Shorter.", valid_from=TODAY + dt.timedelta(days=30)
    )
    assert second.version == 2
    assert Measure.objects.in_force().get(key=KEY) == first
    assert Measure.objects.in_force(on=second.valid_from).get(key=KEY) == second
    assert list(Measure.objects.to_come()) == [second]
    event = AuditEvent.objects.filter(event="measure.adopted").last()
    assert (event.detail["version"], event.detail["reason"]) == (2, "Shorter.")


@pytest.mark.parametrize(
    ("other", "pointer"),
    [
        ({"unit": "hours", "reason": "x"}, "/unit"),
        ({"valid_from": TODAY - dt.timedelta(days=1), "reason": "x"}, "/valid_from"),
        ({"denominator": " ", "reason": "x"}, "/denominator"),
        ({"direction": "up", "reason": "x"}, "/direction"),
        ({"definition": "", "reason": "x"}, "/definition"),
        ({"key": "Time To"}, "/key"),
        ({"key": "new"}, "/key"),
    ],
)
def test_what_is_no_version_is_refused_at_its_field(
    cast: SimpleNamespace, other: dict[str, Any], pointer: str
) -> None:
    adopted(cast.registrar)
    with pytest.raises(Invalid) as refused:
        adopted(cast.registrar, **other)
    assert [one.pointer for one in refused.value.problems] == [pointer]
    assert Measure.objects.filter(key=KEY).count() == 1


def test_the_same_again_is_no_version(cast: SimpleNamespace) -> None:
    adopted(cast.registrar)
    with pytest.raises(Invalid, match="Nothing differs from version 1"):
        adopted(cast.registrar, reason="Again.")


def test_only_who_keeps_the_hub_adopts(cast: SimpleNamespace) -> None:
    for person in (cast.analyst, cast.director, cast.force_user):
        with pytest.raises(NotPermitted):
            adopted(person)


def test_the_database_refuses_a_version_without_its_reason_and_a_rate_of_nothing(
    cast: SimpleNamespace,
) -> None:
    said = {"key": KEY, "valid_from": TODAY, **SAID}
    for wrong in ({"version": 2}, {"version": 1, "denominator": ""}):
        with pytest.raises(DatabaseError, match="centre_measure"), transaction.atomic():
            Measure.objects.create(**{**said, **wrong})


def test_two_who_adopt_at_once_make_one_version(
    cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = adopted(cast.registrar)
    monkeypatch.setattr(measures, "_newest", lambda key: None)  # as the second reads it
    with pytest.raises(Conflict, match="just adopted"):
        adopted(cast.registrar)
    assert list(Measure.objects.filter(key=KEY)) == [first]


def test_everybody_reads_the_dictionary_by_the_api(client: Client, cast: SimpleNamespace) -> None:
    adopted(cast.registrar)
    adopted(cast.registrar, name="Time to contact", reason="Shorter.")
    listed = client.get(reverse("api-measure-list"), {"unit": "rate", "sort": "key"}).json()["results"]
    assert [(one["key"], one["version"]) for one in listed] == [("crime-per-1000", 1), (KEY, 2)]
    one = client.get(reverse("api-measure", args=[KEY])).json()
    assert [(old["version"], old["reason"]) for old in one["versions"]] == [(2, "Shorter."), (1, "")]
    assert "adopted_by" not in one
    assert client.get(reverse("api-measure", args=["nothing"])).status_code == 404


def test_a_measure_shows_each_force_what_it_may_see(
    tmp_path: Path, cast: SimpleNamespace, other_force: Force, sign_in: Any
) -> None:
    kept(tmp_path, content("2023-02", "2024-02"), cast.force_user)
    kept(tmp_path, content("2024-02", force="otherton", name=other_force.name), cast.registrar)
    url = reverse("hub-measure", args=["burglary"])
    own = html.unescape(sign_in(cast.force_user).get(url).content.decode())
    assert "It does not tell homes from businesses" in own
    assert "Testshire" in own
    assert other_force.name not in own
    assert own.count("No file") == 11  # 2023-03 to 2024-01: missing, and never 0
    assert sign_in(cast.force_user).get(url, {"force": "otherton"}).status_code == 404
    everything = sign_in(cast.registrar)
    assert other_force.name in everything.get(url).content.decode()
    chosen = html.unescape(everything.get(url, {"force": "otherton"}).content.decode())
    assert f"{other_force.name}, month by month" in chosen


def test_counts_are_of_the_measures_own_category(tmp_path: Path, cast: SimpleNamespace, sign_in: Any) -> None:
    kept(tmp_path, content("2024-02"), cast.force_user)  # 40 rows: 32 burglaries, 8 incidents
    found = {
        key: sign_in(cast.force_user).get(reverse("hub-measure", args=[key])).content.decode()
        for key in ("burglary", "anti-social-behaviour", "all-crime", "robbery")
    }
    for key, said in {"burglary": 32, "anti-social-behaviour": 8, "all-crime": 32, "robbery": 0}.items():
        assert f'numeric">{said}</td>' in found[key], key


def test_rates_leave_out_where_few_live(cast: SimpleNamespace, sign_in: Any) -> None:
    page = html.unescape(
        sign_in(cast.force_user).get(reverse("hub-measure", args=["crime-per-1000"])).content.decode()
    )
    surrey = Force.objects.get(slug="surrey")
    assert f"{surrey.crime_rate:.1f}</td>" in page
    assert ">City of London Police<" not in page


def test_a_version_is_adopted_on_its_page_and_a_refusal_keeps_what_was_typed(
    cast: SimpleNamespace, sign_in: Any
) -> None:
    registrar = sign_in(cast.registrar)
    url = reverse("hub-measure-adopt", args=["burglary"])
    assert "Entering a building" in registrar.get(url).content.decode()
    today = {"valid_from_day": TODAY.day, "valid_from_month": TODAY.month, "valid_from_year": TODAY.year}
    sent = {**SAID, **today, "name": "Burglary of homes"}
    refused = registrar.post(url, sent)
    assert refused.status_code == 422
    assert 'value="Burglary of homes"' in refused.content.decode()
    assert registrar.post(url, {**sent, "reason": "Homes alone."}).status_code == 302
    made = Measure.objects.get(key="burglary", version=2)
    assert (made.name, made.unit, made.adopted_by) == ("Burglary of homes", "count", cast.registrar)
    fresh = registrar.post(reverse("hub-measure-new"), {**SAID, **today, "key": "burglary"})
    assert "There is a measure with this key" in fresh.content.decode()
    assert registrar.post(reverse("hub-measure-new"), {**SAID, **today, "key": KEY}).status_code == 302
    assert "Adopted, and to hold later" not in registrar.get(reverse("hub-measure-list")).content.decode()


def test_weights_are_loaded_under_their_licence_once(
    tmp_path: Path, cast: SimpleNamespace, sign_in: Any
) -> None:
    file = tmp_path / "weights.csv"
    file.write_text("offence,weight\nRobbery,365\n", encoding="utf-8")
    said = {
        "--name": "An index",
        "--version": "2020",
        "--unit": "days",
        "--source": "A university",
        "--licence": "Of the Centre alone",
        "--from": "2020-10-06",
    }
    given = [str(file), *(part for pair in said.items() for part in pair)]
    call_command("load_weights", *given)
    assert WeightTable.objects.newest().get().n_offences == 1
    with pytest.raises(CommandError, match="is loaded already"):
        call_command("load_weights", *given)
    file.write_text("offence,weight\nViolence and sexual offences,730.33\n", encoding="utf-8")
    with pytest.raises(CommandError, match="line 2: 'Violence and sexual offences' is a category"):
        call_command("load_weights", *given, "--version", "2021")
    assert WeightTable.objects.count() == 1
    page = sign_in(cast.force_user).get(reverse("hub-measure-list")).content.decode()
    assert "Of the Centre alone" in page
