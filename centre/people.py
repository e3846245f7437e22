"""How people come to be here, and what posts they hold."""

from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from centre import audit, text
from centre.accounts import factors, sessions
from centre.errors import Conflict, Invalid, NotPermitted, Problem
from centre.models import ApiToken, Force, Membership, Suspension, User
from centre.permissions import ROLES, Permission, require
from centre.webhooks import subscribing

NAME_PROBLEM = Problem("name", "Enter a name of 120 characters or fewer")


class PersonExists(Conflict):
    """Somebody has this address already."""


@transaction.atomic
def add(*, email: str, name: str, role: str, force: str = "", password: str, by: User | None = None) -> User:
    """A person can sign in and holds one post. `force` is the force's slug, for a post in a force."""
    if problems := problems_of(email, name, role, force):
        raise Invalid("This person cannot be added.", problems)
    if User.objects.filter(email__iexact=email).exists():
        raise PersonExists(f"{email} is somebody's address already.")
    try:
        validate_password(password, User(email=email, name=name))
    except ValidationError as error:
        raise Invalid(
            " ".join(error.messages), [Problem("password", line) for line in error.messages]
        ) from error
    user = User.objects.create_user(email, password, name=text.tidied(name))
    Membership.objects.create(user=user, role=role, force=Force.objects.get(slug=force) if force else None)
    audit.record("person.added", subject=user, by=by, detail={"role": role, "force": force})
    return user


def problems_of(email: str, name: str, role: str, force: str) -> list[Problem]:
    """Return what is wrong with what is said of a new person."""
    problems = []
    try:
        validate_email(email)
    except ValidationError:
        problems.append(Problem("email", "Enter an e-mail address, like name@example.org"))
    if text.is_blank(name) or len(name) > 120:
        problems.append(NAME_PROBLEM)
    if role not in ROLES:
        return [*problems, Problem("role", f"The role is one of {', '.join(sorted(ROLES))}")]
    is_of_force = ROLES[role].scope == "force"
    if is_of_force and not Force.objects.filter(slug=force).exists():
        problems.append(Problem("force", "Name the force by its slug, like avon-and-somerset"))
    if force and not is_of_force:
        problems.append(Problem("force", "Only a post in a force names one"))
    return problems


@transaction.atomic
def suspend(*, person: User, reason: str, by: User) -> Suspension:
    """The person is kept out: no session, token, sign-in or webhook of theirs opens anything.

    What links them to a provider of single sign-on goes: once restored, they may come in by another.
    """
    require(by, Permission.PEOPLE_INVITE)
    if person.pk == by.pk:
        raise NotPermitted("Nobody suspends themselves. Ask the other post that may.")
    if text.is_blank(reason) or len(reason) > 500:
        raise Invalid.field("reason", "Enter a reason of 500 characters or fewer")
    if not User.objects.select_for_update().get(pk=person.pk).is_active:
        raise Conflict(f"{person} is suspended already.")
    made = Suspension.objects.create(person=person, reason=text.tidied(reason), by=by)
    person.is_active = False
    person.save(update_fields=["is_active"])
    sessions.end_all(person)
    SocialAccount.objects.filter(user=person).delete()
    subscribing.end_all_of(person)
    ended = ApiToken.objects.filter(user=person, revoked_at=None).update(revoked_at=timezone.now())
    audit.record("person.suspended", subject=person, by=by, detail={"reason": made.reason, "tokens": ended})
    return made


@transaction.atomic
def restore(*, person: User, by: User) -> User:
    """The person can sign in again. Their tokens stay revoked."""
    require(by, Permission.PEOPLE_INVITE)
    if User.objects.select_for_update().get(pk=person.pk).is_active:
        raise Conflict(f"{person} is not suspended.")
    for suspension in Suspension.objects.in_force().filter(person=person):
        suspension.lifted_at, suspension.lifted_by = timezone.now(), by
        suspension.save(update_fields=["lifted_at", "lifted_by"])
    person.is_active = True
    person.save(update_fields=["is_active"])
    audit.record("person.restored", subject=person, by=by)
    return person


# How whoever helps a person made sure that it is they who ask. A choice and no text: it is in the log for ever.
MADE_SURE = {
    "met": "I met them, or saw them on a video call, and know them",
    "called": "I called them on a number that the Centre had before",
    "vouched": "Their manager, or the contact of their force, told me that it is they",
}


def require_made_sure(made_sure: str) -> None:
    """Raise, where it is not said how."""
    if made_sure not in MADE_SURE:
        raise Invalid.field("made_sure", "Choose how you made sure that it is they who ask")


@transaction.atomic
def sign_out(*, person: User, by: User) -> None:
    """The person is signed out everywhere, and can sign in again."""
    require(by, Permission.PEOPLE_INVITE)
    sessions.end_all(person)
    audit.record("sessions.ended", subject=person, by=by)


@transaction.atomic
def remove_second_factor(*, person: User, made_sure: str, by: User) -> None:
    """A person who lost what they had sets up another second factor; they are signed out everywhere."""
    require(by, Permission.PEOPLE_INVITE)
    require_made_sure(made_sure)
    if person.pk == by.pk:
        raise NotPermitted("Change your own second factor on its page.")
    if not factors.remove_all(person):
        raise Conflict(f"{person} has no second factor.")
    sessions.end_all(person)
    audit.record("person.second_factor_removed", subject=person, by=by, detail={"made_sure": made_sure})
