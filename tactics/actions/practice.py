"""Who may say what a force does, and of which tactics."""

from centre.errors import Conflict
from centre.models import Force, User
from centre.permissions import CENTRE_ROLES, Permission, has_permission, require
from tactics.models import Tactic

APART = (
    "Invented forces speak of simulated tactics only, and real forces of real ones: "
    "nothing invented stands beside a real name."
)


class InventedWithReal(Conflict):
    """An invented force says something of a real tactic, or a real force of a simulated one."""


def may_speak(user: User, permission: Permission, tactic: Tactic) -> bool:
    """Return whether a page may offer the form: to a force of the tactic's own world, and to the Centre."""
    if not tactic.is_published or not has_permission(user, permission):
        return False
    own = [held.force for held in user.memberships_held() if held.force]
    return any(force.is_sample == tactic.is_simulated for force in own) or speaks_for_all(user, permission)


def speaks_for_all(user: User, permission: Permission) -> bool:
    """Return whether the person holds the permission by a post at the Centre."""
    roles = {held.role for held in user.memberships_held()} & CENTRE_ROLES
    return bool(roles) and has_permission(user, permission)


def forces_of(user: User, permission: Permission, tactic: Tactic) -> list[Force]:
    """Return the forces that the person may speak for, of the tactic's own world."""
    forces = Force.objects.all() if speaks_for_all(user, permission) else user.forces
    return [force for force in forces if force.is_sample == tactic.is_simulated]


def locked(*, tactic: Tactic, force: Force, permission: Permission, by: User) -> Tactic:
    """Return the tactic, held while something is said of it.

    Raises
    ------
    NotPermitted : the person may not speak for the force.
    Conflict : the tactic is a draft; one of the two is invented and the other is not.
    """
    require(by, permission, on=force)
    stored: Tactic = Tactic.objects.visible_to(by).select_for_update(of=("self",)).get(pk=tactic.pk)
    if not stored.is_published:
        raise Conflict("This tactic is a draft: say who uses it once it is published.")
    if force.is_sample != stored.is_simulated:
        raise InventedWithReal(APART)
    return stored


def is_for_another(*, force: Force, by: User) -> bool:
    """Return whether the Centre speaks on the force's behalf."""
    return force.pk not in by.force_ids
