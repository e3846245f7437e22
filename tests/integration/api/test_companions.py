"""The tables beside the estimates: tidy, across all public trials, with what disclosure control lets out."""

import csv
import datetime as dt
import io
from typing import Any

import pytest
from django.utils import timezone

from experiments.actions import allocations, amendments, harms
from experiments.models import Release
from experiments.unit_list import UnitLine
from tests.integration.experiments_pages import accounts, stages

pytestmark = pytest.mark.django_db
FROM_PROTOCOLS = ("arms", "outcomes", "flow")
ACCOUNT = ("deviations", "delivery", "harms", "losses")
ALL = (*FROM_PROTOCOLS, "amendments", "allocations", *ACCOUNT)


@pytest.fixture
def release(cast: Any) -> Release:
    """A trial with results and an account, its seed out; and one that was registered and amended."""
    made = stages.published(cast)
    accounts.told(cast, made.trial)
    allocations.reveal(trial=stages.fresh(made.trial), by=cast.custodian)
    later = stages.registered(cast)
    document = stages.amended(later, data_lock=(timezone.localdate() + dt.timedelta(days=900)).isoformat())
    said = {"reason_code": "external_event", "reason": "A storm."}
    amendments.propose(trial=later, document=document, **said, by=cast.force_user)
    return made


def rows(public: Any, path: str) -> list[dict[str, Any]]:
    answer = public.get(path)
    assert answer.status_code == 200, answer.content
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


def test_each_table_is_the_same_as_json_and_as_csv_and_in_the_dictionary(
    public: Any, release: Release, django_assert_max_num_queries: Any
) -> None:
    described = {one["path"]: one for one in public.get("metadata/").json()["resources"]}
    for name in ALL:
        with django_assert_max_num_queries(9):
            found = rows(public, f"{name}/")
        assert found, name
        lines = public.get(f"{name}/?format=csv").content.decode()
        table = list(csv.DictReader(io.StringIO(lines, newline="")))
        assert [line["trial_id"] for line in table] == [row["trial_id"] for row in found], name
        columns = [column["name"] for column in described[f"/api/v1/{name}/"]["columns"]]
        assert list(table[0]) == list(found[0]) == columns, name
        assert {"trial", "tactic", "is_simulated"} <= set(described[f"/api/v1/{name}/"]["filters"])
        one = rows(public, f"{name}/?trial={found[-1]['trial_id']}")
        assert {row["trial_id"] for row in one} == {found[-1]["trial_id"]}
        assert columns[0] == "trial_id"
        assert rows(public, f"{name}/?fields={columns[-1]},trial_id") == [
            {key: row[key] for key in ("trial_id", columns[-1])} for row in found
        ]
        assert rows(public, f"{name}/?is_simulated=false") == []
        assert public.get(f"{name}/?no_such=1").status_code == 400


def test_arms_and_outcomes_are_those_of_the_protocol_in_force(public: Any, release: Release) -> None:
    number, registration = release.trial.number, release.trial.registration
    assert registration
    arms = rows(public, f"arms/?trial={number}")
    assert [row["arm"] for row in arms] == [arm.id for arm in registration.frozen_protocol.arms]
    assert {row["registration_hash"] for row in arms} == {registration.sha256}
    assert {row["arm"]: row["share"] for row in arms} == registration.frozen_protocol.shares
    outcomes = rows(public, f"outcomes/?trial={number}&fields=outcome_id,role,position")
    expected = [
        (one["id"], one["role"], place) for place, one in enumerate(registration.protocol["outcomes"], 1)
    ]
    assert [(row["outcome_id"], row["role"], row["position"]) for row in outcomes] == expected
    estimates = rows(public, f"estimates/?trial_id={number}")
    assert {row["outcome_id"] for row in estimates} <= {row["outcome_id"] for row in outcomes}
    other = [row["protocol_version"] for row in rows(public, "arms/") if row["trial_id"] != number]
    assert set(other) == {"1.1"}  # of an amended trial the newest alone


def test_pages_of_parts_begin_where_the_last_ended(public: Any, release: Release) -> None:
    whole = rows(public, "outcomes/")
    seen, token, pages = [], "", 0
    while True:
        page = public.get(f"outcomes/?page_size=1&count_total=true{token}").json()
        seen += page["results"]
        pages += 1
        assert page["total_count"] == len(whole)
        if "next_page_token" not in page:
            break
        token = f"&page_token={page['next_page_token']}"
    assert (seen, pages) == (whole, len(whole))
    assert public.get(f"arms/?page_size=1{token}").status_code == 400  # a token of another list


def test_the_flow_counts_arms_after_the_reveal_alone(public: Any, cast: Any) -> None:
    trial = stages.locked(cast)

    def flow() -> list[tuple[Any, ...]]:
        return [
            (row["stage"], row["arm"], row["units"]) for row in rows(public, f"flow/?trial={trial.number}")
        ]

    before = [("planned", None, stages.N_UNITS), ("listed", None, stages.N_UNITS)]
    assert flow() == before
    hidden = rows(public, "allocations/")[0]
    assert (hidden["is_revealed"], hidden["seed"]) == (False, None)
    allocations.reveal(trial=stages.fresh(trial), by=cast.custodian)
    half = stages.N_UNITS // 2
    assert flow() == [*before, ("assigned", "control", half), ("assigned", "treatment", half)]
    assert rows(public, "allocations/?is_revealed=true")[0]["seed"]
    assert rows(public, "allocations/?is_revealed=false") == []
    assert [row["n_units"] for row in rows(public, "allocations/")] == [stages.N_UNITS]


def test_amendments_say_why_and_what(public: Any, release: Release) -> None:
    [row] = rows(public, "amendments/?reason_code=external_event")
    assert (row["version"], row["previous_version"], row["reason"]) == ("1.1", "1.0", "A storm.")
    assert row["changed"] == ["/dates/data_lock/date"]
    assert rows(public, "amendments/?is_major=true") == []


def test_counts_of_the_account_are_those_that_disclosure_control_lets_out(
    public: Any, cast: Any, release: Release
) -> None:
    trial = stages.fresh(release.trial)
    found = {
        "severity": "minor",
        "relatedness": "related",
        "found_by": "records",
        "how": "Read.",
        "action": "Seen.",
    }
    for name, n in (("Bruise", 3), ("Sprain", 13)):
        harms.record(
            trial=trial, name=name, was_found=True, n_events=n, n_units=n, **found, by=cast.force_user
        )
    shown = {row["name"]: (row["n_events"], row["n_units"]) for row in rows(public, "harms/")}
    assert shown["Bruise"] == (None, None)
    assert shown["Sprain"] == (15, 15)
    assert [row["n_units"] for row in rows(public, "losses/")] == [None]
    assert {row["n_units"] for row in rows(public, "harms/?fields=n_units")} == {None, 15}
    assert "Bruise" in str(rows(public, "harms/?is_standing=true"))
    assert rows(public, "harms/?is_standing=false") == []


def test_what_is_not_public_is_in_no_table(public: Any, cast: Any, call_as: Any, monkeypatch: Any) -> None:
    cast.embargo_until = timezone.localdate() + dt.timedelta(days=20)
    hidden = stages.drawn(cast)
    stages.draft(cast)
    for name in ALL:
        assert rows(public, f"{name}/") == [], name
        assert rows(call_as(cast.other_force_user), f"{name}/") == [], name
    assert {row["trial_id"] for row in rows(call_as(cast.registrar), "arms/")} == {hidden.number}
    cast.embargo_until = None
    others = [UnitLine(f"V{place}") for place in range(8)]
    monkeypatch.setattr(stages, "lines", lambda n_units=8: others)
    running = stages.delivering(cast)
    accounts.told(cast, running)
    assert {row["trial_id"] for row in rows(public, "arms/")} == {running.number}
    for name in ACCOUNT:
        assert rows(public, f"{name}/") == [], name  # its results are not out
