"""Who may do what. Default deny: a role holds only the permissions listed beside it.

`has_permission` answers for one person and one thing; lists go through the `visible_to` of the thing's
queryset. Separation of duty (the person who decides is not the author) is a matter of facts, not of
roles, and is checked in the actions and by database constraints.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, Protocol, TypeAlias

from django.contrib.auth.models import AnonymousUser

from centre.errors import NotPermitted

if TYPE_CHECKING:
    from centre.models import Membership, User

    Person: TypeAlias = User | AnonymousUser


class Permission(StrEnum):
    """One act that a role may or may not do."""

    TACTIC_PROPOSE = "tactic.propose"
    TACTIC_EDIT = "tactic.edit"
    TACTIC_PUBLISH = "tactic.publish"
    PRACTICE_REVIEW = "practice.review"
    RATING_SIGN = "rating.sign"
    RULES_ADOPT = "rules.adopt"
    APPEAL_ANSWER = "appeal.answer"
    ADOPTION_REPORT = "adoption.report"
    HOURS_REPORT = "hours.report"
    TRIAL_DRAFT = "trial.draft"
    TRIAL_SUBMIT = "trial.submit"
    TRIAL_REVIEW = "trial.review"
    TRIAL_REGISTER = "trial.register"
    TRIAL_AMEND = "trial.amend"
    AMENDMENT_DECIDE = "amendment.decide"
    TRIAL_CONDUCT = "trial.conduct"
    TRIAL_TERMINATE = "trial.terminate"
    TRIAL_DIRECT = "trial.direct"
    TRIAL_COSIGN = "trial.cosign"
    ALLOCATION_DRAW = "allocation.draw"
    ALLOCATION_SEE = "allocation.see"
    CASE_ENROL = "case.enrol"
    DATASET_UPLOAD = "dataset.upload"
    DATASET_SEE = "dataset.see"
    ANALYSIS_RUN = "analysis.run"
    RESULT_SEE = "result.see"
    RELEASE_PREPARE = "release.prepare"
    RELEASE_CHECK = "release.check"
    RELEASE_PUBLISH = "release.publish"
    RELEASE_RETRACT = "release.retract"
    DISCLOSURE_SET = "disclosure.set"
    ACCESS_APPLY = "access.apply"
    ACCESS_DECIDE = "access.decide"
    RUN_CANCEL = "run.cancel"
    AUDIT_SEE = "audit.see"
    PEOPLE_INVITE = "people.invite"
    PERSON_ERASE = "person.erase"
    WEBHOOK_KEEP = "webhook.keep"
    HUB_SEE = "hub.see"
    HUB_SEE_ALL = "hub.see_all"
    HUB_SUBMIT = "hub.submit"
    HUB_KEEP = "hub.keep"
    STANDARD_ADOPT = "standard.adopt"
    VISIT_KEEP = "visit.keep"
    SIGNAL_JUDGE = "signal.judge"


class Role:
    """A post that a person holds. `scope` is "centre", or "force" for a post in one force."""

    key: ClassVar[str]
    display_name: ClassVar[str]
    description: ClassVar[str]
    scope: ClassVar[str] = "centre"
    permissions: ClassVar[frozenset[Permission]] = frozenset()


class Registrar(Role):
    """The Centre's manager of the registry."""

    key = "registrar"
    display_name = "Registrar"
    description = (
        "Registers reviewed trials, moves them through their life and publishes tactics; signs thresholds of "
        "disclosure control; decides who has access to restricted data; invites, suspends and erases people."
    )
    permissions = frozenset(
        {
            Permission.TACTIC_PROPOSE,
            Permission.TACTIC_EDIT,
            Permission.TACTIC_PUBLISH,
            Permission.PRACTICE_REVIEW,
            Permission.APPEAL_ANSWER,
            Permission.ADOPTION_REPORT,
            Permission.HOURS_REPORT,
            Permission.TRIAL_DRAFT,
            Permission.TRIAL_SUBMIT,
            Permission.TRIAL_REGISTER,
            Permission.TRIAL_AMEND,
            Permission.TRIAL_CONDUCT,
            Permission.DATASET_SEE,
            Permission.RESULT_SEE,
            Permission.DISCLOSURE_SET,
            Permission.ACCESS_DECIDE,
            Permission.AUDIT_SEE,
            Permission.PEOPLE_INVITE,
            Permission.PERSON_ERASE,
            Permission.WEBHOOK_KEEP,
            Permission.HUB_SEE,
            Permission.HUB_SEE_ALL,
            Permission.HUB_SUBMIT,
            Permission.HUB_KEEP,
            Permission.STANDARD_ADOPT,
            Permission.VISIT_KEEP,
            Permission.SIGNAL_JUDGE,
        }
    )


class MethodsReviewer(Role):
    """Reviews protocols and amendments, and signs ratings."""

    key = "methods_reviewer"
    display_name = "Methods reviewer"
    description = (
        "Reviews protocols and amendments of other teams, asks to withdraw releases, and signs ratings."
    )
    permissions = frozenset(
        {
            Permission.TACTIC_EDIT,
            Permission.PRACTICE_REVIEW,
            Permission.TRIAL_REVIEW,
            Permission.AMENDMENT_DECIDE,
            Permission.RELEASE_RETRACT,
            Permission.RATING_SIGN,
            Permission.APPEAL_ANSWER,
            Permission.RESULT_SEE,
            Permission.HUB_SEE,
            Permission.HUB_SEE_ALL,
        }
    )


class Analyst(Role):
    """Runs registered plans, without sight of the allocation list."""

    key = "analyst"
    display_name = "Analyst"
    description = "Runs the registered plan and prepares releases; never sees the allocation before reveal."
    permissions = frozenset(
        {
            Permission.DATASET_SEE,
            Permission.ANALYSIS_RUN,
            Permission.RUN_CANCEL,
            Permission.RESULT_SEE,
            Permission.RELEASE_PREPARE,
            Permission.HUB_SEE,
            Permission.HUB_SEE_ALL,
            Permission.HUB_SUBMIT,
            Permission.VISIT_KEEP,
            Permission.SIGNAL_JUDGE,
        }
    )


class AllocationCustodian(Role):
    """Keeps the seed and draws the allocation."""

    key = "allocation_custodian"
    display_name = "Allocation custodian"
    description = "Freezes unit lists, draws allocations and reveals the seed; never analyses the same trial."
    permissions = frozenset({Permission.ALLOCATION_DRAW, Permission.ALLOCATION_SEE})


class OutputChecker(Role):
    """Checks outputs before they leave."""

    key = "output_checker"
    display_name = "Output checker"
    description = "Clears or refuses releases that somebody else prepared."
    permissions = frozenset({Permission.RELEASE_CHECK, Permission.RESULT_SEE})


class Publisher(Role):
    """Publishes cleared releases."""

    key = "publisher"
    display_name = "Publisher"
    description = "Publishes releases that two checkers cleared, and tactics."
    permissions = frozenset({Permission.RELEASE_PUBLISH, Permission.TACTIC_PUBLISH, Permission.RESULT_SEE})


class ForceUser(Role):
    """Works in one force."""

    key = "force_user"
    display_name = "Force user"
    description = (
        "Proposes tactics and trials for their force, says which tactics it uses, and sends its data."
    )
    scope = "force"
    permissions = frozenset(
        {
            Permission.TACTIC_PROPOSE,
            Permission.TACTIC_EDIT,
            Permission.ADOPTION_REPORT,
            Permission.HOURS_REPORT,
            Permission.TRIAL_DRAFT,
            Permission.TRIAL_SUBMIT,
            Permission.TRIAL_AMEND,
            Permission.TRIAL_CONDUCT,
            Permission.CASE_ENROL,
            Permission.DATASET_UPLOAD,
            Permission.DATASET_SEE,
            Permission.WEBHOOK_KEEP,
            Permission.HUB_SEE,
            Permission.HUB_SUBMIT,
        }
    )


class ForceSponsor(Role):
    """Answers for trials in one force."""

    key = "force_sponsor"
    display_name = "Force senior sponsor"
    description = (
        "Signs the protocols that their force leads, answers for its trials, and may stop one early."
    )
    scope = "force"
    permissions = frozenset({Permission.TRIAL_COSIGN, Permission.TRIAL_TERMINATE, Permission.HUB_SEE})


class Director(Role):
    """The Centre's director."""

    key = "director"
    display_name = "Centre director"
    description = (
        "Is the second person where a registration or a release is withdrawn; may stop a trial early; adopts rules "
        "of rating and standards, signs thresholds of disclosure control, decides who has access to restricted "
        "data, answers appeals, and invites and suspends people."
    )
    permissions = frozenset(
        {
            Permission.TRIAL_TERMINATE,
            Permission.TRIAL_DIRECT,
            Permission.RULES_ADOPT,
            Permission.APPEAL_ANSWER,
            Permission.RESULT_SEE,
            Permission.DISCLOSURE_SET,
            Permission.ACCESS_DECIDE,
            Permission.AUDIT_SEE,
            Permission.PEOPLE_INVITE,
            Permission.PERSON_ERASE,
            Permission.HUB_SEE,
            Permission.HUB_SEE_ALL,
            Permission.STANDARD_ADOPT,
        }
    )


class Researcher(Role):
    """Reads what is public, and asks for the rows behind it."""

    key = "researcher"
    display_name = "Researcher"
    description = "Reads published results by page and API, and may ask for the data behind them."
    scope = "any"
    permissions = frozenset({Permission.ACCESS_APPLY})


ROLES: dict[str, type[Role]] = {
    role.key: role
    for role in (
        Registrar,
        MethodsReviewer,
        Analyst,
        AllocationCustodian,
        OutputChecker,
        Publisher,
        ForceUser,
        ForceSponsor,
        Director,
        Researcher,
    )
}
CENTRE_ROLES = frozenset(key for key, role in ROLES.items() if role.scope == "centre")
FORCE_ROLES = frozenset(key for key, role in ROLES.items() if role.scope == "force")


class ConcernsForces(Protocol):
    """A thing that concerns forces: a trial, a tactic, a dataset."""

    @property
    def force_ids(self) -> frozenset[int]:
        """Return the primary keys of the forces concerned."""
        ...


def has_permission(user: "Person", permission: Permission, *, on: ConcernsForces | None = None) -> bool:
    """Return whether the person holds the permission, on the thing where one is named.

    A centre role holds it on everything. A force user holds it on a thing only when their own force is
    one of those concerned; without a thing the answer is "in general".
    """
    if not user.is_authenticated or not user.is_active:
        return False
    return any(_grants(membership, permission, on) for membership in user.memberships_held())


def _grants(held: "Membership", permission: Permission, on: ConcernsForces | None) -> bool:
    role = ROLES[held.role]
    return permission in role.permissions and (
        role.scope != "force" or on is None or held.force_id in on.force_ids
    )


def forces_on(user: "Person", permission: Permission) -> frozenset[int]:
    """Return the forces for which the person holds the permission by a post in that force."""
    if not user.is_authenticated or not user.is_active:
        return frozenset()
    held = user.memberships_held()
    return frozenset(
        one.force_id for one in held if one.force_id and permission in ROLES[one.role].permissions
    )


def require(user: "Person", permission: Permission, *, on: ConcernsForces | None = None) -> None:
    """Raise `NotPermitted` unless the person holds the permission."""
    require_any(user, (permission,), on=on)


def require_any(
    user: "Person", permissions: Iterable[Permission], *, on: ConcernsForces | None = None
) -> Permission:
    """Return the first of the permissions that the person holds; raise `NotPermitted` where they hold none."""
    wanted = tuple(permissions)
    for permission in wanted:
        if has_permission(user, permission, on=on):
            return permission
    raise NotPermitted(f"Your roles do not include this: {roles_that_hold(*wanted)} can do it.")


def role_used(user: "User", permission: Permission, *, on: ConcernsForces | None = None) -> str:
    """Return the key of the post by which the person holds the permission; empty where they do not hold it."""
    if not user.is_active:
        return ""
    return next((held.role for held in user.memberships_held() if _grants(held, permission, on)), "")


def roles_that_hold(*permissions: Permission) -> str:
    """Return the names of the roles that hold one of the permissions, for a message."""
    names: Iterable[str] = (
        role.display_name for role in ROLES.values() if not role.permissions.isdisjoint(permissions)
    )
    return " or ".join(names)
