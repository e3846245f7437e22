"""Groups of like forces are loaded: what differs from a group's newest version becomes the next, and that one stays."""

from django.db import transaction

from centre import audit
from centre.errors import Conflict, Invalid, Problem, TooLarge
from centre.hub.standards import groups_file
from centre.models import Force, PeerGroup, PeerGroupForce, User
from centre.permissions import Permission, require

LARGEST = 2_000_000  # bytes


@transaction.atomic
def load(*, content: bytes, by: User | None) -> list[PeerGroup]:
    """Every group of the CSV that is new or differs is kept; without `by` an administrator's command loads it."""
    if by is not None:
        require(by, Permission.HUB_KEEP)
    if len(content) > LARGEST:
        raise TooLarge(f"A file of groups must be {LARGEST // 1_000_000} MB or smaller.")
    forces = {force.slug: force for force in Force.objects.all()}
    try:
        read = groups_file.read(content, frozenset(forces))
    except groups_file.GroupsRefused as refusal:
        problems = [Problem("file", line) for line in refusal.problems]
        raise Invalid(f"No group was loaded: {refusal.problems[0]}", problems) from refusal
    made = [
        kept for group in read if (kept := _kept(group, [forces[slug] for slug in sorted(group.forces)], by))
    ]
    if not made:
        raise Conflict("Every group of the file is loaded already, as it is.")
    audit.record(
        "peer_groups.loaded",
        subject=made[0],
        by=by or audit.SYSTEM,
        detail={"groups": len(made), "unchanged": len(read) - len(made)},
    )
    return made


def _kept(group: groups_file.Group, forces: list[Force], by: User | None) -> PeerGroup | None:
    """Keep a group as the next version of its name; None where the newest says the same."""
    before = PeerGroup.objects.filter(name=group.name).order_by("-version").first()
    if before and group.valid_from < before.valid_from:
        raise Invalid.field(
            "file", f"{group.name} holds from {before.valid_from} already: a version begins later"
        )
    if before and _said(before) == (group.valid_from, group.source, group.licence, group.forces):
        return None
    made: PeerGroup = PeerGroup.objects.create(
        name=group.name,
        version=before.version + 1 if before else 1,
        valid_from=group.valid_from,
        source=group.source,
        licence=group.licence,
        loaded_by=by,
    )
    PeerGroupForce.objects.bulk_create([PeerGroupForce(group=made, force=force) for force in forces])
    return made


def _said(group: PeerGroup) -> tuple[object, ...]:
    forces = frozenset(group.members.values_list("force__slug", flat=True))
    return group.valid_from, group.source, group.licence, forces
