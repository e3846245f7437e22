"""Harm by force and month: bound to a table, whole or not at all, versions side by side, each force its own."""

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from centre.errors import Invalid
from centre.hub import benchmarks
from centre.hub.benchmarks import Figures
from centre.models import Force, Measure
from tests.integration.hub import standing
from tests.integration.hub.harmed import KEY, TABLE, loaded, measured, sent
from tests.integration.hub.standing import MONTHS, page_of

pytestmark = pytest.mark.django_db
URL = f"/api/v1/hub/measures/{KEY}/harm/"
MAY_2025 = ("testshire,2025-05,Robbery,2", "testshire,2025-05,Shop theft,98")
MAY_2026 = ("testshire,2026-05,Robbery,3", "testshire,2026-05,Shop theft,94")


def test_the_page_says_what_became_of_harm_and_why(cast: SimpleNamespace, sign_in: Any) -> None:
    measured(cast.registrar)
    sent(cast.force_user, *MAY_2025, *MAY_2026, absent_is_none=True)
    page = page_of(sign_in(cast.force_user), "hub-measure", KEY)
    assert (
        "Testshire Police (invented): Harm rose 39 % from May 2025 to May 2026 while counts fell 3 %, because "
        "Robbery rose by 300 invented days (1 offence more). Without Robbery, the offence recorded that weighs "
        "most, harm fell 4 %."
    ) in page
    assert "1,041 invented days, the greatest part first" in page
    assert ">86.5 %<" in page  # 900 of 1,041
    assert page.count('numeric">Not sent</td>') == 11 * 3  # offences, weighted and harm, 2025-06 to 2026-04
    assert "Harm score, in invented days, by Invented index" in page


def test_another_version_of_the_weights_is_another_version_of_the_figure(
    cast: SimpleNamespace, sign_in: Any
) -> None:
    measured(cast.registrar)
    sent(cast.force_user, *MAY_2026, absent_is_none=True)
    loaded(TABLE.replace("300", "200"), version="2", valid_from=dt.date(2024, 1, 1))
    loaded(TABLE.replace("300", "7"), version="3", valid_from=dt.date(2999, 1, 1))  # holds later
    client = sign_in(cast.force_user)
    listed = client.get(URL).json()["results"]
    assert [(one["weights_version"], one["value"]) for one in listed] == [("2", "741.0"), ("1", "1041.0")]
    page = page_of(client, "hub-measure", KEY)
    assert 'numeric">741</td>' in page
    assert 'numeric">1,041</td>' in page
    assert ">By 1</th>" in page
    # A table that drops an offence cannot weigh a month with it, and says how much of it could be.
    loaded("offence,weight\nShop theft,1.5\n", version="4", valid_from=dt.date(2025, 1, 1))
    (one,) = client.get(URL, {"weights_version": "4"}).json()["results"]
    assert (one["value"], one["recorded"], one["weighted"]) == (None, 97, 94)
    assert one["why_not"] == "no weight for 1 offence (“Robbery”)"
    assert "96.9 %" in page_of(client, "hub-measure", KEY)


def test_a_month_that_is_not_whole_has_no_harm_and_says_why(cast: SimpleNamespace, sign_in: Any) -> None:
    measured(cast.registrar)
    sent(cast.force_user, *MAY_2026)
    client = sign_in(cast.force_user)
    page = page_of(client, "hub-measure", KEY)
    assert "Testshire Police (invented): no month is whole, so no harm is known" in page
    assert "Not known: no count of 1 offence (“Assault”)" in page
    assert client.get(reverse("hub-measure", args=[KEY]), {"month": "2026-05"}).status_code == 404
    # Sent whole, it is known; what it is compared with is not.
    sent(cast.force_user, *MAY_2026, "testshire,2026-05,Assault,0")
    page = page_of(client, "hub-measure", KEY)
    assert (
        "Testshire Police (invented): 1,041 invented days in May 2026, of 97 offences. Harm of May 2025 is not known"
        in page
    )


def test_a_measure_shows_each_force_its_own(cast: SimpleNamespace, other_force: Force, sign_in: Any) -> None:
    measured(cast.registrar)
    rows = (*MAY_2025, *MAY_2026, *(row.replace("testshire", "otherton") for row in MAY_2026))
    sent(cast.registrar, *rows, absent_is_none=True)
    url, client = reverse("hub-measure", args=[KEY]), sign_in(cast.force_user)
    assert other_force.name not in page_of(client, "hub-measure", KEY)
    assert client.get(url, {"force": "otherton"}).status_code == 404
    assert client.get(URL, {"force": "otherton"}).json()["results"] == []
    everything = sign_in(cast.analyst)
    assert f"{other_force.name}, month by month" in page_of(
        everything, "hub-measure", KEY, query="?force=otherton"
    )
    assert "Testshire Police (invented), May 2025: what harm is made of" in page_of(
        everything, "hub-measure", KEY, query="?force=testshire&month=2025-05"
    )
    listed = everything.get(URL, {"month": "2026-05-01", "count_total": "true"}).json()
    assert listed["total_count"] == 2
    (one,) = everything.get(URL, {"force": "testshire", "month": "2025-05-01"}).json()["results"]
    assert (one["value"], one["counts_version"], one["unit"]) == ("747.0", 1, "invented days")
    assert one["groups"][0] == {"name": "Robbery", "count": 2, "harm": "600"}
    assert everything.get(URL, {"month": "2026-05-02"}).json()["results"] == []
    assert everything.get(URL, {"month": "May 2026"}).status_code == 400
    assert everything.get("/api/v1/hub/measures/burglary/harm/").status_code == 404


def test_harm_is_for_each_resident_where_they_are_known(cast: SimpleNamespace, sign_in: Any) -> None:
    measured(cast.registrar)
    sent(
        cast.registrar, "surrey,2026-05,Robbery,100", "city-of-london,2026-05,Robbery,1", absent_is_none=True
    )
    found = {
        one["force"]: one["per_1000_residents"] for one in sign_in(cast.analyst).get(URL).json()["results"]
    }
    surrey = Force.objects.get(slug="surrey")
    assert found["surrey"] == pytest.approx(1000 * 30_000 / surrey.population)
    assert found["city-of-london"] is None  # few live there, and many are there


@pytest.mark.parametrize(
    ("other", "pointer"),
    [
        ({"unit": "count"}, "/weights"),
        ({"weights": "No such index"}, "/weights"),
    ],
)
def test_weights_are_of_a_harm_score_and_of_a_table_that_is_loaded(
    cast: SimpleNamespace, other: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(Invalid) as refused:
        measured(cast.registrar, **other)
    assert [one.pointer for one in refused.value.problems] == [pointer]
    assert not Measure.objects.filter(key=KEY).exists()


def test_a_measure_keeps_its_table_and_no_figure_of_it_is_sent(cast: SimpleNamespace, sign_in: Any) -> None:
    made = measured(cast.registrar)
    with pytest.raises(Invalid, match="by another it is another measure"):
        measured(cast.registrar, weights="", reason="Figures are sent now.")
    with pytest.raises(Invalid, match=f"“{KEY}” is worked out from counts of offences: send those"):
        standing.sent(cast.force_user, f"testshire,{KEY},2026-05,12,,counted")
    with pytest.raises(DatabaseError, match="centre_measure_weights_give_harm"), transaction.atomic():
        Measure.objects.create(
            key="other",
            version=1,
            kind="outcome",
            unit="count",
            weights="Invented index",
            valid_from=made.valid_from,
        )
    client = sign_in(cast.registrar)
    form = client.get(reverse("hub-measure-adopt", args=[KEY])).content.decode()
    assert 'name="weights"' not in form
    assert "Invented index" in client.get(reverse("hub-measure-new")).content.decode()


def test_harm_is_a_standards_outcome_judged_over_time_and_never_by_a_funnel(cast: SimpleNamespace) -> None:
    measured(cast.registrar)
    standing.dictionary(cast.registrar)
    forces = standing.forces(8)
    Force.objects.filter(pk__in=[one.pk for one in forces]).update(
        population=1_000_000, population_on=dt.date(2024, 6, 30)
    )
    rows = [
        f"{force.slug},{month},Robbery,{at + 10 + month_at % 2}"
        for at, force in enumerate(forces)
        for month_at, month in enumerate(MONTHS)
    ]
    # Of the eighth one month is not whole: its mean is of the others, and the month is no nought.
    sent(cast.registrar, *rows, "shire-7,2025-12,Shop theft,", absent_is_none=True)
    standard = standing.adopted(
        cast.registrar, cast.director, outcome=KEY, inputs="", activity="", direction="lower", target=40
    )
    (found,) = benchmarks.compared(Figures(benchmarks.pool(None)), standard)
    assert found.funnel is None
    assert "a harm score is no count" in found.why_no_funnel
    first, eighth = found.row(forces[0]), found.row(forces[7])
    assert first is not None
    assert eighth is not None
    assert [one.value for one in first.months[:2]] == [3.0, 3.3]  # 10 and 11 robberies of 300 each, per 1,000
    assert first.assurance is not None
    assert first.assurance.verdict.name == "MEETS"
    assert [one.month for one in eighth.months if one.value is None] == ["2025-12"]
    assert eighth.why_left_out == "1 of 12 months are not known"
