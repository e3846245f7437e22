"""A tactic is proposed, developed and published."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from centre import audit
from centre.errors import Conflict, Invalid, Problem
from centre.models import Force, User
from centre.permissions import Permission, require
from centre.text import clean_text, personal_detail
from tactics.actions import ratings, words
from tactics.details import FIELD_NAMES, TacticDetails, cleaned, gaps
from tactics.models import OutcomeDomain, Tactic
from tactics.models import Problem as ProblemRow

RESERVED_SLUGS = frozenset(
    {"propose", "compare", "feed", "followed", "next-trials"}
)  # addresses of their own under tactics/


class StaleForm(Conflict):
    """Somebody else saved since the form was opened; `theirs` stands now, `yours` was sent."""

    def __init__(self, theirs: TacticDetails, yours: TacticDetails) -> None:
        super().__init__("Somebody else has changed this tactic since you opened it.")
        self.theirs = theirs
        self.yours = yours

    @property
    def differing(self) -> list[str]:
        """Return the fields on which the two versions differ."""
        return [name for name in FIELD_NAMES if getattr(self.theirs, name) != getattr(self.yours, name)]


class AlreadyPublished(Conflict):
    """The page is public; the Centre changes it from now on."""


@transaction.atomic
def propose(
    *, details: TacticDetails, by: User, force: Force | None = None, is_simulated: bool = False
) -> Tactic:
    """A draft tactic exists, seen by its proposer, its force and the Centre.

    A force user's tactic belongs to their force; where they work in one only it need not be named. That of an
    invented force is simulated.
    """
    require(by, Permission.TACTIC_PROPOSE)
    if force is None and not by.is_centre_staff:
        force = by.forces.first()
    if force is not None:
        require(by, Permission.TACTIC_PROPOSE, on=force)
    details = cleaned(details)
    tactic = Tactic(
        slug=_free_slug(details.name),
        force=force,
        proposed_by=by,
        proposed_at=timezone.now(),
        is_simulated=is_simulated or bool(force and force.is_sample),
        main_outcome=_outcome(details.main_outcome),
        **details.columns(),
    )
    chosen = _problems(details.problems)
    tactic.save()
    tactic.problems.set(chosen)
    words.keep(tactic=tactic)
    audit.record("tactic.proposed", subject=tactic, by=by, detail={"name": tactic.name})
    return tactic


@transaction.atomic
def edit(*, tactic: Tactic, details: TacticDetails, version: int, by: User) -> Tactic:
    """The tactic says what `details` says. `version` is the one that the editor had before them."""
    require(by, Permission.TACTIC_EDIT, on=tactic)
    stored = Tactic.objects.select_for_update().get(pk=tactic.pk)
    if stored.is_published and not by.is_centre_staff:
        raise AlreadyPublished("This tactic is published. Ask the Centre to change it.")
    details = cleaned(details)
    before = details_of(stored)
    if stored.version != version:
        raise StaleForm(before, details)
    changed = [name for name in FIELD_NAMES if getattr(before, name) != getattr(details, name)]
    if not changed:
        return stored
    if stored.is_published and (missing := gaps(details)):
        raise Invalid("A published tactic cannot lose these", missing)
    for name, value in details.columns().items():
        setattr(stored, name, value)
    stored.main_outcome = _outcome(details.main_outcome)
    stored.version += 1
    stored.problems.set(_problems(details.problems))
    stored.save()
    words.keep(tactic=stored)
    audit.record(
        "tactic.edited", subject=stored, by=by, detail={"changed": changed, "version": stored.version}
    )
    if stored.is_published and "main_outcome" in changed and stored.main_outcome:
        ratings.propose(tactic=stored, outcome_domain=stored.main_outcome, by=by)
    return stored


@transaction.atomic
def publish(*, tactic: Tactic, by: User, no_record_because: str = "") -> Tactic:
    """Everyone may see the tactic, and it is rated on its main outcome.

    One that uses AI has its transparency record published before it, or the public reads why there is none.
    """
    require(by, Permission.TACTIC_PUBLISH)
    stored = Tactic.objects.select_for_update().get(pk=tactic.pk)
    if stored.is_published:
        raise AlreadyPublished(f"This tactic was published on {stored.published_at:%-d %B %Y}.")
    if missing := gaps(details_of(stored)):
        raise Invalid("The page is not complete yet", missing)
    if stored.uses_ai and not stored.transparency_records.exists():
        stored.no_record_because = _why_no_record(no_record_because)
    stored.published_at, stored.published_by = timezone.now(), by
    stored.save(update_fields=["published_at", "published_by", "no_record_because"])
    words.keep(tactic=stored)
    audit.record("tactic.published", subject=stored, by=by, detail={"version": stored.version})
    if stored.main_outcome is not None:
        ratings.propose(tactic=stored, outcome_domain=stored.main_outcome, by=by)
    return stored


def details_of(tactic: Tactic) -> TacticDetails:
    """Return what people wrote about the tactic."""
    values: dict[str, Any] = {
        name: getattr(tactic, name) for name in FIELD_NAMES if name not in ("problems", "main_outcome")
    }
    return TacticDetails(
        problems=tuple(tactic.problems.order_by("slug").values_list("slug", flat=True)),
        main_outcome=tactic.main_outcome.slug if tactic.main_outcome else "",
        **values,
    )


def _why_no_record(reason: str) -> str:
    try:
        found = clean_text(
            reason,
            label="Reason",
            maximum=600,
            required="Publish its transparency record first, or say why it is published without one",
        )
    except Invalid as refusal:
        raise Invalid.field("no_record_because", refusal.message) from None
    if detail := personal_detail(found):
        raise Invalid.field("no_record_because", f"This looks like personal data: remove {detail}")
    return found


def _free_slug(name: str) -> str:
    stem = slugify(name)[:70].strip("-") or "tactic"
    taken = set(Tactic.objects.filter(slug__startswith=stem).values_list("slug", flat=True)) | RESERVED_SLUGS
    return next(slug for slug in (stem, *(f"{stem}-{n}" for n in range(2, 10_000))) if slug not in taken)


def _outcome(slug: str) -> OutcomeDomain | None:
    if not slug:
        return None
    found = OutcomeDomain.objects.filter(slug=slug).first()
    if found is None:
        raise Invalid("Unknown outcome", [Problem("main_outcome", "Choose an outcome from the list")])
    return found


def _problems(slugs: tuple[str, ...]) -> list[ProblemRow]:
    found = list(ProblemRow.objects.filter(slug__in=slugs))
    if len(found) != len(set(slugs)):
        raise Invalid("Unknown problem", [Problem("problems", "Choose problems from the list")])
    return found
