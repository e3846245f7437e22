"""Random walks through the real doors: whatever is tried, in whatever order, by whomever, the promises hold.

Each walk mixes the right next step with wrong ones, by the right person and by others. What is done is in the table;
what is refused leaves every row as it was, and an event that says so.
"""

import random
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from centre import audit
from centre.errors import Refusal
from centre.models import AuditEvent, Run
from experiments import tasks
from experiments.actions import conduct
from experiments.lifecycle import TRANSITIONS, Conduct
from experiments.models import Analysis, Release, Trial
from experiments.models.transitions import COLUMNS
from tests.conftest import CAST
from tests.integration.experiments_pages import stages
from tests.integration.experiments_pages.pages import address, seen

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

STEPS = {(step.before.value, step.after.value) for step in TRANSITIONS}
N_STEPS = 60
Post = tuple[str, tuple[Any, ...], dict[str, Any]]


def release_of(trial: Trial) -> Any:
    return trial.releases.order_by("-pk").values_list("public_id", flat=True).first() or trial.public_id


def analysis_of(trial: Trial) -> Any:
    return trial.analyses.order_by("-pk").values_list("public_id", flat=True).first() or trial.public_id


def data(trial: Trial) -> dict[str, Any]:
    content = (
        stages.outcomes(trial) if trial.allocation and trial.allocation.is_drawn else b"unit,arm,calls\n"
    )
    return {"kind": "outcome", "file": SimpleUploadedFile("calls.csv", content), "reason": "Again."}


def to(state: str) -> Callable[[Trial], Post]:
    return lambda trial: ("trial-conduct", (), {"to": state, "reason": "As agreed."})


# Each act with whose part it is. The first that is possible, from the top of what is left, is the right next step.
ACTS: dict[str, tuple[str, Callable[[Trial], Post]]] = {
    "submit": ("force_user", lambda trial: ("trial-submit", (), {})),
    "approve": ("reviewer", lambda trial: ("trial-review", (), {"decision": "approve"})),
    "send back": (
        "reviewer",
        lambda trial: ("trial-review", (), {"decision": "changes_requested", "comment": "More."}),
    ),
    "sign": ("sponsor", lambda trial: ("trial-sign", (), {"stands": "on"})),
    "reject": ("registrar", lambda trial: ("trial-reject", (), {"confirm": "reject"})),
    "register": ("registrar", lambda trial: ("trial-register", (), {"confirm": "register"})),
    "ask to withdraw": ("force_user", lambda trial: ("trial-withdraw", (), {"reason": "Too busy."})),
    "open": ("registrar", to("baseline")),
    "freeze": ("custodian", lambda trial: ("trial-allocation-freeze", (), {"pasted": stages.unit_csv()})),
    "draw": ("custodian", lambda trial: ("trial-allocation-draw", (), {"confirm": "draw"})),
    "deliver": ("force_user", to("delivering")),
    "suspend": ("force_user", to("suspended")),
    "resume": ("force_user", to("delivering")),
    "upload": ("force_user", lambda trial: ("trial-data-upload", (), data(trial))),
    "follow": ("force_user", to("follow_up")),
    "review data": ("registrar", lambda trial: ("trial-data-review", (), {"comment": "Whole."})),
    "lock": ("registrar", to("data_locked")),
    "reveal": ("custodian", lambda trial: ("trial-allocation-reveal", (), {"confirm": "reveal"})),
    "analyse": ("analyst", lambda trial: ("trial-analyses", (), seen(trial))),
    "prepare": ("analyst", lambda trial: ("release-prepare", (analysis_of(trial),), {"note": ""})),
    "check": ("checker", lambda trial: ("release-check", (release_of(trial),), {"decision": "clear"})),
    "check again": (
        "second_checker",
        lambda trial: ("release-check", (release_of(trial),), {"decision": "clear"}),
    ),
    "check facts": ("force_user", lambda trial: ("release-facts", (release_of(trial),), {"comment": ""})),
    "publish": ("publisher", lambda trial: ("release-publish", (release_of(trial),), {"confirm": "publish"})),
    "tell": ("force_user", lambda trial: ("account-entry-new", ("implementation",), stages.DELIVERED)),
    "complete": ("registrar", to("completed")),
    "terminate": ("sponsor", to("terminated")),
}
THE_WAY = [
    *(
        "submit",
        "approve",
        "sign",
        "register",
        "open",
        "freeze",
        "draw",
        "deliver",
        "upload",
        "follow",
        "review data",
    ),
    *("lock", "analyse", "prepare", "check", "check again", "check facts", "publish", "complete"),
]


@pytest.mark.parametrize("seed", [1, 2])  # the first ends published, the second is stopped early
def test_no_walk_breaks_a_promise(cast: Any, sign_in: Any, seed: int) -> None:
    chance = random.Random(seed)
    clients = {name: sign_in(getattr(cast, name)) for name in CAST}
    trial, ahead, done, refused = stages.draft(cast), list(THE_WAY), 0, 0
    for _ in range(N_STEPS):
        name = ahead[0] if ahead and chance.random() < 0.65 else chance.choice(list(ACTS))
        whose, act = ACTS[name]
        person = whose if chance.random() < 0.75 else chance.choice(list(CAST))
        trial = stages.fresh(trial)
        url_name, more, answers = act(trial)
        before, last = rows(), newest_event()
        answer = clients[person].post(address(trial, url_name, *more), answers)
        if answer.status_code == 302:
            done += 1
            work()
            if ahead and name == ahead[0]:
                ahead.pop(0)
        else:
            refused += 1
            assert rows() == before, (name, person, answer.status_code)
            is_known = answer.status_code != 404
            said = AuditEvent.objects.filter(pk__gt=last).values_list("event", flat=True)
            assert list(said) == (["request.refused"] if is_known else []), (name, person)
        keeps_its_promises(trial, stages.fresh(trial))
        a_wrong_state_is_refused(stages.fresh(trial), cast, chance)
    assert done > 5
    assert refused > 20
    assert audit.verify().holds


def work() -> None:
    """Let the worker do what waits for it."""
    for run in Run.objects.filter(state=Run.State.QUEUED):
        (tasks.ingest if run.task.endswith("ingest") else tasks.analyse)(str(run.pk))


def keeps_its_promises(before: Trial, after: Trial) -> None:
    """Say that what happened is in the table, and that no step was skipped."""
    for column in COLUMNS.values():
        was, now = getattr(before, column), getattr(after, column)
        assert was == now or is_reached(was, now), (column, was, now)
    if after.allocation or after.conduct_state != "not_started":
        assert after.number
        assert after.registration is not None
        assert after.cosignatures.filter(protocol_sha256=after.registrations.earliest("pk").sha256).exists()
    if after.conduct_state == "allocated":
        assert after.allocation is not None
        assert after.allocation.is_drawn
    if Analysis.objects.filter(trial=after).exists() or after.results_state != "none":
        assert after.is_data_locked
    for release in Release.objects.filter(trial=after, published_at__isnull=False):
        assert release.checks.filter(decision="clear").count() >= 2
        assert release.published_by_id not in release.checks.values_list("checker", flat=True)
    if after.results_state == "published":
        assert Release.objects.published().filter(trial=after).exists()


def is_reached(was: str, now: str) -> bool:
    """Say whether one act may lead there: in one step, or in two as a review that is also the first reading."""
    one = {after for before, after in STEPS if before == was}
    return now in one or any((middle, now) in STEPS for middle in one & {"in_review"})


def a_wrong_state_is_refused(trial: Trial, cast: Any, chance: random.Random) -> None:
    """Ask the action itself for a state that the table does not lead to; nothing changes."""
    wrong = [state for state in Conduct if (trial.conduct_state, state.value) not in STEPS]
    before = rows()
    for person in (cast.registrar, cast.director):
        with pytest.raises(Refusal):
            conduct.advance(trial=trial, to=chance.choice(wrong), reason="Now.", by=person)
    assert rows() == before


def newest_event() -> int:
    return AuditEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def rows() -> dict[str, list[Any]]:
    """Return every row of the registry and the library, the audit log left out."""
    found = {}
    with connection.cursor() as cursor:
        for model in apps.get_models():
            if model._meta.app_label in ("experiments", "tactics"):
                cursor.execute(f'SELECT * FROM "{model._meta.db_table}" ORDER BY 1')
                found[model._meta.db_table] = cursor.fetchall()
    return found
