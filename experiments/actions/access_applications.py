"""Researchers ask for the rows behind published results; the Centre grants it for a purpose and a time, or refuses."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from centre import audit, notices, vault
from centre.clock import database_today
from centre.errors import Conflict, Invalid, NotFound, NotPermitted, Problem
from centre.models import User
from centre.permissions import Permission, require
from centre.text import is_blank, tidied
from experiments import analysis as bridge
from experiments.models import AccessApplication, AccessDecision, AccessNotice, Dataset, RestrictedFile, Trial
from experiments.protocol.deadlines import months_after
from experiments.protocol.text import text_problems
from experiments.restricted import Restricted

# What an application says in words: the name in messages, and what to do where it is blank.
TEXTS = {
    "question": ("The question", "Say what question you want to answer"),
    "why_rows": ("Why you need the rows", "Say why the released files are not enough"),
    "lawful_basis": ("The lawful basis", "Give the lawful basis and the ethics decision"),
    "others": ("Who else", "Say who else would see the rows, or that nobody would"),
}
NO_SUCH_DATA = "Choose data that published results stand on"
LONGEST = 4_000  # characters of each text
LONGEST_PURPOSE = 500  # it stands in the audit event of every read


@transaction.atomic
def apply(
    *,
    dataset: Dataset,
    question: str,
    why_rows: str,
    lawful_basis: str,
    others: str,
    starts_on: dt.date,
    ends_on: dt.date,
    accepts_terms: bool,
    by: User,
) -> AccessApplication:
    """The application waits for the Centre."""
    trial = Trial.objects.for_action(dataset.trial, by)
    require(by, Permission.ACCESS_APPLY)
    if not trial.is_public:
        raise NotFound("There is no such trial.")  # also for those who know it: nothing of it is out yet
    if not dataset.is_released_from:
        raise Invalid.field("/dataset", NO_SUCH_DATA)
    said = {"question": question, "why_rows": why_rows, "lawful_basis": lawful_basis, "others": others}
    problems = [*_text_problems(said), *_day_problems(starts_on, ends_on)]
    if not accepts_terms:
        problems.append(Problem("/accepts_terms", "Say that you will keep to the terms"))
    if problems:
        raise Invalid(problems[0].message, problems)
    _require_no_other(dataset, by)
    made: AccessApplication = AccessApplication.objects.create(
        dataset=dataset,
        applicant=by,
        starts_on=starts_on,
        ends_on=ends_on,
        applied_at=timezone.now(),
        **{name: tidied(text) for name, text in said.items()},
    )
    audit.record("access.applied", subject=made, by=by, detail=named(made))
    return made


@transaction.atomic
def withdraw(*, application: AccessApplication, by: User) -> AccessApplication:
    """The applicant takes it back before it is decided."""
    found = _for_decision(application, by)
    if found.applicant_id != by.pk:
        raise NotPermitted("Only the applicant withdraws an application.")
    _require_waiting(found)
    found.withdrawn_at = timezone.now()
    found.save(update_fields=["withdrawn_at"])
    audit.record("access.withdrawn", subject=found, by=by, detail=named(found))
    return found


def grant(
    *, application: AccessApplication, purpose: str, conditions: str = "", ends_on: dt.date, by: User
) -> AccessDecision:
    """The applicant may read the one file of these data, for the purpose, until the day is over.

    The file is made before anything is locked: it can take seconds, and the same data give the same file.
    """
    _require_decider(application, by)
    _require_waiting(application)
    if not application.dataset.is_released_from:
        raise Conflict("No published release stands on these data any more: refuse it, with that reason.")
    problems = list(
        text_problems("/conditions", conditions, label="The conditions", max_length=LONGEST)
    ) + _purpose_problems(purpose)
    starts_on = max(database_today(), application.starts_on)
    if message := _end_problem(application, starts_on, ends_on):
        problems.append(Problem("/ends_on", message))
    if problems:
        raise Invalid(problems[0].message, problems)
    made = _restricted(application.dataset)
    with transaction.atomic():
        found = _for_decision(application, by)
        _require_waiting(found)
        file = _kept(found.dataset, made)
        words = {"purpose": tidied(purpose), "conditions": tidied(conditions)}
        decision = _decided(
            found, by, outcome="grant", file=file, starts_on=starts_on, ends_on=ends_on, **words
        )
        _tell(found, f"Access is granted until {ends_on:%-d %B %Y}.")
        detail = named(found) | words | {"ends_on": ends_on.isoformat(), "file": file.sha256}
        audit.record("access.granted", subject=found, by=by, detail=detail)
    return decision


@transaction.atomic
def refuse(*, application: AccessApplication, reason: str, by: User) -> AccessDecision:
    """The applicant is told why not."""
    _require_decider(application, by)
    found = _for_decision(application, by)
    _require_waiting(found)
    if is_blank(reason):
        raise Invalid.field("/reason", "Say why: the applicant reads it")
    if problems := list(text_problems("/reason", reason, label="The reason", max_length=LONGEST)):
        raise Invalid(problems[0].message, problems)
    decision = _decided(found, by, outcome="refuse", reason=tidied(reason))
    _tell(found, "Access is refused. The reason stands with your application.")
    audit.record("access.refused", subject=found, by=by, detail=named(found) | {"reason": decision.reason})
    return decision


@transaction.atomic
def see(*, notice: AccessNotice, by: User) -> None:
    """The applicant has read a notice."""
    notices.see(notice, about=notice.application, by=by)


def is_concerned(application: AccessApplication, by: User) -> bool:
    """Return whether the person asked for it or works on the trial, and so does not decide."""
    trial = application.dataset.trial
    own = by.pk in (application.applicant_id, trial.created_by_id)
    return own or trial.team_members.filter(user=by).exists()


def named(application: AccessApplication) -> dict[str, Any]:
    """Return what every event on an application names."""
    dataset = application.dataset
    return {
        "application": str(application.public_id),
        "trial": dataset.trial.number,
        "dataset": str(dataset.public_id),
    }


def _require_decider(application: AccessApplication, by: User) -> None:
    require(by, Permission.ACCESS_DECIDE)
    if is_concerned(application, by):
        raise NotPermitted("Somebody else must decide this: you asked for it, or work on this trial.")


def _for_decision(application: AccessApplication, by: User) -> AccessApplication:
    """Return the newest state, with the trial locked: one decision, one application at a time."""
    if not AccessApplication.objects.visible_to(by).filter(pk=application.pk).exists():
        raise NotFound("There is no such application.")
    Trial.objects.for_action(application.dataset.trial, by)
    found: AccessApplication = AccessApplication.objects.for_list().get(pk=application.pk)
    return found


def _require_waiting(application: AccessApplication) -> None:
    state = application.state_on(database_today())
    if state != AccessApplication.State.WAITING:
        raise Conflict(f"This application does not wait any more: {state.label.lower()}.")


def _require_no_other(dataset: Dataset, by: User) -> None:
    day = database_today()
    still = (
        AccessApplication.State.WAITING,
        AccessApplication.State.NOT_YET,
        AccessApplication.State.OPEN,
    )
    for other in AccessApplication.objects.for_list().filter(dataset=dataset, applicant=by):
        if other.state_on(day) in still:
            raise Conflict("You have asked for these data already, or may read them: see your applications.")


def _text_problems(said: dict[str, str]) -> Iterator[Problem]:
    for name, (label, missing) in TEXTS.items():
        if is_blank(said[name]):
            yield Problem(f"/{name}", missing)
        else:
            yield from text_problems(f"/{name}", said[name], label=label, max_length=LONGEST)


def _day_problems(starts_on: dt.date, ends_on: dt.date) -> Iterator[Problem]:
    day = database_today()
    if starts_on < day:
        yield Problem("/starts_on", "The first day must be today or later")
    elif starts_on > months_after(day, settings.ACCESS_MONTHS):
        yield Problem("/starts_on", f"The first day must be within {settings.ACCESS_MONTHS} months")
    if ends_on < starts_on:
        yield Problem("/ends_on", "The last day must not be before the first")
    elif ends_on > months_after(starts_on, settings.ACCESS_MONTHS):
        yield Problem("/ends_on", f"Ask for {settings.ACCESS_MONTHS} months or less")


def _purpose_problems(purpose: str) -> list[Problem]:
    if is_blank(purpose):
        return [Problem("/purpose", "Say what the data may be used for")]
    return list(text_problems("/purpose", purpose, label="The purpose", max_length=LONGEST_PURPOSE))


def _end_problem(application: AccessApplication, starts_on: dt.date, ends_on: dt.date) -> str:
    last = min(application.ends_on, months_after(starts_on, settings.ACCESS_MONTHS))
    if last < starts_on:
        return "The time that was asked for is over: refuse it, and say that they may ask again"
    if not starts_on <= ends_on <= last:
        return f"Give a day from {starts_on:%-d %B %Y} to {last:%-d %B %Y}"
    return ""


def _restricted(dataset: Dataset) -> Restricted | None:
    """Return the file where it must be made; None where there is one."""
    if RestrictedFile.objects.filter(dataset=dataset).exists():
        return None
    if not bridge.can_restrict():
        raise Conflict(
            "No access can be granted: this registry has no secret to make pseudonyms with (PSEUDONYM_SECRET)."
        )
    made = bridge.restrict(dataset)
    if not made.given:
        raise Conflict("No column of these data may go out, so there is nothing to grant.")
    return made


def _kept(dataset: Dataset, made: Restricted | None) -> RestrictedFile:
    """Return the file of a version of the data, which is made once. Called with the trial locked."""
    known: RestrictedFile | None = RestrictedFile.objects.filter(dataset=dataset).first()
    if known is not None or made is None:
        assert known is not None  # noqa: S101  a kept file is never deleted
        return known
    row: RestrictedFile = RestrictedFile.objects.create(
        dataset=dataset,
        name=f"{dataset.trial.number}-v{dataset.version}-restricted.csv",
        sha256=vault.put_bytes(made.content).sha256,
        size=len(made.content),
        media_type="text/csv; charset=utf-8",
        n_rows=made.n_rows,
        columns=[{"name": name, "use": use.value} for name, use in made.given.items()],
        left_out=[{"name": one.name, "why": one.why} for one in made.left_out],
        key_id=made.key_id,
        fewest=made.fewest,
        made_at=timezone.now(),
    )
    return row


def _decided(application: AccessApplication, by: User, **said: Any) -> AccessDecision:
    made: AccessDecision = AccessDecision.objects.create(
        application=application, decided_at=timezone.now(), decided_by=by, **said
    )
    return made


def _tell(application: AccessApplication, said: str) -> None:
    AccessNotice.objects.create(
        user=application.applicant, application=application, said=said, at=timezone.now()
    )
