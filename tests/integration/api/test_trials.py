"""Trials by API: record, versions, diff, outcomes, flow, allocation, and what an embargo hides."""

import datetime as dt
import uuid

import pytest

from experiments.actions import allocations, amendments
from tests.integration.experiments_pages import stages

PARTS = (
    "",
    "versions/",
    "versions/1.0/",
    "diff/?from=1.0&to=1.0",
    "outcomes/",
    "flow/",
    "allocation/",
    "releases/",
)


def test_record_of_a_registered_trial(public, cast):
    trial = stages.registered(cast)
    answer = public.get(f"trials/{trial.number}/")
    record = answer.json()
    assert (record["number"], record["version"], record["badge"]) == (trial.number, "1.0", "prospective")
    assert record["dates"]["first_unit"].keys() == {"date", "type"}
    assert record["enrolment"] == {"count": stages.N_UNITS, "type": "estimated"}
    assert record["is_simulated"] is True
    assert record["protocol"]["outcomes"][0]["id"] == "calls"
    assert answer.has_header("Last-Modified")
    assert public.get(f"trials/{trial.public_id}/").json() == record


def test_list_searches_and_filters(public, cast):
    trial = stages.registered(cast)

    def numbers(query):
        return [row["number"] for row in public.get(f"trials/?{query}").json()["results"]]

    assert numbers("search=visits") == [trial.number]
    assert numbers("force=testshire") == [trial.number]
    assert numbers(f"tactic={trial.tactic.slug}&registration_state=registered&is_simulated=true") == [
        trial.number
    ]
    assert numbers("force=otherton") == []
    assert numbers("conduct_state=delivering") == []
    assert numbers("registered_from=2000-01-01&sort=number,-title") == [trial.number]
    assert numbers("registered_to=2000-01-01") == []
    assert numbers(f"running_on={trial.planned_from}&design=rct_individual&sort=report_due") == [trial.number]
    assert numbers("running_on=2000-01-01") == []
    assert numbers("problem=fraud") == []
    for wrong in ("running_on=tomorrow", "design=astrology", "desing=its"):
        refused = public.get(f"trials/?{wrong}")
        assert refused.status_code == 400
        assert refused.json()["errors"][0]["pointer"] == f"?{wrong.split('=')[0]}"
    assert (
        public.get("trials/?registered_from=03/04/2026").json()["errors"][0]["pointer"] == "?registered_from"
    )


def test_versions_and_diff(public, cast):
    trial = stages.registered(cast)
    later = (dt.date.today() + dt.timedelta(days=900)).isoformat()
    protocol = stages.amended(trial, data_lock=later)
    amendments.propose(
        trial=trial, document=protocol, reason_code="external_event", reason="A storm.", by=cast.force_user
    )
    rows = public.get(f"trials/{trial.number}/versions/").json()["results"]
    assert [row["version"] for row in rows] == ["1.0", "1.1"]
    assert rows[1]["previous"] == "1.0"
    assert rows[1]["amendment"]["reason_code"] == "external_event"
    whole = public.get(f"trials/{trial.number}/versions/1.1/").json()
    assert whole["protocol"]["dates"]["data_lock"]["date"] == later
    diff = public.get(f"trials/{trial.number}/diff/?from=1.0&to=1.1").json()
    assert [change["pointer"] for change in diff["changes"]] == ["/dates/data_lock/date"]
    assert public.get(f"trials/{trial.number}/versions/9.9/").status_code == 404
    bad = public.get(f"trials/{trial.number}/diff/?from=1.0&to=7.0").json()
    assert bad["errors"][0]["pointer"] == "?to"
    assert "1.0, 1.1" in bad["detail"]


def test_allocation_shows_its_secret_only_after_the_reveal(public, call_as, cast):
    trial = stages.locked(cast)
    before = public.get(f"trials/{trial.number}/allocation/").json()
    assert before["commitment"]
    assert (before["seed"], before["record"], before["is_revealed"]) == (None, None, False)
    assert call_as(cast.custodian).get(f"trials/{trial.number}/allocation/").json()["seed"] is None
    assert public.get(f"trials/{trial.number}/flow/").json()["assigned"] is None
    allocations.reveal(trial=trial, by=cast.custodian)
    after = public.get(f"trials/{trial.number}/allocation/").json()
    assert after["seed"]
    assert after["record"]["allocation_sha256"]
    assert after["verifier"].endswith("/allocation/verifier.py")
    flow = public.get(f"trials/{trial.number}/flow/").json()
    assert sum(arm["units"] for arm in flow["assigned"]) == flow["listed"] == stages.N_UNITS


def test_outcomes_are_those_registered(public, cast):
    trial = stages.registered(cast)
    answer = public.get(f"trials/{trial.number}/outcomes/").json()
    assert (answer["version"], [one["id"] for one in answer["outcomes"]]) == ("1.0", ["calls"])


@pytest.fixture(params=["draft", "embargoed"])
def hidden(request, cast):
    if request.param == "draft":
        return stages.draft(cast)
    cast.embargo_until = dt.date.today() + dt.timedelta(days=100)
    return stages.frozen(cast)


def test_hidden_trial_is_404_byte_for_byte(call_as, public, cast, hidden):
    for caller in (public, call_as(cast.other_force_user), call_as(cast.researcher)):
        for part in PARTS:
            found, missing = (
                caller.get(f"trials/{hidden.ref}/{part}"),
                caller.get(f"trials/{uuid.uuid4()}/{part}"),
            )
            assert (found.status_code, found.content) == (404, missing.content), part
            same = {name: value for name, value in found.headers.items() if not name.startswith("RateLimit")}
            assert same == {n: v for n, v in missing.headers.items() if not n.startswith("RateLimit")}, part
        page = caller.get("trials/?count_total=true").json()
        assert (page["results"], page["total_count"]) == ([], 0)
    for person in (cast.force_user, cast.registrar):
        assert call_as(person).get(f"trials/{hidden.ref}/").status_code == 200
        assert call_as(person).get("trials/?count_total=true").json()["total_count"] == 1


def test_hidden_trial_refuses_writes_as_a_missing_one(call_as, cast, hidden):
    caller = call_as(cast.other_force_user)
    for part in ("datasets/", "analyses/"):
        found, missing = (
            caller.post(f"trials/{hidden.ref}/{part}"),
            caller.post(f"trials/{uuid.uuid4()}/{part}"),
        )
        assert (found.status_code, found.content) == (404, missing.content)


@pytest.mark.parametrize("ref", ["CPP-9999-0001-X", "cpp-2026", "0", "-1", "%00", "a" * 300, "..%2f"])
def test_odd_references_are_404(public, ref):
    assert public.get(f"trials/{ref}/").status_code == 404


@pytest.mark.parametrize("part", ["measures/"])
def test_what_this_version_does_not_have_is_404(public, cast, part):
    trial = stages.registered(cast)
    assert public.get(f"trials/{trial.number}/{part}").status_code == 404


@pytest.mark.parametrize("name", ["submissions", "figures", "signals", "places", "standards", "offences"])
def test_rows_of_the_hub_are_under_hub_and_the_docs_say_so(public, name):
    assert public.get(f"{name}/").status_code == 404
    assert public.get(f"hub/{name}/").status_code == 401
    described = public.client.get("/api/schema/").json()["info"]["description"].lower()
    assert name in described
