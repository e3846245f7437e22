"""Harm: count times weight, exact, and whole or not at all; what moved it, in words."""

import random
from decimal import Decimal
from fractions import Fraction

import pytest

from centre.hub import harm
from centre.hub.harm import Weighed, change, moved, sentences, weigh
from centre.hub.weights import Weights

TABLE = Weights({"Robbery": Decimal(300), "Shop theft": Decimal("1.5"), "Assault": Decimal("12.25")})
WHOLE = {"Robbery": 3, "Shop theft": 10, "Assault": 2}


def _weighed(
    counts: dict[str, int | None], table: Weights = TABLE, *, absent_is_none: bool = True
) -> Weighed:
    return weigh(counts, table, absent_is_none=absent_is_none)


def test_a_month_by_hand() -> None:
    found = _weighed(WHOLE, absent_is_none=False)
    assert found.value == Decimal("939.5")  # 3 x 300 + 10 x 1.5 + 2 x 12.25
    assert (found.n_recorded, found.n_weighted, found.share_weighted, found.why_not) == (15, 15, 1.0, "")
    assert [(one.name, one.count, one.harm) for one in found.groups] == [
        ("Robbery", 3, 900),
        ("Assault", 2, Decimal("24.5")),
        ("Shop theft", 10, 15),
    ]


def test_the_sum_is_exact_where_binary_numbers_are_not() -> None:
    drawn = random.Random(9)
    weights = {f"Offence {at}": Decimal(drawn.randrange(1, 10**15)).scaleb(-6) for at in range(700)}
    counts: dict[str, int | None] = {title: drawn.randrange(10**9) for title in weights}
    exact = sum(Fraction(str(weights[title])) * (n or 0) for title, n in counts.items())
    found = _weighed(counts, Weights(weights))
    assert Fraction(str(found.value)) == exact
    assert sum(Fraction(str(one.harm)) for one in found.groups) == exact
    assert sum(float(weights[title]) * (n or 0) for title, n in counts.items()) != exact


def test_neither_the_order_of_rows_nor_that_of_the_table_says_anything() -> None:
    turned = Weights(dict(reversed(TABLE.by_title.items())))
    again = _weighed(dict(reversed(WHOLE.items())), turned)
    assert again == _weighed(dict(WHOLE))


def test_months_add_up_and_weights_scale() -> None:
    other = {"Robbery": 1, "Shop theft": 7, "Assault": 0}
    together = {title: WHOLE[title] + other[title] for title in WHOLE}
    one, two, both = (_weighed(dict(counts)).value for counts in (WHOLE, other, together))
    assert one is not None
    assert two is not None
    assert one + two == both
    tenfold = Weights({title: 10 * weight for title, weight in TABLE.by_title.items()})
    assert _weighed(dict(WHOLE), tenfold).value == 10 * one


def test_groups_of_the_table_are_added_up() -> None:
    grouped = Weights(TABLE.by_title, {"Robbery": "Violence", "Assault": "Violence", "Shop theft": "Theft"})
    found = _weighed(dict(WHOLE), grouped)
    assert [(one.name, one.count, one.harm) for one in found.groups] == [
        ("Violence", 5, Decimal("924.5")),
        ("Theft", 10, 15),
    ]
    assert found.value == _weighed(dict(WHOLE)).value


def test_an_offence_without_a_row_is_not_known_unless_absent_is_none() -> None:
    found = _weighed({"Robbery": 3}, absent_is_none=False)
    assert (found.value, found.groups) == (None, ())
    assert found.why_not == "no count of 2 offences (“Assault”, “Shop theft”)"
    assert _weighed({"Robbery": 3}).value == 900


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"Assault": None}, "no count of 1 offence (“Assault”)"),
        ({"Arson": 5}, "no weight for 1 offence (“Arson”)"),
        ({"Arson": 0}, "no weight for 1 offence (“Arson”)"),
        (
            {"Arson": None, "A": 1, "B": 1, "C": 1},
            "no weight for 4 offences (“A”, “Arson”, “B” and 1 more); no count of 1 offence (“Arson”)",
        ),
    ],
)
def test_a_part_of_the_sum_is_never_the_whole(more: dict[str, int | None], said: str) -> None:
    found = _weighed({**WHOLE, **more})
    assert (found.value, found.groups, found.offences) == (None, (), ())
    assert found.why_not == said


def test_the_share_that_has_a_weight_is_told_where_the_sum_is_not() -> None:
    found = _weighed({"Robbery": 3, "Arson": 1})
    assert (found.n_recorded, found.n_weighted, found.share_weighted) == (4, 3, 0.75)
    assert _weighed({}).share_weighted is None
    assert _weighed({}).value == 0


def test_what_moved_harm_is_said_by_what_was_worked_out() -> None:
    before = _weighed({"Robbery": 2, "Shop theft": 98, "Assault": 0})  # 747, of 100
    after = _weighed({"Robbery": 3, "Shop theft": 94, "Assault": 0})  # 1041, of 97
    found = change(before, after)
    assert found is not None
    assert sentences(found, ("May 2025", "May 2026"), "days") == (
        "Harm rose 39 % from May 2025 to May 2026 while counts fell 3 %, because Robbery rose by 300 days "
        "(1 offence more). Without Robbery, the offence recorded that weighs most, harm fell 4 %."
    )
    back = change(after, before)
    assert back is not None
    assert sentences(back, ("a", "b"), "days").startswith(
        "Harm fell 28 % from a to b while counts rose 3 %, because Robbery fell by 300 days (1 offence fewer)."
    )


def test_where_harm_did_not_move_no_reason_is_given() -> None:
    found = change(_weighed(dict(WHOLE)), _weighed(dict(WHOLE)))
    assert found is not None
    said = sentences(found, ("a", "b"), "days")
    assert said.startswith("Harm stayed the same from a to b and counts stayed the same. Without Robbery")
    assert "because" not in said


def test_no_change_is_said_of_a_month_that_is_not_whole() -> None:
    part = _weighed({"Robbery": None})
    assert change(part, _weighed(dict(WHOLE))) is None
    assert change(_weighed(dict(WHOLE)), part) is None
    assert change(_weighed({}), _weighed({})) is None


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (100, 112, "rose 12 %"),
        (100, 97, "fell 3 %"),
        (1000, 1001, "rose by less than 1 %"),
        (0, "12.50", "rose from 0 to 12.5"),
        (7, 7, "stayed the same"),
        (5, 0, "fell 100 %"),
    ],
)
def test_how_a_figure_moved(before: int, after: int | str, said: str) -> None:
    assert moved(Decimal(before), Decimal(after)) == said


def test_a_figure_is_shown_in_full() -> None:
    assert [harm.plain(Decimal(text)) for text in ("5475", "1000", "12.50", "0", "0.000001", "1E+3")] == [
        "5,475",
        "1,000",
        "12.5",
        "0",
        "0.000001",
        "1,000",
    ]
