"""Invented forces, and one sign-in for each role."""

from dataclasses import dataclass

from centre.models import Force, Membership, User

DOMAIN = "sample.example"
PASSWORD = "a sample programme password"  # noqa: S105  printed at the start, and only in the embedded default

FORCES = {
    "northmoor": "Northmoor Police (invented)",
    "eastvale": "Eastvale Police (invented)",
    "southmere": "Southmere Constabulary (invented)",
    "westholt": "Westholt Police (invented)",
}


@dataclass(frozen=True, slots=True)
class Part:
    """One sample person."""

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
    "researcher": Part("Eden Cole (sample)", "researcher"),
}


def make() -> None:
    """Make the invented forces and the people, where they are not there yet."""
    for slug, name in FORCES.items():
        Force.objects.get_or_create(
            slug=slug, defaults={"name": name, "kind": Force.Kind.SAMPLE, "nation": "Invented"}
        )
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
