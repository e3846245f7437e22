"""What files of figures have in common: of which forces somebody sends them, from where, and how one is refused."""

from collections.abc import Collection

from centre.csv_lines import LinesRefused
from centre.errors import Invalid, Problem, TooLarge
from centre.models import Force, User
from centre.permissions import Permission, forces_on, has_permission, require
from centre.text import clean_text


def forces(by: User | None) -> dict[str, Force]:
    """Return by short name the forces whose figures a person may send; an administrator's command sends of any.

    Raises
    ------
    NotPermitted : the person sends nothing to the hub.
    """
    found = Force.objects.all()
    if by is not None:
        require(by, Permission.HUB_SUBMIT)
        if not has_permission(by, Permission.HUB_SEE_ALL):
            found = found.filter(pk__in=forces_on(by, Permission.HUB_SUBMIT))
    return {force.slug: force for force in found}


def refuse_larger(content: bytes, largest: int, what: str) -> None:
    """Refuse a file of more bytes.

    Raises
    ------
    TooLarge : how many it may have.
    """
    if len(content) > largest:
        raise TooLarge(f"A file of {what} must be {largest // 1_000_000} MB or smaller.")


def source(text: str) -> str:
    """Return where the figures come from, tidied.

    Raises
    ------
    Invalid : it is not said, too long, or holds a character that is not accepted.
    """
    required = "Say where the figures come from, like the force’s duty system"
    try:
        return clean_text(text, label="The source", maximum=200, required=required)
    except Invalid as refusal:
        raise Invalid.field("/source", refusal.message) from refusal


def refused(refusal: LinesRefused) -> Invalid:
    """Return the refusal of a whole file, each problem at the file."""
    problems = [Problem("file", line) for line in refusal.problems]
    return Invalid(f"Nothing was kept: {refusal.problems[0]}", problems)


def one_at_a_time(slugs: Collection[str]) -> None:
    """Wait for another file of the same forces: two at once would give two figures one version."""
    list(Force.objects.select_for_update().filter(slug__in=slugs).order_by("pk"))
