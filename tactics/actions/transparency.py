"""A transparency record is written in sections, sent to the Centre, and published by somebody who did not write it."""

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from centre import audit
from centre.errors import Conflict, Invalid, NotPermitted, Problem
from centre.models import User
from centre.permissions import Permission, require
from centre.text import clean_text, personal_detail
from tactics.models import Tactic, TransparencyDraft, TransparencyRecord
from tactics.transparency import LATEST, STANDARDS, Section, cleaned, document, missing


class StaleRecord(Conflict):
    """Somebody else saved since the form was opened."""


class WithTheCentre(Conflict):
    """The record has been sent: its words stand still until the Centre has answered."""


class NothingNew(Conflict):
    """The draft says what the newest version says."""


@transaction.atomic
def begin(*, tactic: Tactic, by: User, standard_version: str = LATEST) -> TransparencyDraft:
    """There is a draft by this version of the standard. Answers to fields that it does not have are kept, unseen."""
    require(by, Permission.TACTIC_EDIT, on=tactic)
    if not tactic.uses_ai:
        raise Conflict(
            "Only a tactic that uses AI has a transparency record. Say that it does when you edit it."
        )
    if standard_version not in STANDARDS:
        raise Invalid.field("standard_version", "Choose a version of the standard from the list")
    Tactic.objects.select_for_update().get(pk=tactic.pk)
    draft = TransparencyDraft.objects.filter(tactic=tactic).first()
    if draft is not None and draft.standard_version == standard_version:
        return draft
    if draft is None:
        draft = TransparencyDraft(tactic=tactic, standard_version=standard_version)
    _require_open(draft)
    draft.standard_version = standard_version
    draft.answers = {**_known_already(tactic, draft), **draft.answers}
    _kept(draft, by)
    audit.record("transparency.begun", subject=tactic, by=by, detail={"standard_version": standard_version})
    return draft


def _known_already(tactic: Tactic, draft: TransparencyDraft) -> dict[str, dict[str, str]]:
    """Return what the tactic's page says already, for the fields of the same meaning."""
    said = {
        "standard_version": draft.standard_version,
        "title": tactic.name,
        "name": tactic.name,
        "organisation_name": str(tactic.force or ""),
        "organisation_or_department": str(tactic.force or ""),
        "one_sentence_description": tactic.summary,
    }
    return {
        field.ref: {"value": said[field.attribute]}
        for field in draft.standard.fields
        if said.get(field.attribute)
    }


@transaction.atomic
def save(
    *, draft: TransparencyDraft, section: Section, said: Mapping[str, str], edition: int, by: User
) -> TransparencyDraft:
    """The answers of one section are saved; `said` has the texts by the keys of the fields.

    Nothing is saved where one of them breaks its rule, and every one that does is named.
    """
    stored = _locked(draft, by)
    _require_open(stored)
    if stored.edition != edition:
        raise StaleRecord(
            "Somebody else has saved this record since you opened the page. What you wrote is below and is not saved "
            "yet: saving again puts it in place of theirs."
        )
    answers, problems = dict(stored.answers), list[Problem]()
    for field in section.fields:
        try:
            answers[field.ref] = cleaned(field, said.get(field.key, ""))
        except Invalid as refusal:
            problems += refusal.problems
    if problems:
        raise Invalid("There is a problem with the record", problems)
    changed = [
        field.ref for field in section.fields if answers[field.ref] != stored.answers.get(field.ref, {})
    ]
    if not changed:
        return stored
    stored.answers = {ref: answer for ref, answer in answers.items() if answer}
    _kept(stored, by)
    audit.record(
        "transparency.saved",
        subject=stored.tactic,
        by=by,
        detail={"section": section.slug, "fields": changed},
    )
    return stored


@transaction.atomic
def send(*, draft: TransparencyDraft, by: User) -> TransparencyDraft:
    """The record waits for the Centre, complete, and nobody changes it meanwhile."""
    stored = _locked(draft, by)
    _require_open(stored)
    if gaps := missing(stored.standard, stored.answers):
        raise Invalid("The record is not complete yet", gaps)
    newest = stored.tactic.transparency_records.first()
    if newest is not None and newest.document == document(stored.standard, stored.answers):
        raise NothingNew(f"Nothing has changed since version {newest.number}.")
    stored.sent_at, stored.sent_by, stored.changes_asked = timezone.now(), by, ""
    stored.save()
    audit.record("transparency.sent", subject=stored.tactic, by=by, detail={"edition": stored.edition})
    return stored


@transaction.atomic
def give_back(*, draft: TransparencyDraft, because: str, by: User) -> TransparencyDraft:
    """The Centre asks for changes, and says which; the record can be written on."""
    require(by, Permission.TACTIC_PUBLISH)
    stored = TransparencyDraft.objects.select_for_update(of=("self",)).get(pk=draft.pk)
    if not stored.is_sent:
        raise _not_sent()
    try:
        stored.changes_asked = clean_text(
            because, label="What to change", maximum=3_000, multiline=True, required="Say what should change"
        )
    except Invalid as refusal:
        raise Invalid.field("because", refusal.message) from None
    if detail := personal_detail(stored.changes_asked):
        raise Invalid.field("because", f"This looks like personal data: remove {detail}")
    stored.sent_at = stored.sent_by = None
    stored.save()
    audit.record("transparency.given_back", subject=stored.tactic, by=by, detail={"edition": stored.edition})
    return stored


@transaction.atomic
def publish(*, draft: TransparencyDraft, edition: int, by: User) -> TransparencyRecord:
    """The record is the newest version, for everyone who sees the tactic. `edition` is the one that was read."""
    require(by, Permission.TACTIC_PUBLISH)
    stored = TransparencyDraft.objects.select_for_update(of=("self",)).get(pk=draft.pk)
    if stored.sent_at is None or stored.sent_by is None:
        raise _not_sent()
    if by.pk in (*stored.authors, stored.sent_by.pk):
        raise NotPermitted("You have written on this record. Somebody else at the Centre must publish it.")
    if stored.edition != edition:
        raise StaleRecord("The record has changed since you read it. Read it again.")
    newest = stored.tactic.transparency_records.first()
    made = TransparencyRecord.objects.create(
        tactic=stored.tactic,
        number=newest.number + 1 if newest else 1,
        standard_version=stored.standard_version,
        document=document(stored.standard, stored.answers),
        sent_at=stored.sent_at,
        sent_by=stored.sent_by,
        published_at=timezone.now(),
        published_by=by,
    )
    stored.sent_at, stored.sent_by, stored.authors = None, None, []
    stored.save()
    detail = {"number": made.number, "standard_version": made.standard_version}
    audit.record("transparency.published", subject=stored.tactic, by=by, detail=detail)
    return made


def _locked(draft: TransparencyDraft, by: User) -> TransparencyDraft:
    stored = (
        TransparencyDraft.objects.select_for_update(of=("self",)).select_related("tactic").get(pk=draft.pk)
    )
    require(by, Permission.TACTIC_EDIT, on=stored.tactic)
    return stored


def _kept(draft: TransparencyDraft, by: User) -> None:
    draft.edition += 1
    draft.authors = sorted({*draft.authors, by.pk})
    draft.save()


def _require_open(draft: TransparencyDraft) -> None:
    if draft.is_sent:
        raise WithTheCentre("The record is with the Centre. It can be changed once the Centre has answered.")


def _not_sent() -> Conflict:
    return Conflict("The record has not been sent to the Centre, or has been answered already.")
