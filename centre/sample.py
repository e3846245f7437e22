"""The people and forces of the sample programme. All are invented, and exist in the embedded default only."""

from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from centre.errors import Conflict
from centre.models import Force, Membership, User

DOMAIN = "sample.example"
# Public on purpose: it opens only a copy that somebody runs on their own machine.
PASSWORD = "a sample programme password"  # noqa: S105  the sample sign-ins exist in the embedded default only

FORCES = {
    "northmoor": "Northmoor Police (invented)",
    "eastvale": "Eastvale Police (invented)",
    "southmere": "Southmere Constabulary (invented)",
    "westholt": "Westholt Police (invented)",
}


@dataclass(frozen=True, slots=True)
class Part:
    """One sample person: the role they have, and the force they are in where it is a force's."""

    name: str
    role: str
    force: str = ""


PEOPLE = {
    "registrar": Part("Robin Vale (sample)", "registrar"),
    "reviewer": Part("Morgan Ash (sample)", "methods_reviewer"),
    "reviewer2": Part("Noor Hart (sample)", "methods_reviewer"),
    "analyst": Part("Ari Finch (sample)", "analyst"),
    "custodian": Part("Casey Rowe (sample)", "allocation_custodian"),
    "checker": Part("Jamie Lowe (sample)", "output_checker"),
    "checker2": Part("Sasha Bray (sample)", "output_checker"),
    "publisher": Part("Quinn Marsh (sample)", "publisher"),
    "northmoor": Part("Alex Moor (sample)", "force_user", "northmoor"),
    "eastvale": Part("Billie Dale (sample)", "force_user", "eastvale"),
    "southmere": Part("Charlie Mere (sample)", "force_user", "southmere"),
    "westholt": Part("Drew Holt (sample)", "force_user", "westholt"),
    "director": Part("Rowan Field (sample)", "director"),
    "sponsor": Part("Sam Moss (sample)", "force_sponsor", "northmoor"),
    "researcher": Part("Eden Cole (sample)", "researcher"),
}


class ProductionHasNoSample(Conflict):
    """Sample sign-ins have a public password, so they must never exist where others can reach them."""


@transaction.atomic
def make_people() -> None:
    """The invented forces and the people exist."""
    if not settings.EMBEDDED:
        raise ProductionHasNoSample(
            "The sample programme has sign-ins with a printed password, so it is refused with production settings."
        )
    for slug, name in FORCES.items():
        fields = {"name": name, "kind": Force.Kind.SAMPLE, "nation": "Invented"}
        Force.objects.get_or_create(slug=slug, defaults=fields)
    for key, part in PEOPLE.items():
        if not User.objects.filter(email=address(key)).exists():
            user = User.objects.create_user(address(key), PASSWORD, name=part.name)
            force = Force.objects.get(slug=part.force) if part.force else None
            Membership.objects.create(user=user, role=part.role, force=force)


def address(key: str) -> str:
    """Return the e-mail address that a sample person signs in with."""
    return f"{key}@{DOMAIN}"


def person(key: str) -> User:
    """Return one sample person."""
    return User.objects.get(email=address(key))


def sign_ins() -> list[User]:
    """Return the sample people that exist here."""
    return list(User.objects.filter(email__in=[address(key) for key in PEOPLE]).order_by("pk"))
