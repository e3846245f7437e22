"""A registered protocol changes in the open: a reason, a field diff, a second person where it matters."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from centre.errors import Invalid
from centre.models import Force
from experiments.actions import amendments
from experiments.models import Amendment, Registration
from tests.integration.experiments_pages import stages
from tests.integration.experiments_pages.pages import address, fields_of, refusals, status, summary, words

pytestmark = pytest.mark.django_db


def change(client: Any, trial: Any, step: str, **answers: Any) -> Any:
    """Change one step of the working copy."""
    url = address(trial, "trial-amend-step", step)
    form = client.get(url).context["form"]
    counts = {f"{name}__count": count for name, count in form.counts.items()}
    return client.post(url, {**fields_of(form), **counts, **answers})


def later(days: int = 30) -> dict[str, str]:
    """Return a later date of primary completion."""
    day = timezone.localdate() + timedelta(days=days)
    name = "dates__primary_completion__date"
    names = ("primary_completion", "data_lock")
    return {
        f"dates__{one}__date_{part}": str(getattr(day, part))
        for one in names
        for part in ("day", "month", "year")
    } | {f"{name}_day": str(day.day)}


def test_a_minor_change_is_in_force_at_once(cast: Any, sign_in: Any, client: Any) -> None:
    trial = stages.registered(cast)
    lead = sign_in(cast.force_user)
    assert change(lead, trial, "dates", **later()).status_code == 302
    assert not Amendment.objects.exists()
    page = words(lead.get(address(trial, "trial-amend")))
    assert "it is in force at once" in page
    sent = {"reason_code": "recruitment", "reason": "Fewer calls than planned."}
    assert lead.post(address(trial, "trial-amend"), sent).status_code == 302
    assert Registration.objects.count() == 2
    text = words(client.get(address(trial, "trial-versions")))
    assert "1.1" in text
    assert "Fewer calls than planned." in text
    assert "No outcome data had been received when it was proposed" in text
    diff = words(client.get(address(trial, "trial-diff")))
    assert "Primary completion" in diff
    assert "2 fields differ between version 1.0 and version 1.1" in diff


def test_a_major_change_waits_for_a_reviewer(cast: Any, sign_in: Any) -> None:
    trial = stages.registered(cast)
    lead = sign_in(cast.force_user)
    change(lead, trial, "estimand", decision__integrity_floor="0.7")
    assert "it waits for a methods reviewer" in words(lead.get(address(trial, "trial-amend")))
    lead.post(address(trial, "trial-amend"), {"reason_code": "error", "reason": "Typed wrongly."})
    assert Amendment.objects.get().is_open
    assert Registration.objects.count() == 1
    reviewer = sign_in(cast.reviewer)
    page = reviewer.get(address(trial, "trial-amend"))
    assert "Integrity floor" in words(page)
    assert "0.7" in words(page)
    url = address(trial, "trial-amend-decide")
    half = reviewer.post(url, {"decision": "refuse", "comment": ""})
    assert half.status_code == 422
    assert "Say why it is refused" in summary(half)
    assert reviewer.post(url, {"decision": "approve"}).status_code == 302
    assert Registration.objects.count() == 1, "the team has 48 hours to object"
    stages.past_objections(Amendment.objects.get())
    assert stages.fresh(trial).registration.version == "2.0"


def test_the_author_and_others_do_not_decide(cast: Any, sign_in: Any) -> None:
    trial = stages.registered(cast)
    lead = sign_in(cast.force_user)
    change(lead, trial, "estimand", decision__integrity_floor="0.7")
    lead.post(address(trial, "trial-amend"), {"reason_code": "error", "reason": "Typed wrongly."})
    url = address(trial, "trial-amend-decide")
    for person in (cast.force_user, cast.registrar, cast.analyst, cast.researcher):
        assert sign_in(person).post(url, {"decision": "approve"}).status_code == 403, person
    assert Amendment.objects.get().is_open


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({"reason": "Because."}, "Choose a reason"),
        ({"reason_code": "error", "reason": "\u200b"}, "Say why the protocol changes"),
        ({"reason_code": "whim", "reason": "Kept words"}, "whim is not one of the available choices"),
    ],
)
def test_an_amendment_without_a_reason_is_refused(
    cast: Any, sign_in: Any, answers: dict[str, str], message: str
) -> None:
    trial = stages.registered(cast)
    lead = sign_in(cast.force_user)
    change(lead, trial, "dates", **later())
    before = refusals()
    response = lead.post(address(trial, "trial-amend"), answers)
    assert response.status_code == 422
    assert message in summary(response)
    assert refusals() == before + 1
    assert not Amendment.objects.exists()


def test_nothing_changed_is_nothing_to_propose(cast: Any, sign_in: Any) -> None:
    trial = stages.registered(cast)
    answers = {"reason_code": "error", "reason": "None."}
    response = sign_in(cast.force_user).post(address(trial, "trial-amend"), answers)
    assert response.status_code == 422
    assert "Nothing differs from the version in force" in summary(response)


def test_changes_can_be_discarded(cast: Any, sign_in: Any) -> None:
    trial = stages.registered(cast)
    lead = sign_in(cast.force_user)
    change(lead, trial, "dates", **later())
    lead.post(address(trial, "trial-amend-discard"))
    assert "Nothing yet." in words(lead.get(address(trial, "trial-amend")))


def test_what_the_draw_has_fixed_is_not_changed(cast: Any, sign_in: Any) -> None:
    trial = stages.drawn(cast)
    lead = sign_in(cast.force_user)
    change(lead, trial, "allocation", allocation__ratio__0__share="2")
    response = lead.post(address(trial, "trial-amend"), {"reason_code": "error", "reason": "More treatment."})
    assert response.status_code == 409
    assert "Fixed for ever when the units were frozen" in summary(response)
    assert "More treatment." in response.content.decode()
    assert not Amendment.objects.exists()


def test_versions_are_public_and_unknown_ones_are_not_found(cast: Any, client: Any) -> None:
    trial = stages.registered(cast)
    assert trial.registration.sha256 in words(client.get(address(trial, "trial-versions")))
    assert (
        client.get(address(trial, "trial-version", "1.0") + "?format=json").json()["arms"][0]["id"]
        == "treatment"
    )
    for version in ("2.0", "x", "1.", "1.0.0"):
        assert status(client, address(trial, "trial-version", version)) == 404, version
    unknown = client.get(address(trial, "trial-diff"), {"before": "1.0", "after": "9.9"})
    assert unknown.status_code == 422
    assert "Choose one of the versions of this trial" in summary(unknown)


def test_only_the_team_reaches_the_working_copy(cast: Any, sign_in: Any) -> None:
    trial = stages.registered(cast)
    url = address(trial, "trial-amend-step", "dates")
    for person in (cast.researcher, cast.other_force_user, cast.analyst):
        assert status(sign_in(person), url) == 403, person
    assert sign_in(cast.anonymous).get(url).status_code == 302


def test_a_difference_is_in_words_not_in_codes(cast: Any, sign_in: Any) -> None:
    trial = stages.registered(cast)
    lead = sign_in(cast.force_user)
    change(lead, trial, "team", team__independence="in_house")
    text = words(lead.get(address(trial, "trial-amend")))
    assert "Partnership with an independent research body" in text
    assert "In-house: the force evaluates itself" in text
    assert "dual_partnership" not in text


def test_an_amendment_of_the_sites_moves_whose_trial_it_is(cast: Any) -> None:
    trial = stages.registered(cast)
    other = Force.objects.create(slug="elsewhere", name="Elsewhere Police", kind=Force.Kind.SAMPLE)
    document = stages.amended(trial)
    document["sites"] = [*document["sites"], {**document["sites"][0], "force": "elsewhere", "area": "North"}]
    why = {"reason_code": "recruitment", "reason": "More places.", "by": cast.force_user}
    unknown = {**document, "sites": [{**document["sites"][0], "force": "nowhere"}]}
    with pytest.raises(Invalid) as refusal:
        amendments.propose(trial=trial, document=unknown, **why)
    assert [one.pointer for one in refusal.value.problems] == ["/sites/0/force"]
    made = amendments.propose(trial=trial, document=document, **why)
    assert made.registration is not None, "sites may change freely"
    assert other.pk in stages.fresh(trial).force_ids
