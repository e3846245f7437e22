"""The people and forces of the sample programme. All are invented, and exist in the embedded default only."""

from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from centre.errors import Conflict
from centre.models import Force, Membership, User

# Public on purpose: it opens only a copy that somebody runs on their own machine.
PASSWORD = "sample-programme-only"  # noqa: S105


@dataclass(frozen=True, slots=True)
class SamplePerson:
    """One sign-in: who they are, and what they are there to do."""

    email: str
    name: str
    role: str
    force: str = ""


FORCES = {
    "northmoor": "Northmoor Police (invented)",
    "estuary": "Estuary Constabulary (invented)",
    "vale-and-weald": "Vale and Weald Police (invented)",
}
PEOPLE = (
    SamplePerson("registrar@sample.example", "Rowan Hale", "registrar"),
    SamplePerson("reviewer@sample.example", "Mina Okafor", "methods_reviewer"),
    SamplePerson("reviewer2@sample.example", "Tomasz Lind", "methods_reviewer"),
    SamplePerson("analyst@sample.example", "Ana Petrou", "analyst"),
    SamplePerson("custodian@sample.example", "Cass Whitmore", "allocation_custodian"),
    SamplePerson("checker@sample.example", "Cho Ferris", "output_checker"),
    SamplePerson("checker2@sample.example", "Dee Marchetti", "output_checker"),
    SamplePerson("publisher@sample.example", "Pat Auburn", "publisher"),
    SamplePerson("northmoor@sample.example", "Inspector Flo Garrick", "force_user", "northmoor"),
    SamplePerson("estuary@sample.example", "Sergeant Omar Quill", "force_user", "estuary"),
    SamplePerson("researcher@sample.example", "Rae Sundaram", "researcher"),
)


class ProductionHasNoSample(Conflict):
    """Sample sign-ins have a public password, so they must never exist where others can reach them."""


def refuse_in_production() -> None:
    """Stop unless this is the embedded default."""
    if not settings.EMBEDDED:
        raise ProductionHasNoSample(
            "The sample programme is for the embedded default only: its passwords are public. Nothing was loaded."
        )


@transaction.atomic
def load_people() -> dict[str, User]:
    """The sample's forces and people exist; return the people by the part of their address before the @."""
    refuse_in_production()
    forces = {
        slug: Force.objects.get_or_create(slug=slug, defaults={"name": name, "kind": Force.Kind.SAMPLE})[0]
        for slug, name in FORCES.items()
    }
    people = {}
    for person in PEOPLE:
        user = User.objects.filter(email=person.email).first()
        if user is None:
            user = User.objects.create_user(person.email, PASSWORD, name=person.name)
            Membership.objects.create(user=user, role=person.role, force=forces.get(person.force))
        people[person.email.partition("@")[0]] = user
    return people


def sign_ins() -> list[User]:
    """Return the sample people that exist here."""
    return list(User.objects.filter(email__in=[person.email for person in PEOPLE]).order_by("pk"))
