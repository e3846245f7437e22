"""A dataset as a researcher may have it: what goes out, what stays, and that its order says nothing."""

import csv
import io
from typing import Any

import pyarrow as pa
import pytest

from experiments.pseudonyms import key_id, pseudonym, trial_key
from experiments.restricted import Restricted, Use, restricted

KEY = trial_key("s" * 50, "one")
UNITS = ["N4-02", "N4-01", "N4-03", "N4-04"]
USES = {"unit": Use.IDENTIFIER, "arm": Use.LABEL, "calls": Use.VALUE, "kind": Use.WORDS, "x": Use.PLACE}


def table(**more: Any) -> pa.Table:
    return pa.table({"unit": UNITS, "arm": ["t", "c", "t", "c"], "calls": [3, 14, None, 9], **more})


def made(rows: pa.Table, fewest: int = 2, **uses: Use) -> Restricted:
    return restricted(rows, {**USES, **uses}, unit="unit", key=KEY, fewest=fewest)


def lines(file: Restricted) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.content.decode())))


def why(file: Restricted) -> dict[str, str]:
    return {one.name: one.why for one in file.left_out}


def test_identifiers_are_pseudonyms_and_the_rest_is_as_it_came() -> None:
    file = made(table())
    found = {row["unit"]: (row["arm"], row["calls"]) for row in lines(file)}
    assert found == {
        pseudonym(KEY, "N4-02"): ("t", "3"),
        pseudonym(KEY, "N4-01"): ("c", "14"),
        pseudonym(KEY, "N4-03"): ("t", ""),
        pseudonym(KEY, "N4-04"): ("c", "9"),
    }
    assert b"N4" not in file.content
    assert (file.n_rows, file.left_out, file.key_id) == (4, (), key_id(KEY))


def test_the_order_of_rows_and_columns_does_not_matter() -> None:
    rows = table()
    turned = rows.take(pa.array([3, 1, 0, 2]))
    assert made(turned).content == made(rows).content
    assert [row["unit"] for row in lines(made(rows))] == sorted(pseudonym(KEY, unit) for unit in UNITS)


def test_clusters_and_strata_are_pseudonyms_too() -> None:
    file = made(table(station=["Old Town"] * 4), station=Use.IDENTIFIER)
    assert {row["station"] for row in lines(file)} == {pseudonym(KEY, "Old Town")}


@pytest.mark.parametrize(
    ("column", "use", "reason"),
    [
        ([1, 2, 3, 4], None, "The register does not say what it holds."),
        ([1, 2, 3, 4], Use.PLACE, "It says where a unit is."),
        (["a", "a", "a", "b"], Use.WORDS, "It has words that fewer than 2 units share."),
        (["a", "a", "b", "PC 1234"], Use.LABEL, "Something in it looks like personal data."),
        (["a", "a", "Mrs Smith", "Mrs Smith"], Use.WORDS, "Something in it looks like personal data."),
        (["07700 900123"] * 4, Use.VALUE, "Something in it looks like personal data."),
    ],
)
def test_columns_that_stay(column: list[Any], use: Use | None, reason: str) -> None:
    file = made(table(odd=column), **({"odd": use} if use else {}))
    assert why(file) == {"odd": reason}
    assert list(file.given) == ["unit", "arm", "calls"]
    assert b"odd" not in file.content


def test_a_name_that_looks_like_personal_data_stays() -> None:
    file = made(table(**{"calls of Mrs Smith": [1, 2, 3, 4]}), **{"calls of Mrs Smith": Use.VALUE})
    assert why(file) == {"calls of Mrs Smith": "Its name looks like personal data."}


def test_words_count_units_and_not_rows() -> None:
    rows = pa.table({"unit": ["a", "a", "b"], "kind": ["rare", "rare", "rare"]})
    assert why(made(rows, fewest=2)) == {}
    rows = pa.table({"unit": ["a", "a", "b"], "kind": ["rare", "rare", None]})
    assert why(made(rows, fewest=2)) == {"kind": "It has words that fewer than 2 units share."}
    alone = restricted(rows, {"kind": Use.WORDS}, unit=None, key=KEY, fewest=2)
    assert list(alone.given) == ["kind"]  # no column of units: each row is one


def test_no_cell_runs_in_a_spreadsheet() -> None:
    file = made(table(kind=["=1+1"] * 4, **{"@SUM": [-1] * 4}), **{"@SUM": Use.VALUE})
    assert {(row["kind"], row["'@SUM"]) for row in lines(file)} == {("'=1+1", "-1")}
