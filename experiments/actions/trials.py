"""A trial is begun, written and sent for review."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from centre import audit
from centre.errors import Conflict, Invalid, NotFound, NotPermitted
from centre.models import Force, User
from centre.permissions import Permission, has_permission, require
from centre.text import is_blank, tidied
from experiments import protocol
from experiments.actions import entries, predecessors, steps
from experiments.actions.collisions import require_declared
from experiments.lifecycle import Fact, Registration
from experiments.models import Site, TeamMember, Trial
from experiments.protocol import templates
from experiments.protocol.dry_run import dry_run_problems
from tactics.models import Tactic


class StaleEdition(Conflict):
    """Somebody else saved in the meantime; `theirs` is what stands now, `yours` what was sent."""

    def __init__(self, theirs: Any, yours: Any) -> None:
        super().__init__(
            "Somebody else has changed this protocol since you opened it. Compare both and save again."
        )
        self.theirs, self.yours = theirs, yours


class ProtocolFrozen(Conflict):
    """The protocol is not open for editing."""


class ProtocolIncomplete(Invalid):
    """Registration needs more; `problems` names each field."""


class PlanDoesNotRun(ProtocolIncomplete):
    """The synthetic dry run failed: the plan cannot be carried out on data of the registered shape."""


@transaction.atomic
def start(
    *,
    title: str,
    by: User,
    tactic: Tactic | None = None,
    lead_force: Force | None = None,
    is_simulated: bool = False,
    notice: str = "",
    template: str = "",
    source: Trial | None = None,
) -> Trial:
    """A draft exists, and its author leads it. An invented force, or a simulated tactic, makes it a simulated trial."""
    require(by, Permission.TRIAL_DRAFT)
    if lead_force is None and not by.is_centre_staff:
        lead_force = by.forces.first()
    if lead_force is not None:
        require(by, Permission.TRIAL_DRAFT, on=lead_force)
    is_simulated = is_simulated or bool(
        lead_force.is_sample if lead_force else tactic and tactic.is_simulated
    )
    _require_same_kind(is_simulated, tactic)
    if is_blank(title):
        raise Invalid.field("/title/public_title", "Enter a trial title")
    draft = _begun_from(template, source, by, is_simulated)
    draft["title"] = {"public_title": tidied(title)}
    if tactic is not None:
        draft["tactic"] = {"slug": tactic.slug, "version": tactic.version}
    read = protocol.from_json(draft)
    trial = Trial.objects.create(
        title=read.title.public_title,
        tactic=tactic or _tactic(read, is_simulated, by),
        lead_force=lead_force,
        created_by=by,
        protocol=protocol.to_json(read),
        is_simulated=is_simulated,
        notice=notice,
        **entries.columns(read, None),
    )
    entries.place_problems(trial, read)
    TeamMember.objects.create(trial=trial, user=by, role=TeamMember.Role.LEAD)
    begun_from = {"template": template} if template else {"copy_of": source.ref} if source else {}
    audit.record("trial.started", subject=trial, by=by, detail={"title": trial.title, **begun_from})
    return trial


@transaction.atomic
def save_step(*, trial: Trial, section: str, value: Any, edition: int, by: User) -> Trial:
    """One section of the draft is as given. Blanks are accepted; values that cannot be right are not."""
    trial = open_for_editing(trial, by)
    document = protocol.to_json(trial.draft)
    read = protocol.to_json(protocol.section_from_json(section, value))
    if edition != trial.protocol_edition:
        raise StaleEdition(theirs=document[section], yours=value)
    return _save(trial, {**document, section: read}, by, {"section": section})


@transaction.atomic
def save(*, trial: Trial, document: Any, edition: int, by: User) -> Trial:
    """The whole draft is as given."""
    trial = open_for_editing(trial, by)
    read = protocol.to_json(protocol.from_json(document))
    if edition != trial.protocol_edition:
        raise StaleEdition(theirs=trial.protocol, yours=document)
    return _save(trial, read, by, {"section": "all"})


@transaction.atomic
def submit(*, trial: Trial, by: User) -> Trial:
    """The protocol is complete and waits for review; it cannot be edited meanwhile."""
    trial = Trial.objects.for_action(trial, by)
    require(by, Permission.TRIAL_SUBMIT, on=trial)
    require_author(trial, by)
    found = protocol.problems(trial.draft, today=timezone.localdate())
    if found:
        raise ProtocolIncomplete("The protocol is not complete", found)
    require_runnable(trial.draft)
    require_declared(trial, trial.draft, by)
    trial.submitted_at, trial.submitted_by = timezone.now(), by
    steps.take(
        trial,
        Registration.SUBMITTED,
        facts={Fact.COMPLETE: not found},
        by=by,
        using=Permission.TRIAL_SUBMIT,
        event="trial.submitted",
        object_sha256=protocol.digest(trial.draft),
        edition=trial.protocol_edition,
    )
    return trial


@transaction.atomic
def add_member(*, trial: Trial, user: User, role: str, by: User) -> TeamMember:
    """The person is in the team: may not review, check or rate this trial."""
    trial = Trial.objects.for_action(trial, by)
    require(by, Permission.TRIAL_DRAFT, on=trial)
    if role not in TeamMember.Role.values:
        raise Invalid.field("/role", "Choose lead, analyst or member")
    if trial.reviews.filter(reviewer=user).exists():
        raise Conflict("A person who has reviewed this trial cannot join its team.")
    allocation = trial.allocation
    if (
        role == TeamMember.Role.ANALYST
        and allocation
        and user in (allocation.committed_by, allocation.drawn_by)
    ):
        raise Conflict("The custodian of the allocation cannot be the analyst.")
    is_analyst = role == TeamMember.Role.ANALYST
    if is_analyst and allocation and allocation.enrolments.filter(confirmed_by=user).exists():
        raise Conflict("Who has enrolled cases cannot be the analyst.")
    if is_analyst and (
        trial.harm_entries.filter(by=user).exists() or trial.loss_entries.filter(by=user).exists()
    ):
        raise Conflict("Who has recorded harms or losses by arm cannot be the analyst.")
    member, is_new = TeamMember.objects.get_or_create(trial=trial, user=user, defaults={"role": role})
    if not is_new:
        raise Conflict("This person is already in the team.")
    audit.record("trial.member_added", subject=trial, by=by, detail={"user": str(user.pk), "role": role})
    return member


def require_runnable(read: protocol.Protocol) -> None:
    """Refuse a complete protocol whose plan cannot run on simulated data of its shape."""
    if found := dry_run_problems(read):
        raise PlanDoesNotRun("The analysis plan cannot run on data of the registered shape", found)


def require_known_trials(read: protocol.Protocol, before: protocol.Protocol, by: User) -> None:
    """Refuse a newly named trial that is not in the registry, as far as the person may see it."""
    named = (
        ("/design/concurrent_trials", read.design.concurrent_trials, before.design.concurrent_trials),
        (predecessors.POINTER, read.problem.follows_trials, before.problem.follows_trials),
    )
    for pointer, numbers, known in named:
        for place, number in enumerate(numbers):
            if number not in known and not Trial.objects.visible_to(by).filter(number=number).exists():
                raise Invalid.field(f"{pointer}/{place}", f"There is no trial with the number {number}")


def may_edit(trial: Trial, by: User) -> bool:
    """Return whether the person may change the draft: its author, its team, its lead force, the registrar."""
    return has_permission(by, Permission.TRIAL_DRAFT, on=trial) and _is_author(trial, by)


def _begun_from(template: str, source: Trial | None, by: User, is_simulated: bool) -> dict[str, Any]:
    """Return what the draft holds at its start: nothing, a template, or a copy of what the person may read."""
    if template:
        found = templates.template(template)
        if found is None:
            raise Invalid.field("/template", "Choose one of the templates")
        return dict(found.document)
    if source is None:
        return {}
    if not Trial.objects.visible_to(by).filter(pk=source.pk).exists():
        raise NotFound("There is no such trial.")
    registration = source.registration
    draft = templates.copied(registration.frozen_protocol if registration else source.draft)
    tactic = Tactic.objects.visible_to(by).filter(slug=draft["tactic"]["slug"]).first()
    is_of_kind = tactic is not None and tactic.is_simulated == is_simulated
    draft["tactic"] = {"slug": tactic.slug, "version": tactic.version} if tactic and is_of_kind else {}
    return draft


def may_submit(trial: Trial, by: User) -> bool:
    """Return whether the person speaks for the trial: its author, its team, its lead force, the registrar."""
    return has_permission(by, Permission.TRIAL_SUBMIT, on=trial) and _is_author(trial, by)


def require_author(trial: Trial, by: User) -> None:
    """Refuse who does not speak for the trial."""
    if not _is_author(trial, by):
        raise NotPermitted("Only the team of this trial, its lead force or the registrar can do this.")


def open_for_editing(trial: Trial, by: User) -> Trial:
    """Return the trial for an act on its draft; refuse whoever may not edit, and what is not open."""
    trial = Trial.objects.for_action(trial, by)
    require(by, Permission.TRIAL_DRAFT, on=trial)
    require_author(trial, by)
    if trial.registered_at:
        raise ProtocolFrozen(f"Frozen on {trial.registered_at:%-d %B %Y}; start an amendment")
    if not trial.is_editable:
        raise ProtocolFrozen("This protocol is with the reviewer and cannot be changed until it comes back")
    return trial


def _is_author(trial: Trial, by: User) -> bool:
    return (
        by.is_centre_staff
        or trial.created_by_id == by.pk
        or trial.lead_force_id in by.force_ids
        or trial.team_members.filter(user=by).exists()
    )


def _save(trial: Trial, document: dict[str, Any], by: User, detail: dict[str, Any]) -> Trial:
    read = protocol.from_json(document)
    if found := protocol.faults(read, today=timezone.localdate()):
        raise Invalid("There is a problem", found)
    if is_blank(read.title.public_title):
        raise Invalid.field("/title/public_title", "Enter a trial title")
    require_known_trials(read, trial.draft, by)
    predecessors.require_before(trial, read)
    trial.protocol, trial.title = protocol.to_json(read), read.title.public_title
    trial.tactic = _tactic(read, trial.is_simulated, by)
    trial.protocol_edition += 1
    for name, value in entries.columns(read, trial.number).items():
        setattr(trial, name, value)
    trial.save()
    entries.place_problems(trial, read)
    entries.place_earlier(trial, read)
    place_sites(trial, read)
    audit.record(
        "trial.draft_saved", subject=trial, by=by, detail={**detail, "edition": trial.protocol_edition}
    )
    return trial


def _tactic(read: protocol.Protocol, is_simulated: bool, by: User) -> Tactic | None:
    if not read.tactic.slug:
        return None
    found: Tactic | None = Tactic.objects.visible_to(by).filter(slug=read.tactic.slug).first()
    if found is None:
        raise Invalid.field("/tactic/slug", "There is no such tactic in the library")
    _require_same_kind(is_simulated, found)
    return found


def _require_same_kind(is_simulated: bool, tactic: Tactic | None) -> None:
    """Keep invented results from ever standing beside a real tactic, and the reverse."""
    if tactic is not None and tactic.is_simulated != is_simulated:
        message = "A simulated trial tests a simulated tactic, and a real trial a real one"
        raise Invalid.field("/tactic/slug", message)


def require_known_forces(read: protocol.Protocol) -> dict[str, Force]:
    """Return the forces that the sites name; refuse one that is not in the list."""
    known = {force.slug: force for force in Force.objects.filter(slug__in={one.force for one in read.sites})}
    for place, planned in enumerate(read.sites):
        if planned.force not in known:
            raise Invalid.field(f"/sites/{place}/force", "Choose a force from the list")
    return known


def place_sites(trial: Trial, read: protocol.Protocol) -> None:
    """Bring the site rows, which say whose trial it also is, in step with the protocol."""
    known = require_known_forces(read)
    wanted: dict[tuple[int, str], Site] = {}
    for planned in read.sites:
        force = known[planned.force]
        wanted[force.pk, planned.area] = Site(trial=trial, force=force, area=planned.area)
    kept = set()
    for site in trial.sites.all():
        if (site.force_id, site.area) in wanted:
            kept.add((site.force_id, site.area))
        else:
            site.delete()
    Site.objects.bulk_create(site for key, site in wanted.items() if key not in kept)
