"""Who can sign in: for those who invite people, suspend them and help them back."""

from typing import Any

from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import messages
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import add_never_cache_headers

from centre import invitations, people
from centre.accounts import confirming, factors
from centre.errors import Invalid, Problem
from centre.forms import PlainTextField
from centre.middleware import record_refusal
from centre.models import Force, Invitation, User
from centre.paging import Pages
from centre.permissions import FORCE_ROLES, ROLES, Permission
from centre.views.posts import ForPost

ON_A_PAGE = 50


class InviteForm(forms.Form):
    """Who comes in, and to which post."""

    email = forms.EmailField(
        label="E-mail address",
        help_text="They sign in with it. Single sign-on finds them by it.",
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={
            "required": "Enter an e-mail address",
            "invalid": "Enter an e-mail address, like name@example.org",
        },
    )
    role = forms.ChoiceField(
        label="Post",
        choices=[(key, role.display_name) for key, role in ROLES.items()],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a post"},
    )
    force = forms.ModelChoiceField(
        label="Force",
        help_text=f"Only for {' and '.join(ROLES[key].display_name.lower() for key in sorted(FORCE_ROLES))}",
        queryset=Force.objects.none(),
        to_field_name="slug",
        required=False,
        empty_label="No force",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["force"].queryset = Force.objects.order_by("name")  # type: ignore[attr-defined]

    def clean_force(self) -> str:
        """Return the force's slug."""
        force = self.cleaned_data["force"]
        return force.slug if force else ""


class SuspendForm(forms.Form):
    """Why somebody is kept out."""

    reason = PlainTextField(
        name="Reason",
        label="Reason",
        help_text="It stays on the audit log.",
        max_length=500,
        rows=2,
        error_messages={"required": "Enter a reason"},
    )


class HelpForm(forms.Form):
    """How whoever helps knows whom they help."""

    made_sure = forms.ChoiceField(
        label="How did you make sure that it is they who ask?",
        help_text="It stays on the audit log.",
        choices=tuple(people.MADE_SURE.items()),
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how you made sure that it is they who ask"},
    )


class _ForInviters(ForPost):
    """A page for those who may invite people."""

    needs = Permission.PEOPLE_INVITE

    def link_page(self, invitation: Invitation, path: str) -> HttpResponse:
        """Show a link this once, or say that it is on its way."""
        link = "" if invitations.is_mailed() else self.request.build_absolute_uri(path)
        response = render(self.request, "people/link.html", {"invitation": invitation, "link": link})
        add_never_cache_headers(response)  # a link must not be found again with the back button
        return response


class PersonList(_ForInviters):
    """Everybody, and the links that are out."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show them, a page at a time."""
        query = request.GET.get("q", "").strip()[:100]
        page = Pages(_found(query), ON_A_PAGE).get_page(request.GET.get("page"))
        links = Invitation.objects.visible_to(self.by).select_related("force", "made_by", "person", "renews")
        context = {
            "page": page,
            "q": query,
            "query": f"q={query}" if query else "",
            "invitations": links[:ON_A_PAGE],
            "is_mailed": invitations.is_mailed(),
        }
        return render(request, "people/list.html", context)


def _found(query: str) -> "QuerySet[User]":
    main = Authenticator.objects.filter(user=OuterRef("pk"), type__in=factors.MAIN)
    everybody = User.objects.prefetch_related("memberships__force").annotate(has_factor=Exists(main))
    if not query:
        return everybody
    return everybody.filter(Q(name__icontains=query) | Q(email__icontains=query))


class Invite(_ForInviters):
    """Make an invitation."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the form."""
        return self._page(InviteForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Make it, and show its link this once."""
        form = InviteForm(request.POST)
        if not form.is_valid():
            problems = [Problem(f"/{field}", str(found[0])) for field, found in form.errors.items()]
            record_refusal(request, Invalid("The invitation was not made", problems))
            return self._page(form, status=422)
        confirming.require(request)
        try:
            made, path = invitations.make(**form.cleaned_data, by=self.by)
        except Invalid as refusal:
            record_refusal(request, refusal)
            for problem in refusal.problems:
                form.add_error(problem.pointer if problem.pointer in form.fields else None, problem.message)
            return self._page(form, status=422)
        return self.link_page(made, path)

    def _page(self, form: InviteForm, *, status: int = 200) -> HttpResponse:
        context = {"form": form, "is_mailed": invitations.is_mailed(), "roles": ROLES.values()}
        return render(self.request, "people/invite.html", context, status=status)


class _OfPerson(_ForInviters):
    def person_of(self, person_id: int) -> User:
        """Return the person."""
        return get_object_or_404(User, pk=person_id)


class PersonDetail(_OfPerson):
    """One person: posts, what protects the account, suspensions."""

    def get(self, request: HttpRequest, person_id: int) -> HttpResponse:
        """Show it."""
        return self.page(self.person_of(person_id))

    def page(self, person: User, form: forms.Form | None = None, *, status: int = 200) -> HttpResponse:
        """Return the page of a person, with the form that has a problem."""
        context = {
            "person": person,
            "form": form,
            "suspend_form": form if isinstance(form, SuspendForm) else SuspendForm(),
            "help_form": form if isinstance(form, HelpForm) else HelpForm(),
            "is_own": person.pk == self.by.pk,
            "has_factor": factors.has(person),
            "suspensions": person.suspensions.select_related("by", "lifted_by"),
        }
        return render(self.request, "people/detail.html", context, status=status)


class PersonSuspend(PersonDetail):
    """Keep a person out."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, person_id: int) -> HttpResponse:
        """Suspend them."""
        person, form = self.person_of(person_id), SuspendForm(request.POST)
        if not form.is_valid():
            record_refusal(request, Invalid.field("/reason", str(form.errors["reason"][0])))
            return self.page(person, form, status=422)
        people.suspend(person=person, by=self.by, **form.cleaned_data)
        messages.success(request, f"{person} is suspended, and signed out everywhere")
        return redirect("person-detail", person.pk)


class PersonRestore(_OfPerson):
    """Let a suspended person in again."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, person_id: int) -> HttpResponse:
        """Restore them."""
        person = people.restore(person=self.person_of(person_id), by=self.by)
        messages.success(request, f"{person} can sign in again. Their API tokens stay revoked")
        return redirect("person-detail", person.pk)


class PersonSignOut(_OfPerson):
    """End the sessions of a person: one who left a computer open, or whose password somebody may know."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, person_id: int) -> HttpResponse:
        """End them."""
        person = self.person_of(person_id)
        people.sign_out(person=person, by=self.by)
        messages.success(request, f"{person} is signed out everywhere")
        return redirect("person-detail", person.pk)


class _Help(PersonDetail):
    """What is done for a person who cannot sign in, by somebody who made sure who asks."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, person_id: int) -> HttpResponse:
        """Do it."""
        person, form = self.person_of(person_id), HelpForm(request.POST)
        if not form.is_valid():
            record_refusal(request, Invalid.field("/made_sure", str(form.errors["made_sure"][0])))
            return self.page(person, form, status=422)
        confirming.require(request)
        return self.help(person, form.cleaned_data["made_sure"])

    def help(self, person: User, made_sure: str) -> HttpResponse:
        """Do what this page is for."""
        raise NotImplementedError


class PersonRenew(_Help):
    """Make a link by which a person chooses a new password."""

    def help(self, person: User, made_sure: str) -> HttpResponse:
        """Make it, and show it this once."""
        return self.link_page(*invitations.renew(person=person, made_sure=made_sure, by=self.by))


class PersonFactorRemove(_Help):
    """Remove the second factor of a person who lost it."""

    def help(self, person: User, made_sure: str) -> HttpResponse:
        """Remove it."""
        people.remove_second_factor(person=person, made_sure=made_sure, by=self.by)
        messages.success(self.request, f"{person} has no second factor now, and is signed out everywhere")
        return redirect("person-detail", person.pk)


class InvitationRevoke(_ForInviters):
    """Close a link."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, invitation_id: str) -> HttpResponse:
        """Revoke it."""
        found = get_object_or_404(Invitation.objects.visible_to(self.by), public_id=invitation_id)
        invitations.revoke(invitation=found, by=self.by)
        messages.success(request, f"The link for {found.email} opens nothing more")
        return redirect("person-list")
