"""How people come to be here, and what posts they hold."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from centre import audit, text
from centre.errors import Conflict, Invalid, Problem
from centre.models import Force, Membership, User
from centre.permissions import ROLES


class PersonExists(Conflict):
    """Somebody has this address already."""


@transaction.atomic
def add(*, email: str, name: str, role: str, force: str = "", password: str, by: User | None = None) -> User:
    """A person can sign in and holds one post. `force` is the force's slug, for a post in a force."""
    if problems := _problems(email, name, role, force):
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


def _problems(email: str, name: str, role: str, force: str) -> list[Problem]:
    problems = []
    try:
        validate_email(email)
    except ValidationError:
        problems.append(Problem("email", "Enter an e-mail address, like name@example.org"))
    if text.is_blank(name) or len(name) > 120:
        problems.append(Problem("name", "Enter a name of 120 characters or fewer"))
    if role not in ROLES:
        return [*problems, Problem("role", f"The role is one of {', '.join(sorted(ROLES))}")]
    is_of_force = ROLES[role].scope == "force"
    if is_of_force and not Force.objects.filter(slug=force).exists():
        problems.append(Problem("force", "Name the force by its slug, like avon-and-somerset"))
    if force and not is_of_force:
        problems.append(Problem("force", "Only a post in a force names one"))
    return problems
