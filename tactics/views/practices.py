"""Practice from forces: written and sent by the force, checked and accepted by the Centre."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views import View

from centre.errors import Conflict, Invalid, NotPermitted, Refusal
from centre.middleware import record_refusal
from centre.permissions import Permission, has_permission, require
from centre.views.posts import signed_in
from tactics.actions import practices
from tactics.models import Practice, PracticeVersion, Problem, Tactic
from tactics.practice import missing, shown
from tactics.practice_forms import ACCEPT, CHANGE, PracticeAnswerForm, PracticeForm


class PracticeDetail(View):
    """One account: for everybody what was accepted; for its force and the Centre also the draft."""

    def get(self, request: HttpRequest, practice_id: str) -> HttpResponse:
        """Show the page."""
        return render(request, "practices/detail.html", _context(request, _known(request, practice_id)))


class PracticeNew(LoginRequiredMixin, View):
    """A force begins its account."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the empty form."""
        _require_force(request)
        force = signed_in(request).forces.first()
        form = PracticeForm(initial={"organisation": str(force), "region": force.region if force else ""})
        return render(request, "practices/edit.html", {"form": form})

    def post(self, request: HttpRequest) -> HttpResponse:
        """Save it as a draft, or show what to put right."""
        _require_force(request)
        form = PracticeForm(request.POST)
        try:
            if not form.is_valid():
                raise Invalid("The form has problems")
            made = practices.write(said=form.said, by=signed_in(request))
        except Invalid as refusal:
            return _again(request, "practices/edit.html", form, refusal)
        messages.success(request, "Your account is saved as a draft")
        return redirect(made)


class PracticeEdit(LoginRequiredMixin, View):
    """A force goes on with its account."""

    def get(self, request: HttpRequest, practice_id: str) -> HttpResponse:
        """Show the form with what stands."""
        practice = _own(request, practice_id)
        return render(
            request, "practices/edit.html", {"form": PracticeForm.of(practice), "practice": practice}
        )

    def post(self, request: HttpRequest, practice_id: str) -> HttpResponse:
        """Save it, or show what to put right."""
        practice = _own(request, practice_id)
        form = PracticeForm(request.POST)
        try:
            if not form.is_valid():
                raise Invalid("The form has problems")
            edition = form.cleaned_data["edition"] or 0
            practices.save(practice=practice, said=form.said, edition=edition, by=signed_in(request))
        except Invalid as refusal:
            return _again(request, "practices/edit.html", form, refusal, practice=practice)
        except Conflict as refusal:
            practice.refresh_from_db()
            form = form.over(practice.edition)
            return _again(request, "practices/edit.html", form, refusal, practice=practice, conflict=refusal)
        messages.success(request, "Your account is saved")
        return redirect(practice)


class PracticeSend(LoginRequiredMixin, View):
    """The account goes to the Centre."""

    def post(self, request: HttpRequest, practice_id: str) -> HttpResponse:
        """Send it, or say what is missing."""
        practice = _own(request, practice_id)
        try:
            practices.send(practice=practice, by=signed_in(request))
        except (Invalid, Conflict) as refusal:
            record_refusal(request, refusal)
            context = _context(request, practice) | {"problems": refusal.shown}
            return render(request, "practices/detail.html", context, status=refusal.page_status)
        messages.success(request, "The account is with the Centre. Somebody outside your force checks it")
        return redirect(practice)


class PracticeReview(LoginRequiredMixin, View):
    """The Centre reads what was sent, and answers."""

    def get(self, request: HttpRequest, practice_id: str) -> HttpResponse:
        """Show the account and the questions to the reviewer."""
        practice = _to_review(request, practice_id)
        return render(
            request,
            "practices/review.html",
            {**_to_answer(practice), "form": _answer_form(request, practice)},
        )

    def post(self, request: HttpRequest, practice_id: str) -> HttpResponse:
        """Take the answer, or say why not."""
        practice = _to_review(request, practice_id)
        form = _answer_form(request, practice)
        try:
            if not form.is_valid():
                raise Invalid("The form has problems")
            said = _answered(practice, form.cleaned_data, request)
        except (Invalid, Conflict) as refusal:
            return _again(request, "practices/review.html", form, refusal, **_to_answer(practice))
        messages.success(request, said)
        return redirect(practice)


def _answered(practice: Practice, said: dict[str, Any], request: HttpRequest) -> str:
    by = signed_in(request)
    if said["answer"] == ACCEPT:
        tactic = Tactic.objects.filter(slug=said["tactic"]).first() if said["tactic"] else None
        made = practices.accept(
            practice=practice,
            tactic=tactic,
            repeatable=said["repeatable"],
            repeatable_because=said["repeatable_because"],
            edition=said["edition"] or 0,
            by=by,
        )
        return f"The account stands on the page of “{made.tactic}”"
    if said["answer"] == CHANGE:
        practices.ask_for_changes(practice=practice, because=said["because"], by=by)
        return "The account is with its force again"
    practices.decline(practice=practice, because=said["because"], by=by)
    return "The account is declined. Its force reads why"


def _answer_form(request: HttpRequest, practice: Practice) -> PracticeAnswerForm:
    may_make = has_permission(request.user, Permission.TACTIC_PROPOSE, on=practice)
    return PracticeAnswerForm(practice, may_make, request.POST if request.method == "POST" else None)


def _known(request: HttpRequest, practice_id: str) -> Practice:
    rows = Practice.objects.visible_to(request.user).select_related("force", "sent_by")
    found: Practice = get_object_or_404(rows, public_id=practice_id)
    return found


def _require_force(request: HttpRequest) -> None:
    require(request.user, Permission.TACTIC_PROPOSE)
    if not signed_in(request).force_ids:
        raise NotPermitted(
            "An account of practice is a force's own: somebody who works in the force writes it."
        )


def _own(request: HttpRequest, practice_id: str) -> Practice:
    practice = _known(request, practice_id)
    require(request.user, Permission.TACTIC_PROPOSE, on=practice)
    _require_force(request)
    return practice


def _to_review(request: HttpRequest, practice_id: str) -> Practice:
    practice = _known(request, practice_id)
    require(request.user, Permission.PRACTICE_REVIEW)
    return practice


def _topics() -> dict[str, str]:
    return dict(Problem.objects.values_list("slug", "name"))


def _to_answer(practice: Practice) -> dict[str, Any]:
    return {"practice": practice, "lines": shown(practice.answers, _topics())}


def _context(request: HttpRequest, practice: Practice) -> dict[str, Any]:
    versions = practice.versions.select_related("tactic", "practice__force")
    public: list[PracticeVersion] = list(versions.filter(tactic__in=Tactic.objects.visible_to(request.user)))
    user = request.user
    is_inside = user.is_authenticated and (user.is_centre_staff or practice.force_id in user.force_ids)
    is_own = user.is_authenticated and practice.force_id in user.force_ids
    newest = public[0] if public else None
    answers = practice.answers if is_inside else newest.answers if newest else {}
    return {
        "practice": practice,
        "version": newest,
        "lines": shown(answers, _topics()),
        "is_inside": is_inside,
        "gaps": missing(practice.answers) if is_own else [],
        "is_changed": newest is None or newest.answers != practice.answers,
        "can_write": is_own
        and not practice.is_sent
        and has_permission(user, Permission.TACTIC_PROPOSE, on=practice),
        "can_review": practice.is_sent and not is_own and has_permission(user, Permission.PRACTICE_REVIEW),
    }


def _again(request: HttpRequest, template: str, form: Any, refusal: Refusal, **context: Any) -> HttpResponse:
    """Show the form again with everything that was typed."""
    record_refusal(request, refusal)
    if isinstance(refusal, Conflict):
        form.add_error(None, refusal.message)
    for problem in refusal.problems:
        form.add_error(problem.pointer if problem.pointer in form.fields else None, problem.message)
    return render(request, template, {**context, "form": form}, status=refusal.page_status)
