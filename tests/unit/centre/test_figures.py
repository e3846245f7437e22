"""Public figures on forces: what is known, what is not, and which rate is made of them."""

import csv
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from centre import figures
from centre.models import Force
from tests import shared_data

pytestmark = pytest.mark.django_db


def test_the_43_forces_sum_to_the_published_totals() -> None:
    forces = list(Force.objects.territorial())
    assert len(forces) == 43
    # The published total at 30 September 2019, and the total of the year to December 2024 less BTP's 82,863.
    assert Force.objects.territorial().officers() == Decimal("124783.97")
    assert sum(force.recorded_crime or 0 for force in forces) == 5_350_405 - 82_863
    assert {str(force.officers_on) for force in forces} == {"2019-09-30"}


def test_a_blank_is_not_known() -> None:
    btp = Force.objects.get(slug="btp")
    assert (btp.population, btp.population_on, btp.recorded_crime, btp.crime_rate) == (None, None, None, None)


def test_no_rate_for_the_city_of_london() -> None:
    city = Force.objects.get(slug="city-of-london")
    assert (city.recorded_crime, city.population, city.crime_rate) == (9_270, 13_500, None)
    kent = Force.objects.get(slug="kent")
    assert kent.crime_rate == pytest.approx(1000 * 162_908 / 1_897_100)


@pytest.mark.parametrize(("crime", "people"), [(None, 500_000), (9_000, None), (9_000, 99_999)])
def test_no_rate_where_it_is_not_known_or_says_little(crime: int | None, people: int | None) -> None:
    assert figures.per_1000(crime, people) is None


def test_a_figure_has_its_date() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Force.objects.create(slug="a", name="A Police", kind="sample", officers=3)


@pytest.mark.skipif(
    shared_data.find("forces.csv") is None, reason="the file that this one is made from is not here"
)
def test_every_figure_is_that_of_its_source() -> None:
    path = shared_data.find("forces.csv")
    assert path is not None
    with open(path, encoding="utf-8", newline="") as source:
        rows = {row["police_uk_id"]: row for row in csv.DictReader(source) if row["police_uk_id"]}
    known = Force.objects.official()
    assert {force.slug for force in known} == set(rows)
    for force in known:
        row = rows[force.slug]
        assert str(force.officers or "") == (f"{Decimal(row['officers_fte_2019_09_30']):.2f}"), force
        assert str(force.population or "") == row["population_mid2023"], force
        assert str(force.recorded_crime or "") == row["recorded_crime_ye_2024_12_excl_fraud"], force
