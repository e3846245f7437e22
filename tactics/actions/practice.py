"""Who may say what a force does, and of which tactics."""

from centre.errors import Conflict
from centre.models import Force, User
from centre.permissions import CENTRE_ROLES, ROLES, Permission, require
from tactics.models import Tactic


class InventedWithReal(Conflict):
    """An invented force says something of a real tactic, or a real force of a simulated one."""

    def __init__(self) -> None:
        super().__init__(
            "Invented forces speak of simulated tactics only, and real forces of real ones: "
            "nothing invented stands beside a real name."
        )


class DraftTactic(Conflict):
    """Something is said of a tactic that is not published."""

    def __init__(self) -> None:
        super().__init__("This tactic is a draft: say who uses it once it is published.")


def may_speak(user: User, permission: Permission, tactic: Tactic) -> bool:
    """Return whether a page may offer the form: to a force of the tactic's own world, and to the Centre."""
    if not tactic.is_published or not user.is_active:
        return False
    return speaks_for_all(user, permission) or bool(_own(user, permission, tactic))


def speaks_for_all(user: User, permission: Permission) -> bool:
    """Return whether the person holds the permission by a post at the Centre."""
    return any(
        held.role in CENTRE_ROLES and permission in ROLES[held.role].permissions
        for held in user.memberships_held()
    )


def forces_of(user: User, permission: Permission, tactic: Tactic) -> list[Force]:
    """Return the forces that the person may speak for, of the tactic's own world."""
    if speaks_for_all(user, permission):
        return [force for force in Force.objects.all() if force.is_sample == tactic.is_simulated]
    return _own(user, permission, tactic)


def _own(user: User, permission: Permission, tactic: Tactic) -> list[Force]:
    found = [
        held.force
        for held in user.memberships_held()
        if held.force and permission in ROLES[held.role].permissions
    ]
    return [force for force in found if force.is_sample == tactic.is_simulated]


def locked(*, tactic: Tactic, force: Force, permission: Permission, by: User) -> Tactic:
    """Return the tactic, held while something is said of it.

    Raises
    ------
    NotPermitted : the person may not speak for the force.
    DraftTactic, InventedWithReal : of a draft nothing is said; nothing invented stands beside a real name.
    """
    require(by, permission, on=force)
    stored: Tactic = Tactic.objects.visible_to(by).select_for_update(of=("self",)).get(pk=tactic.pk)
    if not stored.is_published:
        raise DraftTactic()
    if force.is_sample != stored.is_simulated:
        raise InventedWithReal()
    return stored


def is_for_another(*, force: Force, by: User) -> bool:
    """Return whether the Centre speaks on the force's behalf."""
    return force.pk not in by.force_ids
