"""`manage.py synthesise`: JSON on standard output, the exit codes of the contract, no database."""

import io
import json
from math import exp
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from tests.unit.tactics.rating.seven_trials import COUNTS

SEVEN = "study,ai,n1i,ci,n2i\n" + "\n".join(
    ",".join(map(str, (study, *row))) for study, row in COUNTS.items()
)
VECTOR_D = "study,yi,vi\n" + "\n".join(
    f"{name},{y},{v}"
    for name, y, v in zip(
        "abcdefg",
        [-0.30, 0.05, -0.12, -0.45, 0.10, -0.20, -0.60],
        [0.02, 0.03, 0.01, 0.05, 0.04, 0.015, 0.06],
        strict=True,
    )
)


def run(tmp_path: Path, text: str, **options: Any) -> tuple[int, str, str]:
    """Run the command; return its exit code and both outputs."""
    file = tmp_path / "effects.csv"
    file.write_text(text)
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("synthesise", data=file, stdout=out, stderr=err, **options)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def test_answers_the_whole_contract(tmp_path: Path) -> None:
    code, out, err = run(tmp_path, VECTOR_D)
    answer = json.loads(out)
    assert (code, err) == (0, "")
    contract = {
        "k", "estimate", "std_error", "conf_low", "conf_high", "p_value", "tau2", "tau2_conf_low",
        "tau2_conf_high", "i2", "h2", "q", "q_p_value", "prediction_low", "prediction_high", "prediction_df",
        "egger", "leave_one_out", "coefficients",
    }  # fmt: skip
    assert contract <= answer.keys()
    assert answer["estimate"] == pytest.approx(-0.1788799740, abs=1e-9)
    assert [row["study"] for row in answer["leave_one_out"]] == list("abcdefg")


@pytest.mark.parametrize(
    ("options", "interval", "other"),
    [
        ({"method": "MH"}, (1.6821, 1.1983, 2.3614), {"q": 8.4780, "i2": 29.2}),
        ({"method": "DL", "test": "z"}, (1.7236, 1.1343, 2.6190), {"tau2": 0.09216}),
        ({"method": "DL"}, (1.7236, 1.0121, 2.9350), {}),
        ({"test": "z"}, (1.7081, 1.1427, 2.5532), {"tau2": 0.06929, "std_error": 0.20508}),
        ({}, (1.7081, 1.0067, 2.8980), {"estimate": 0.53537, "std_error": 0.21606, "q": 8.4780}),
    ],
    ids=["MH", "DL", "DL+HK", "REML", "REML+HK"],
)
def test_seven_trials_to_the_printed_digits(
    tmp_path: Path, options: dict[str, Any], interval: tuple[float, ...], other: dict[str, float]
) -> None:
    code, out, err = run(tmp_path, SEVEN, **options)
    answer = json.loads(out)
    assert (code, err, answer["k"]) == (0, "", 7)
    found = [exp(answer[name]) for name in ("estimate", "conf_low", "conf_high")]
    assert found == pytest.approx(
        interval, abs=7e-5
    )  # one bound was printed with 1.96 for the normal quantile
    assert {name: answer[name] for name in other} == pytest.approx(other, rel=2e-3)


@pytest.mark.parametrize(
    ("options", "interval"), [({}, (0.712, 4.099)), ({"method": "DL", "test": "z"}, (0.664, 4.474))]
)
def test_seven_trials_have_both_prediction_intervals(
    tmp_path: Path, options: dict[str, Any], interval: tuple[float, float]
) -> None:
    answer = json.loads(run(tmp_path, SEVEN, **options)[1])
    found = exp(answer["prediction_low"]), exp(answer["prediction_high"])
    assert found == pytest.approx(interval, abs=6e-4)
    assert answer["prediction_df"] == 5


def test_mantel_haenszel_says_what_it_does_not_have(tmp_path: Path) -> None:
    answer = json.loads(run(tmp_path, SEVEN, method="MH")[1])
    assert answer["tau2"] is answer["prediction_low"] is answer["egger"] is None
    assert answer["not_estimable"].keys() == {"tau2", "prediction", "egger"}
    assert [row["study"] for row in answer["leave_one_out"]] == list(COUNTS)


def test_options_change_the_answer(tmp_path: Path) -> None:
    _, plain, _ = run(tmp_path, VECTOR_D)
    _, other, _ = run(tmp_path, VECTOR_D, method="DL", test="z", level=0.9, prediction="metafor")
    assert json.loads(other)["prediction_df"] is None
    assert json.loads(other)["tau2"] != json.loads(plain)["tau2"]


def test_moderators_give_coefficients(tmp_path: Path) -> None:
    rows = VECTOR_D.splitlines()
    text = "\n".join([rows[0] + ",dose", *(f"{row},{number}" for number, row in enumerate(rows[1:]))])
    code, out, _ = run(tmp_path, text, moderators="dose")
    answer = json.loads(out)
    assert code == 0
    assert [one["term"] for one in answer["coefficients"]] == ["intercept", "dose"]
    assert answer["estimate"] is None
    assert "moderators" in answer["not_estimable"]["estimate"]


@pytest.mark.parametrize(
    ("text", "options", "code", "message"),
    [
        ("yi,vi\nx,1\n", {}, 2, "line 2, column yi"),
        ("yi,vi\n1,1\n2,1\n", {"level": 1.5}, 2, "The level must be at least 0.5"),
        ("yi,vi\n1,1\n", {}, 3, "1 study cannot be pooled"),
        ("yi,vi\n1,1\n1,1\n1,1\n", {}, 3, "all effects are equal"),
        ("yi,vi\n1,1\n2,1\n", {"method": "MH"}, 2, "--method MH takes the columns ai, n1i, ci and n2i"),
        (SEVEN, {"method": "MH", "level": 1.5}, 2, "The level must be at least 0.5"),
        ("ai,n1i,ci,n2i\n0,5,1,5\n1,5,2,5\n", {}, 2, "Study 1 has an empty cell"),
        ("ai,n1i,ci,n2i\n0,5,1,5\n0,5,2,5\n", {"method": "MH"}, 3, "no event in any study"),
        ("ai,n1i,ci\n0,5,1\n", {}, 2, "line 1: column n2i is missing"),
        ("ai,n1i,ci,n2i\n6,5,1.5,5\n", {}, 2, "line 2, column ci: must be a whole number"),
    ],
)
def test_refusals_have_their_exit_code(
    tmp_path: Path, text: str, options: dict[str, Any], code: int, message: str
) -> None:
    ended, _, err = run(tmp_path, text, **options)
    assert ended == code
    assert message in err


def test_missing_file_is_named(tmp_path: Path) -> None:
    err = io.StringIO()
    with pytest.raises(SystemExit) as end:
        call_command("synthesise", data=tmp_path / "none.csv", stderr=err)
    assert end.value.code == 2
    assert "No such file" in err.getvalue()
