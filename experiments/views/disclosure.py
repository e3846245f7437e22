"""The thresholds of disclosure control: which are in force, and who signed them."""

from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views import View

from centre.errors import Conflict, Invalid, Refusal
from centre.middleware import record_refusal
from centre.permissions import Permission, require
from centre.views.acts import as_refusal, note
from centre.views.posts import signed_in
from experiments.actions import disclosure_policies
from experiments.disclosure import THRESHOLDS, Policy
from experiments.forms.disclosure import ThresholdsForm
from experiments.models import DisclosurePolicy


class DisclosurePolicies(LoginRequiredMixin, View):
    """Every version there has been; propose another, or adopt what somebody else proposed."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show them."""
        require(request.user, Permission.DISCLOSURE_SET)
        return self._page(request, ThresholdsForm(now=_numbers(DisclosurePolicy.objects.in_force())))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Propose, or adopt where a version is named."""
        require(request.user, Permission.DISCLOSURE_SET)
        by, version = signed_in(request), request.POST.get("adopt", "")
        form = ThresholdsForm(
            None if version else request.POST, now=_numbers(DisclosurePolicy.objects.in_force())
        )
        if not version and not form.is_valid():
            return self._refused(request, form, as_refusal(form))
        try:
            if version:
                made = disclosure_policies.adopt(version=int(version) if version.isdecimal() else 0, by=by)
                messages.success(
                    request, f"Version {made.version} is in force for every release prepared from now on."
                )
            else:
                reason = form.cleaned_data["reason"]
                made = disclosure_policies.propose(thresholds=form.thresholds(), reason=reason, by=by)
                messages.success(request, f"Version {made.version} waits for a second person to adopt it.")
        except (Invalid, Conflict) as refusal:
            return self._refused(request, form, refusal)
        return redirect("disclosure-policies")

    def _refused(self, request: HttpRequest, form: ThresholdsForm, refusal: Refusal) -> HttpResponse:
        record_refusal(request, refusal)
        problems = []
        if form.is_bound:
            if form.is_valid():
                note(form, refusal)
        else:
            problems = refusal.shown
        return self._page(request, form, status=refusal.page_status, problems=problems)

    def _page(
        self, request: HttpRequest, form: ThresholdsForm, status: int = 200, **more: Any
    ) -> HttpResponse:
        versions = list(DisclosurePolicy.objects.select_related("proposed_by", "adopted_by"))
        in_force = DisclosurePolicy.objects.in_force()
        newest = versions[0] if versions else None
        waits = newest if newest and newest.adopted_at is None else None
        context = {
            "form": form,
            "in_force": in_force,
            "rows": _rows(in_force, waits.policy if waits else None),
            "waits": waits,
            "may_adopt": waits and waits.proposed_by_id != signed_in(request).pk,
            "versions": versions,
            **more,
        }
        return render(request, "releases/thresholds.html", context, status=status)


def _numbers(policy: Policy) -> dict[str, Any]:
    values = asdict(policy)
    return {name: values[name] for name in THRESHOLDS}


def _rows(policy: Policy, proposed: Policy | None) -> list[tuple[str, Any, Any]]:
    now, then = _numbers(policy), _numbers(proposed) if proposed else {}
    return [(rule.label, now[name], then.get(name)) for name, rule in THRESHOLDS.items()]
