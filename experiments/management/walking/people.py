"""One person for each role of the walk. They cannot sign in: they exist to be named on the record."""

from centre.models import Force, Membership, User
from centre.permissions import FORCE_ROLES

DOMAIN = "walk.example"
FORCE_SLUG = "demonstration-abroad"
FORCE_NAME = "A police force abroad (demonstration)"
PEOPLE = {
    "lead": ("Walk trial lead", "force_user"),
    "sponsor": ("Walk senior sponsor", "force_sponsor"),
    "registrar": ("Walk registrar", "registrar"),
    "reviewer": ("Walk methods reviewer", "methods_reviewer"),
    "second_reviewer": ("Walk second reviewer", "methods_reviewer"),
    "custodian": ("Walk allocation custodian", "allocation_custodian"),
    "analyst": ("Walk analyst", "analyst"),
    "checker": ("Walk output checker", "output_checker"),
    "second_checker": ("Walk second output checker", "output_checker"),
    "publisher": ("Walk publisher", "publisher"),
}


def make(country: str) -> dict[str, User]:
    """Find or make the force and the people."""
    defaults = {"name": FORCE_NAME, "kind": Force.Kind.SAMPLE, "nation": country[:30]}
    force, _ = Force.objects.get_or_create(slug=FORCE_SLUG, defaults=defaults)
    return {key: _person(key, name, role, force) for key, (name, role) in PEOPLE.items()}


def _person(key: str, name: str, role: str, force: Force) -> User:
    address = f"{key.replace('_', '-')}@{DOMAIN}"
    known: User | None = User.objects.filter(email=address).first()
    if known is not None:
        return known
    user = User.objects.create_user(address, None, name=name)
    Membership.objects.create(user=user, role=role, force=force if role in FORCE_ROLES else None)
    return user
