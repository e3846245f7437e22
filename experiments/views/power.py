"""The power calculator: how many, how small an effect, how likely; before there is any trial."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views import View

from experiments.analysis.power import Explored, explore
from experiments.forms.power import PowerForm, PowerStartForm, example
from experiments.forms.power_words import QUESTIONS, SHORT, TYPICAL
from experiments.views import power_words


class PowerCalculator(View):
    """Everything is in the address, so that a calculation can be sent on as a link."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Ask for the design, then for its numbers, then answer."""
        if "again" in request.GET:
            return self._start(request, PowerStartForm(initial=request.GET.dict()))
        start = PowerStartForm(request.GET or None)
        if not start.is_valid():
            return self._start(request, start)
        design, question = start.cleaned_data["design"], start.cleaned_data["question"]
        given = set(request.GET) - {"design", "question", "continue"}
        form = PowerForm(design, question, request.GET if given else None)
        return self._ask(request, form)

    def _start(self, request: HttpRequest, form: PowerStartForm) -> HttpResponse:
        status = 422 if form.is_bound else 200
        return render(request, "power/start.html", {"form": form}, status=status)

    def _ask(self, request: HttpRequest, form: PowerForm) -> HttpResponse:
        found = self._explored(form)
        address = reverse("power-calculator")
        context: dict[str, Any] = {
            "form": form,
            "design": SHORT[form.design],
            "question": QUESTIONS[form.question],
            "typical": TYPICAL if form.design == "poisson_cluster" else (),
            "change_url": f"{address}?{urlencode({'design': form.design, 'question': form.question, 'again': 1})}",
            "example_url": f"{address}?{urlencode(example(form.design, form.question))}",
        }
        if found is not None:
            context |= {
                "told": power_words.tell(found),
                "drawing": mark_safe(found.drawing),  # noqa: S308  drawn by our own engine
            }
        return render(request, "power/calculator.html", context, status=422 if form.errors else 200)

    def _explored(self, form: PowerForm) -> Explored | None:
        if not form.is_bound or not form.is_valid():
            return None
        found = explore(form.document(), power_words.unit(form.design))
        if isinstance(found, Explored):
            return found
        form.note(found)
        return None
