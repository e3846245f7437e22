"""What must be true of the table whoever wrote it: the rules that its lines may never break."""

import pytest

from tests.permissions.asking import SUBJECTS
from tests.permissions.test_matrix import listed

ROWS = listed()
OUTSIDERS = ("anonymous", "other_force_user", "researcher")
# The whole public face: what may answer 2 to anybody although its row says embargoed or draft is a list, not a thing.
HELD_BACK = (
    "api-analysis",
    "api-analysis-result",
    "api-release",
    "api-release-file",
    "release-detail",
    "release-file",
)


def letters(row: str) -> dict[str, str]:
    return dict(zip(SUBJECTS, ROWS[row], strict=True))


def test_every_row_has_a_letter_for_everybody() -> None:
    assert {len(row) for row in ROWS.values()} == {len(SUBJECTS)}
    assert set("".join(ROWS.values())) <= set("12AR340589")


@pytest.mark.parametrize("row", [row for row in ROWS if not row.endswith((" public", " always"))])
def test_outsiders_learn_nothing_of_what_is_hidden(row: str) -> None:
    assert {letters(row)[name] for name in OUTSIDERS} <= {"1", "4"}


# Who comes in by a link has not signed in; without one there is nothing there.
COMING_IN = ("sign-", "invitation-accept")


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row.startswith("POST") and not any(one in row for one in COMING_IN)]
)
def test_nobody_writes_without_signing_in(row: str) -> None:
    assert (letters(row)["anonymous"], letters(row)["suspended"]) == ("1", "1")


@pytest.mark.parametrize("row", [row for row in ROWS if " api-" in row and "api-docs" not in row])
def test_a_suspended_token_opens_nothing(row: str) -> None:
    assert letters(row)["suspended"] == "1"


@pytest.mark.parametrize("row", [f"GET {name} embargoed" for name in HELD_BACK])
def test_what_is_not_published_is_for_the_centre_and_cleared_for_the_force(row: str) -> None:
    assert {letters(row)[name] for name in OUTSIDERS} == {"4"}
    is_release = "release" in row  # the force checks the facts of what two checkers have cleared
    assert {letters(row)[name] for name in ("force_user", "sponsor")} == {"2" if is_release else "4"}


@pytest.mark.parametrize(
    ("part", "who"),
    [
        ("POST rating-sign", {"reviewer"}),
        ("POST adoption-new", {"registrar", "force_user", "other_force_user"}),
        ("POST adoption-correct", {"registrar", "force_user"}),
        ("POST hours-new", {"registrar", "force_user", "other_force_user"}),
        ("POST hours-correct", {"registrar", "force_user"}),
        ("POST rejected-new", {"reviewer"}),
        ("POST quality-score", {"reviewer"}),
        ("POST rejected-take-back", {"reviewer"}),
        ("POST practice-send", {"force_user"}),
        ("POST practice-review", {"registrar", "reviewer"}),
        ("POST trial-review", {"reviewer"}),
        ("POST trial-register", {"registrar"}),
        ("POST trial-reject", {"registrar"}),
        ("POST trial-withdraw", {"registrar", "force_user", "director"}),
        ("POST trial-data-review", {"registrar", "force_user", "analyst"}),
        ("POST trial-allocation-freeze", {"custodian"}),
        ("POST trial-allocation-open", {"custodian"}),
        ("POST trial-allocation-draw", {"custodian"}),
        ("POST api-trial-enrolments", {"force_user"}),
        ("POST trial-allocation-beacon", {"custodian"}),
        ("POST trial-allocation-reveal", {"custodian"}),
        ("POST trial-data-upload", {"force_user"}),
        ("POST api-trial-datasets", {"force_user"}),
        ("POST trial-analyses", {"analyst"}),
        ("POST api-trial-analyses", {"analyst"}),
        ("POST analysis-post-hoc", {"analyst"}),
        ("POST release-prepare", {"analyst"}),
        ("POST release-check", {"checker"}),
        ("POST release-facts", {"force_user"}),
        ("POST release-publish", {"publisher"}),
        ("POST trial-defer", {"registrar"}),
        ("POST trial-progress", {"registrar", "force_user"}),
        ("POST account-entry-new", {"registrar", "force_user"}),
        ("POST account-entry-correct", {"registrar", "force_user"}),
        ("POST account-entry-take-back", {"registrar", "force_user"}),
        ("POST trial-amend-answer", {"reviewer"}),
        ("POST release-withdraw", {"reviewer", "director"}),
        ("POST disclosure-policies", {"registrar", "director"}),
        ("POST access-apply", {"researcher"}),
        ("POST api-access-list", {"researcher"}),
        ("GET api-access-file", {"researcher"}),
        ("POST access-withdraw", {"researcher"}),
        ("POST access-decide", {"registrar", "director"}),
        ("POST access-revoke", {"registrar", "director"}),
        ("GET access-data", {"researcher"}),
        ("GET release-report", {"analyst", "checker", "publisher"}),
        ("POST person-erase", {"registrar", "director"}),
        ("POST tactic-publish", {"registrar", "publisher"}),
        ("POST person-invite", {"registrar", "director"}),
        ("POST person-suspend", {"registrar", "director"}),
        ("POST person-restore", {"registrar", "director"}),
        ("POST person-sign-out", {"registrar", "director"}),
        ("POST person-renew", {"registrar", "director"}),
        ("POST person-second-factor-remove", {"registrar", "director"}),
        ("POST webhook-list", {"registrar", "force_user", "other_force_user"}),
        ("POST webhook-end", {"force_user"}),
        ("POST invitation-revoke", {"registrar", "director"}),
    ],
)
def test_each_duty_has_its_post(part: str, who: set[str]) -> None:
    rows = [row for row in ROWS if row.rpartition(" ")[0] == part]
    assert rows
    allowed = {name for row in rows for name, letter in letters(row).items() if letter in "2AR089"}
    assert allowed == who
