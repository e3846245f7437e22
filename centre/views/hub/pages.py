"""What every page of the hub has in common: who may come in, and its rooms."""

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from centre.models import Force
from centre.permissions import Permission, forces_on, has_permission
from centre.views.posts import ForPost

# Label, name of the address, and what its paths begin with.
ROOMS = (
    ("The hub", "hub-home", ("/hub/forces/",)),
    ("Signals", "hub-signal-list", ("/hub/signals/", "/hub/places/")),
    ("Submissions", "hub-submission-list", ("/hub/submissions/",)),
    ("Expected files", "hub-expected-files", ("/hub/absences/",)),
    ("Measures", "hub-measure-list", ("/hub/measures/", "/hub/offences/")),
    ("Visits and actions", "hub-visit-list", ("/hub/visits/", "/hub/actions/")),
    ("National panels", "hub-panel-list", ("/hub/panels/",)),
    ("Standards", "hub-standard-list", ("/hub/standards/", "/hub/figures/", "/hub/peer-groups/")),
)


class HubPage(ForPost):
    """A page of the hub."""

    needs: ClassVar[Permission] = Permission.HUB_SEE
    template: ClassVar[str]
    room: ClassVar[str] = ""  # the address of the room it is in, where its own path does not say so

    @property
    def sees_all(self) -> bool:
        """Return whether the person sees every force."""
        return has_permission(self.by, Permission.HUB_SEE_ALL)

    def forces(self) -> Any:
        """Return the forces whose data the person may see."""
        if self.sees_all:
            return Force.objects.all()
        return Force.objects.filter(pk__in=forces_on(self.by, Permission.HUB_SEE))

    def force(self, slug: str) -> Force:
        """Return one of them; of another the person learns nothing."""
        found: Force = get_object_or_404(self.forces(), slug=slug)
        return found

    def may(self, permission: Permission, *, on: Any = None) -> bool:
        """Return whether the person may do this."""
        return has_permission(self.by, permission, on=on)

    def page(self, *, status: int = 200, **context: Any) -> HttpResponse:
        """Return the page with the hub's rooms."""
        shared = {"places": _places(self.request, self.room), "sees_all": self.sees_all}
        return render(self.request, self.template, {**shared, **context}, status=status)


def _places(request: HttpRequest, room: str) -> list[dict[str, Any]]:
    found = []
    for label, name, paths in ROOMS:
        url = reverse(name)
        by_path = request.path == url or request.path.startswith(paths)
        found.append(
            {
                "label": label,
                "url": url,
                "is_current": name == room if room else by_path,
            }
        )
    return found
