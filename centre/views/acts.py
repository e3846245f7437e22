"""A page with one form that asks for one act: a refusal keeps what was typed, and the audit log knows."""

from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views import View

from centre.accounts import confirming
from centre.errors import Invalid, NotFound, NotPermitted, Problem, Refusal
from centre.middleware import record_refusal


class FormPage(View):
    """Stands before the page that knows what it is of, and shows it by `page`."""

    asks_again: ClassVar[bool] = False  # who signed in some time ago says again who they are before the act

    def form(self, *sent: Any) -> Any:
        """Return the form, empty or with what was sent."""
        raise NotImplementedError

    def act(self, form: Any) -> str:
        """Do it; return where to go then."""
        raise NotImplementedError

    def context(self) -> dict[str, Any]:
        """Return what the page shows beside the form."""
        return {}

    def page(self, *, status: int = 200, **context: Any) -> HttpResponse:
        """Return the page."""
        return super().page(status=status, **context)  # type: ignore[misc]  # of the page beside

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the form."""
        return self.page(form=self.form(), **self.context())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Do what the form asks for, or show what is wrong with it."""
        form = self.form(request.POST, request.FILES)
        if not form.is_valid():
            return self.refused(form, as_refusal(form))
        try:
            if self.asks_again:
                confirming.require(request)
            return redirect(self.act(form))
        except (NotPermitted, NotFound):
            raise
        except Refusal as refusal:
            note(form, refusal)
            return self.refused(form, refusal)

    def refused(self, form: Any, refusal: Refusal, **context: Any) -> HttpResponse:
        """Return the form with what is wrong and what was typed; the audit log knows."""
        record_refusal(self.request, refusal)
        return self.page(form=form, status=refusal.page_status, **{**self.context(), **context})


def as_refusal(form: forms.BaseForm) -> Invalid:
    """Return what the form itself found wrong, for the audit log."""
    problems = [Problem(name, str(message)) for name, messages in form.errors.items() for message in messages]
    return Invalid("There is a problem", problems)


def note(form: Any, refusal: Refusal) -> None:
    """Put what an action refused at the fields that its problems point to."""
    if hasattr(form, "note"):
        form.note(refusal.problems)
    else:
        for problem in refusal.problems:
            name = problem.pointer.strip("/")
            form.add_error(name if name in form.fields else None, _placed(problem, name in form.fields))
    if not refusal.problems:
        form.add_error(None, refusal.message)


def _placed(problem: Problem, has_field: bool) -> str:
    """Say where in a file a problem is, where no field of the form can say it."""
    place = "" if has_field or problem.pointer.startswith("/") else problem.pointer
    is_said = not place or place == "file" or place in problem.message
    return problem.message if is_said else f"{place[0].upper()}{place[1:]}: {problem.message}"
