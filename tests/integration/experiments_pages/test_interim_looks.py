"""Looks before the end, from the protocol's form to the registered analysis: what was not registered does not run."""

import csv
import io
import json
from typing import Any

import pytest

from experiments import protocol, tasks
from experiments.actions import amendments, analyses, registrations
from experiments.actions.trials import ProtocolIncomplete, save
from experiments.analysis.evidence import findings
from experiments.models import Analysis, Trial
from tests.integration.experiments_pages import stages
from tests.integration.experiments_pages.pages import address, fields_of, seen, summary, words

pytestmark = pytest.mark.django_db

LOOKS = [0.5, 0.75, 1]
INTERIM = {
    "method": "group_sequential",
    "looks": LOOKS,
    "spending": "obrien_fleming",
    "stop_rule": "The oversight group, in closed session; at the boundary.",
}
STEP = "trial-protocol-step"
PREFIX = "decision__interim__"


@pytest.fixture
def with_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every trial of the stages registers three looks, and its outcomes are not as clear as they are elsewhere."""
    plain = stages.document

    def document(tactic: Any) -> dict[str, Any]:
        made = plain(tactic)
        made["decision"]["interim"] = INTERIM
        made["analysis_plan"]["estimates"][0] |= {"options": {"looks": LOOKS}, "covariance": "HC2"}
        return made

    monkeypatch.setattr(stages, "document", document)
    monkeypatch.setattr(stages, "outcomes", outcomes)


def outcomes(trial: Trial) -> bytes:
    """Return an outcome file with a small effect."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("unit", "arm", "calls"))
    for place, row in enumerate(trial.allocations.get().assignments.order_by("arm", "unit")):
        writer.writerow((row.unit, row.arm, 10 + (place * 7) % 20 - (5 if row.arm == "treatment" else 0)))
    return text.getvalue().encode()


def opened(client: Any, trial: Trial) -> dict[str, Any]:
    return fields_of(client.get(address(trial, STEP, "estimand")).context["form"])


def test_the_question_is_answered_in_the_form_and_reads_as_words(cast: Any, sign_in: Any) -> None:
    trial = stages.draft(cast)
    client = sign_in(cast.force_user)
    page = client.get(address(trial, STEP, "estimand"))
    assert "A few looks, each with its boundary (group sequential)" in words(page)
    assert "as they were described before" not in words(page)
    answers = {
        f"{PREFIX}method": "group_sequential",
        f"{PREFIX}looks": "0.5\n0.75\n1",
        f"{PREFIX}spending": "pocock",
        f"{PREFIX}stop_rule": "The oversight group.",
        f"{PREFIX}not_applicable_because": "",
    }
    sent = {**opened(client, trial), **answers, "then": "list"}
    assert client.post(address(trial, STEP, "estimand"), sent).status_code == 302
    interim = stages.fresh(trial).draft.decision.interim
    assert (interim.method, interim.looks, interim.spending) == (
        "group_sequential",
        (0.5, 0.75, 1.0),
        "pocock",
    )
    again = opened(client, trial)
    assert again[f"{PREFIX}looks"] == "0.5\n0.75\n1"
    text = words(client.get(address(trial, "trial-document")))
    assert "A few looks, each with its boundary (group sequential)" in text
    assert "0.5 0.75 1" in text
    assert "About the same at every look (Pocock type)" in text


@pytest.mark.parametrize(
    ("looks", "message"),
    [
        ("0.5\n0.4\n1", "The shares of information at the looks must rise"),
        ("50%\n1", "Enter a number"),
        ("0.5\n0.75", "then the end itself, which is 1"),
    ],
)
def test_looks_that_cannot_be_made_are_refused_at_the_field_and_kept(
    cast: Any, sign_in: Any, looks: str, message: str
) -> None:
    trial = stages.draft(cast)
    client = sign_in(cast.force_user)
    sent = {**opened(client, trial), f"{PREFIX}looks": looks, "then": "list"}
    response = client.post(address(trial, STEP, "estimand"), sent)
    assert response.status_code == 422
    assert message in summary(response)
    assert message in " ".join(response.context["form"].errors[f"{PREFIX}looks"]).replace("\n", " ")
    assert response.context["form"][f"{PREFIX}looks"].value() == looks
    assert stages.fresh(trial).protocol == trial.protocol


def test_an_answer_from_before_is_shown_and_can_be_taken_out(cast: Any, sign_in: Any) -> None:
    trial = stages.draft(cast)
    document = protocol.to_json(trial.draft)
    document["decision"]["interim"] = {"text": "The sponsor looks in May.", "not_applicable_because": ""}
    trial = save(trial=trial, document=document, edition=trial.protocol_edition, by=cast.force_user)
    client = sign_in(cast.force_user)
    assert "Looks, as they were described before" in words(client.get(address(trial, STEP, "estimand")))
    assert "The sponsor looks in May." in words(client.get(address(trial, "trial-document")))
    sent = opened(client, trial)
    client.post(address(trial, STEP, "estimand"), {**sent, "then": "list"})
    assert stages.fresh(trial).draft.decision.interim.text == "The sponsor looks in May."
    sent = {**opened(client, trial), f"{PREFIX}text": "", f"{PREFIX}method": "fixed", "then": "list"}
    client.post(address(trial, STEP, "estimand"), sent)
    interim = stages.fresh(trial).draft.decision.interim
    assert (interim.text, interim.method) == ("", "fixed")


def test_the_plan_takes_its_options_from_the_form(cast: Any, sign_in: Any) -> None:
    trial = stages.draft(cast)
    client = sign_in(cast.force_user)
    form = client.get(address(trial, STEP, "analysis")).context["form"]
    sent = {**fields_of(form), "estimates__count": form.count}
    options = "estimates__0__options__"
    sent |= {f"{options}looks": "0.5, 0.75 1", f"{options}spending": "pocock"}
    response = client.post(address(trial, STEP, "analysis"), sent)
    assert response.status_code == 302, summary(response)
    plan = stages.fresh(trial).draft.analysis_plan
    assert plan["estimates"][0]["options"] == {"looks": [0.5, 0.75, 1.0], "spending": "pocock"}
    form = client.get(address(trial, STEP, "analysis")).context["form"]
    assert form[f"{options}looks"].value() == "0.5 0.75 1"
    text = words(client.get(address(trial, "trial-document")))
    assert "Looks before the end 0.5 0.75 1" in text
    sent |= {f"{options}looks": "", f"{options}spending": "", f"{options}always_valid": "on"}
    sent |= {f"{options}planned": "40", "edition": form["edition"].value()}
    client.post(address(trial, STEP, "analysis"), sent)
    plan = stages.fresh(trial).draft.analysis_plan
    assert plan["estimates"][0]["options"] == {"always_valid": True, "planned": 40}
    sent |= {f"{options}looks": "half 1", "edition": str(int(form["edition"].value()) + 1)}
    refused = client.post(address(trial, STEP, "analysis"), sent)
    assert refused.status_code == 422
    assert f"{options}looks" in refused.context["form"].errors


def test_a_protocol_and_a_plan_that_disagree_are_not_registered(cast: Any, with_looks: None) -> None:
    trial = stages.approved(cast)
    Trial.objects.filter(pk=trial.pk).update(
        protocol={
            **trial.protocol,
            "decision": {**trial.protocol["decision"], "interim": {"method": "fixed"}},
        }
    )
    with pytest.raises(ProtocolIncomplete) as refusal:
        registrations.register(trial=stages.fresh(trial), by=cast.registrar)
    [problem] = refusal.value.problems
    assert problem.pointer == "/analysis_plan/estimates/0/options/looks"
    assert problem.message == "“H1” has looks at 0.5, 0.75 and 1, and the protocol registers no looks"


def test_looks_that_are_amended_read_as_words_in_the_comparison(
    cast: Any, sign_in: Any, client: Any, with_looks: None
) -> None:
    trial = stages.registered(cast)
    document = stages.amended(trial)
    document["decision"]["interim"] |= {"looks": [0.5, 0.8, 1], "spending": "pocock"}
    document["analysis_plan"]["estimates"][0]["options"] = {"looks": [0.5, 0.8, 1], "spending": "pocock"}
    made = amendments.propose(
        trial=trial, document=document, reason_code="error", reason="Typed wrongly.", by=cast.force_user
    )
    amendments.decide(amendment=made, decision="approve", by=cast.reviewer)
    stages.past_objections(made)
    text = words(client.get(address(trial, "trial-diff")))
    assert "When a few looks are made Major 0.75 0.8" in text
    assert "Nearly all is kept for the end (O’Brien–Fleming type) About the same" in text


def test_the_last_look_is_reported_and_a_synthesis_takes_the_unadjusted(
    cast: Any, sign_in: Any, with_looks: None
) -> None:
    release = stages.published(cast)
    analysis = release.analysis
    row = analysis.results.get().document
    assert row["status"] == "ok", row["reason"]
    [usual] = row["terms"]
    assert usual["term"] == "unadjusted"
    assert row["estimate"] != usual["estimate"]
    text = words(sign_in(cast.analyst).get(address(analysis.trial, "analysis-detail", analysis.public_id)))
    assert "Looks were registered at 0.5, 0.75 and 1 of the information (O'Brien–Fleming spending)" in text
    assert "As if looked at once, at the end" in text
    [found] = findings(release)
    [released] = release.estimates["H1"]["terms"]
    assert found.result.estimate == released["estimate"]
    assert (found.result.conf_low, found.result.conf_high) == (released["conf_low"], released["conf_high"])


def test_a_plan_with_looks_that_were_not_registered_does_not_run(
    cast: Any, sign_in: Any, with_looks: None
) -> None:
    trial = stages.fresh(stages.analysed(cast).trial)
    client = sign_in(cast.analyst)
    url = address(trial, "analysis-post-hoc")
    plan = json.loads(client.get(url).context["form"]["plan_json"].value())
    plan["estimates"][0]["options"] = {"looks": [0.5, 1]}
    response = client.post(url, {"plan_json": json.dumps(plan)})
    assert response.status_code == 422
    assert "has looks at 0.5 and 1, and the protocol registers looks at 0.5, 0.75 and 1" in summary(response)
    assert not Analysis.objects.filter(is_registered=False).exists()
    plan["estimates"][0]["options"] = {"looks": LOOKS, "stopped_at": 2}
    assert client.post(url, {"plan_json": json.dumps(plan), **seen(trial)}).status_code == 302
    stopped = Analysis.objects.get(is_registered=False)
    tasks.analyse(str(stopped.run.pk))
    assert "where the trial stopped" in words(
        client.get(address(trial, "analysis-detail", stopped.public_id))
    )


def test_a_trial_that_registered_none_gets_none_after_the_fact(cast: Any) -> None:
    trial = stages.fresh(stages.analysed(cast).trial)
    plan = json.loads(json.dumps(trial.protocol["analysis_plan"]))
    plan["estimates"][0] |= {"options": {"looks": [0.5, 1]}, "covariance": "HC2"}
    with pytest.raises(Exception, match="The plan has problems") as refusal:
        analyses.request(trial=trial, plan=plan, by=cast.analyst)
    assert "the protocol registers no looks" in str(getattr(refusal.value, "problems", ""))
