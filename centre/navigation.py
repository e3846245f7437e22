"""The places of the service navigation, for every page."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from centre.permissions import Permission, has_permission


@dataclass(frozen=True, slots=True)
class Place:
    """One link of the service navigation."""

    label: str
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class _Section:
    label: str
    url_name: str
    paths: tuple[str, ...]
    signed_in_only: bool = False
    needs: Permission | None = None


_SECTIONS = (
    _Section(
        "Library",
        "library-home",
        (
            "/tactics/",
            "/ratings/",
            "/about-the-",
            "/problems/",
            "/gap-map/",
            "/rejected-studies/",
            "/forces/",
        ),
    ),
    _Section("Registry", "trial-list", ("/trials/", "/power/")),
    _Section(
        "My work",
        "my-work",
        ("/work/", "/runs/", "/access/", "/account/", "/second-factor/"),
        signed_in_only=True,
    ),
    _Section("Hub", "hub-home", ("/hub/",), signed_in_only=True, needs=Permission.HUB_SEE),
    _Section("People", "person-list", ("/people/",), signed_in_only=True, needs=Permission.PEOPLE_INVITE),
    _Section("Developers", "developers", ("/developers/", "/api/", "/tokens/")),
    _Section("Assurance", "assurance", ("/assurance/", "/accessibility/", "/privacy/")),
)


def places(request: HttpRequest) -> dict[str, list[Place]]:
    """Return the sections the person may go to; the one this page belongs to is current."""
    person = getattr(request, "user", None)
    signed_in = person is not None and person.is_authenticated
    return {
        "navigation": [
            Place(section.label, reverse(section.url_name), _is_current(section, request.path))
            for section in _SECTIONS
            if not section.signed_in_only or (signed_in and _may_enter(section, person))
        ]
    }


def _may_enter(section: _Section, person: Any) -> bool:
    return section.needs is None or has_permission(person, section.needs)


def _is_current(section: _Section, path: str) -> bool:
    return path.startswith(section.paths) or (path == "/" and section.url_name == "library-home")
