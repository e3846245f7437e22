"""Harm weights by offence title, and which group a label belongs to."""

from decimal import Decimal

import pytest

from centre.hub import classifications, weights
from centre.hub.street.labels import categories

TABLE = 'offence,weight\nRobbery,365\n"Burglary, dwelling",19\nArson,547.5\n'


def test_weights_are_read_as_they_stand() -> None:
    assert weights.read(TABLE.encode()).by_title == {"Robbery": 365, "Burglary, dwelling": 19, "Arson": 547.5}
    renamed = TABLE.replace("offence,weight", "full_offence_title,cchi_score_days").encode()
    assert weights.read(renamed, title="full_offence_title", weight="cchi_score_days") == weights.read(
        TABLE.encode()
    )


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("Violence and sexual offences,730.33", "line 5: 'Violence and sexual offences' is a category"),
        ("Robbery,10", "'Robbery' stands there twice, with 365 and 10"),
        ("Theft,-1", "no number of 0 or more"),
        ("Theft,nan", "no number of 0 or more"),
        ("Theft,", "no number of 0 or more"),
        (",3", "no title"),
    ],
)
def test_what_cannot_be_weighed_is_refused_with_its_line(row: str, said: str) -> None:
    with pytest.raises(weights.WeightsRefused, match=said):
        weights.read(f"{TABLE}{row}\n".encode())


def test_groups_are_read_where_their_column_is_named() -> None:
    table = b"offence,weight,group\nRobbery,365,Violence\nArson,0.1,\n"
    assert weights.read(table, group="group").groups == {"Robbery": "Violence", "Arson": "Without a group"}
    assert weights.read(table).groups == {}
    assert weights.read(table).by_title["Arson"] == Decimal("0.1")  # and not what a binary number makes of it
    with pytest.raises(weights.WeightsRefused, match="line 4: 'Robbery' stands there twice, in 'Violence'"):
        weights.read(table + b"Robbery,365,Theft\n", group="group")
    with pytest.raises(weights.WeightsRefused, match="no column 'Group'"):
        weights.read(table, group="Group")


@pytest.mark.parametrize("content", [b"", b"offence,days\nRobbery,1\n", b"offence,weight\n", b"\xff\xfe"])
def test_what_is_no_table_is_refused(content: bytes) -> None:
    with pytest.raises(weights.WeightsRefused):
        weights.read(content)


def test_every_category_has_its_group_and_the_split_ones_are_not_shared_out() -> None:
    found = {one: classifications.mapped("offence-group", one, month="2024-01") for one in categories()[:14]}
    assert all(found.values())
    assert found["Burglary"].into == ("Theft offences",)  # type: ignore[union-attr]
    assert {label for label, one in found.items() if one and not one.is_whole} == {
        "Anti-social behaviour",
        "Violence and sexual offences",
    }


def test_an_old_label_became_another_until_its_month() -> None:
    old = classifications.mapped("street-label", "Violent crime", month="2012-06")
    assert old is not None
    assert old.into == ("Violence and sexual offences",)
    assert classifications.mapped("street-label", "Violent crime", month="2013-02") is None
    assert classifications.mapped("offence-group", "Burglary", month="2012-12") is None
