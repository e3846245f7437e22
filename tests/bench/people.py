"""The people of a measured registry: each holds one post, in its one force where the post is of a force."""

from types import SimpleNamespace
from typing import Any

POSTS = {
    "force_user": "force_user",
    "sponsor": "force_sponsor",
    "registrar": "registrar",
    "reviewer": "methods_reviewer",
    "custodian": "allocation_custodian",
}


def person(name: str, role: str) -> Any:
    """Return a new person in a post."""
    from centre.models import Force, Membership, User
    from centre.permissions import FORCE_ROLES

    force, _ = Force.objects.get_or_create(
        slug="testshire", defaults={"name": "Testshire Police (invented)", "kind": Force.Kind.SAMPLE}
    )
    user = User.objects.create_user(f"{name}@test.example", None, name=name)
    Membership.objects.create(user=user, role=role, force=force if role in FORCE_ROLES else None)
    return user


def cast() -> SimpleNamespace:
    """Return everybody whom a trial needs on its way."""
    return SimpleNamespace(**{name: person(name, role) for name, role in POSTS.items()})
