"""The report for the two checkers: what was taken out, what a person judges, and what no machine can see."""

from __future__ import annotations

import json
from dataclasses import asdict

from experiments.disclosure import RULES, check_document, released_document, report
from tests.unit.experiments.disclosure.test_documents import FORCES, PEOPLE, ROW, document


def test_what_is_hidden_stands_apart_from_what_is_judged() -> None:
    made = document(warnings=["Dr Smith knows."])
    made["data"] |= {"rows": 415, "rows_dropped": [{"reason": "missing", "count": 3}]}
    made["checks"]["sample_ratio"] = {
        "rows": [{"arm": "a", "n": 400, "share": 0.99}, {"arm": "b", "n": 4, "share": 0.01}]
    }
    made["estimates"].append({**ROW, "id": "S1", "n_units": 409, "n_obs": 409})
    found = check_document(made, subjects=PEOPLE)
    made_of = report(
        released_document(made, subjects=PEOPLE),
        [asdict(one) for one in found],
        files=["result.json", "estimates.csv", "balance.svg"],
        compared=["3 May 2026"],
    )
    assert {one.where for one in made_of.hidden} == {
        "data/rows", "data/rows_dropped/0", "estimates/S1", "checks/sample_ratio/rows/0", "checks/sample_ratio/rows/1",
    }  # fmt: skip
    assert [one.where for one in made_of.looked_at] == ["estimates/0/warnings/0"]
    assert made_of.exception == ""
    assert made_of.compared == ("3 May 2026",)
    assert [file.holds for file in made_of.files] == [
        "the released numbers, all of them",
        "the released numbers, as a table",
        "a figure, drawn from the released numbers",
    ]
    sent = made_of.to_json()
    json.dumps(sent, allow_nan=False)
    assert {one["id"] for one in sent["rules"]} <= set(RULES)
    assert len(sent["not_seen_by_machine"]) == 5


def test_an_exception_is_judged_and_hides_nothing() -> None:
    small = document(n_units=12, n_treated=6, n_clusters=12)
    found = check_document(small, subjects=FORCES, exception="Twelve forces")
    released = released_document(small, subjects=FORCES, exception="Twelve forces")
    made = report(released, [asdict(one) for one in found], files=[], compared=[])
    assert made.hidden == ()
    assert {one.rule for one in made.looked_at} == {"small-cell"}
    assert made.exception == "Twelve forces"
    assert made.outputs == (("estimates/H1", "models"), ("checks/balance", "counts"), ("data", "counts"))
