"""What other rules would say of all history, for the Centre's staff; and the director's adoption of a version."""

from dataclasses import dataclass, fields
from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views import View

from centre.errors import Conflict, Invalid, Problem, Refusal
from centre.middleware import record_refusal
from centre.permissions import Permission, has_permission, require_any
from centre.views.posts import signed_in
from tactics.actions import rules as adoption
from tactics.actions.replays import Replayed, replay_all
from tactics.models import RulesAdoption, rules_in_use
from tactics.rating import VERSIONS, BadRules, Rules, proposed

NEWEST = 2_000  # a page waits for these; the command replays them all
MAY_SEE = (Permission.RATING_SIGN, Permission.RULES_ADOPT)
THOUGHT_OF = "a proposal"


@dataclass(frozen=True, slots=True)
class Cutoff:
    """One number of the rules that the form can change."""

    name: str
    value: float

    @property
    def words(self) -> str:
        """Return the name as people read it."""
        return self.name.replace("_", " ")


def cutoffs(rules: Rules) -> list[Cutoff]:
    """Return the cut-offs that are one number, by name."""
    found = [(item.name, getattr(rules, item.name)) for item in fields(Rules)]
    return sorted(
        (Cutoff(name, value) for name, value in found if isinstance(value, int | float)),
        key=lambda one: one.name,
    )


class RatingReplay(LoginRequiredMixin, View):
    """All history under other rules, without adopting them."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the form; with a version or a changed cut-off, what would change."""
        require_any(request.user, MAY_SEE)
        context = _context(request)
        if not {"version", "cutoff"} & set(request.GET):
            return render(request, "ratings/replay.html", context)
        try:
            rules = _asked(request)
        except BadRules as refusal:
            context["problems"] = [Problem("value", str(refusal))]
            return render(request, "ratings/replay.html", context, status=422)
        replayed = list(replay_all(rules, newest=NEWEST))
        context |= {"asked": rules, "is_built_in": rules.version in VERSIONS, **_counted(replayed)}
        return render(request, "ratings/replay.html", context)


class RulesAdopt(LoginRequiredMixin, View):
    """The director adopts a version."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Adopt it, or say why not."""
        require_any(request.user, (Permission.RULES_ADOPT,))
        sent = request.POST
        try:
            made = adoption.adopt(
                version=sent.get("version", ""), reason=sent.get("reason", ""), by=signed_in(request)
            )
        except (Invalid, Conflict) as refusal:
            return _refused(request, refusal)
        messages.success(request, f"{made.version} rates from now on. Two reviewers must sign what it claims")
        return redirect("rating-replay")


def _refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    record_refusal(request, refusal)
    context = _context(request) | {
        "problems": refusal.shown,
        "typed": {"reason": request.POST.get("reason", ""), "version": request.POST.get("version", "")},
    }
    return render(request, "ratings/replay.html", context, status=refusal.page_status)


def _context(request: HttpRequest) -> dict[str, Any]:
    in_use = rules_in_use()
    return {
        "in_use": in_use,
        "versions": list(VERSIONS),
        "others": [name for name in VERSIONS if name != in_use.version],
        "cutoffs": cutoffs(in_use),
        "chosen": {name: request.GET.get(name, "") for name in ("version", "cutoff", "value")},
        "adoptions": RulesAdoption.objects.select_related("by"),
        "may_adopt": has_permission(request.user, Permission.RULES_ADOPT),
        "limit": NEWEST,
    }


def _asked(request: HttpRequest) -> Rules:
    """Return the version chosen, or the rules in use with one cut-off changed."""
    cutoff, value = request.GET.get("cutoff", ""), request.GET.get("value", "").strip()
    if not cutoff:
        version = request.GET.get("version", "")
        if version not in VERSIONS:
            raise BadRules(f"Choose a version: {', '.join(VERSIONS)}")
        return VERSIONS[version]
    try:
        number = float(value)
    except ValueError as fault:
        raise BadRules("Enter the cut-off's new value as a number") from fault
    return proposed(THOUGHT_OF, {cutoff: number}, rules_in_use())


def _counted(replayed: list[Replayed]) -> dict[str, Any]:
    changed = [one for one in replayed if one.changes_label or one.changes_strength]
    return {
        "n_replayed": len(replayed),
        "n_labels": sum(one.changes_label for one in replayed),
        "n_same": sum(one.is_same for one in replayed),
        "changed": sorted(changed, key=lambda one: not one.changes_label),
    }
