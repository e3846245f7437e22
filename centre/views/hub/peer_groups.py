"""Groups of forces that are alike: data with a source and a date, loaded by the Centre and never written in code."""

from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from centre.hub.actions import peer_groups
from centre.hub.standards.groups_file import COLUMNS
from centre.models import PeerGroup
from centre.permissions import Permission
from centre.views.acts import FormPage
from centre.views.hub.pages import HubPage


class GroupsForm(forms.Form):
    """A CSV of groups."""

    file = forms.FileField(
        label="Groups",
        help_text="A CSV (UTF-8), up to 2 MB.",
        error_messages={"required": "Choose the file", "empty": "The file is empty"},
    )


class PeerGroupList(HubPage):
    """The groups as they hold today."""

    template = "hub/peer_groups.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show them."""
        return self.page(
            groups=PeerGroup.objects.in_force().prefetch_related("members__force"),
            may_keep=self.may(Permission.HUB_KEEP),
        )


class PeerGroupLoad(FormPage, HubPage):
    """Load groups."""

    template = "hub/peer_groups_load.html"
    needs: ClassVar[Permission] = Permission.HUB_KEEP

    def form(self, *sent: Any) -> GroupsForm:
        """Return the form."""
        return GroupsForm(*sent)

    def context(self) -> dict[str, Any]:
        """Return what is said before."""
        return {"columns": ",".join(COLUMNS)}

    def act(self, form: Any) -> str:
        """Load them."""
        content = form.cleaned_data["file"].read(peer_groups.LARGEST + 1)
        peer_groups.load(content=content, by=self.by)
        return reverse("hub-peer-group-list")
