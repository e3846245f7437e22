"""Runs: how long work is followed and cancelled."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import NoReverseMatch, reverse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from centre import runs
from centre.api.filters import ChoiceFilter, FilterSet
from centre.api.permissions import SignedIn, person
from centre.api.serializers import ReadSerializer
from centre.api.views import ApiView, DetailView, ListView, WritesMixin, visible
from centre.models import Run


class RunSerializer(ReadSerializer):
    """One execution of long work."""

    attempts = serializers.IntegerField(source="attempt", help_text="How often a worker has started it.")
    problems = serializers.ListField(
        child=serializers.DictField(), help_text="What was wrong, each with its place."
    )
    links = serializers.SerializerMethodField(help_text="What it made: addresses where there are any.")

    class Meta:
        model = Run
        fields = (
            "id",
            "task",
            "title",
            "state",
            "progress",
            "message",
            "attempts",
            "created_at",
            "started_at",
            "finished_at",
            "cancel_requested_at",
            "code_version",
            "error_code",
            "error",
            "problems",
            "links",
        )

    def get_links(self, run: Run) -> dict[str, str]:
        """Return what the run made; a kind of thing that the API serves is given by its address."""
        return {name: _address(name, str(value)) for name, value in run.links.items()}


def _address(kind: str, key: str) -> str:
    try:
        return reverse(f"api-{kind}", args=[key])
    except NoReverseMatch:
        return key


class RunFilter(FilterSet):
    """What runs can be filtered by."""

    state = ChoiceFilter(choices=Run.State.choices)

    class Meta:
        model = Run
        fields = ("task",)


class RunList(ListView):
    """Runs: your own, or all of them for the Centre's staff."""

    permission_classes = (SignedIn,)
    serializer_class = RunSerializer
    filterset_class = RunFilter
    sorts: ClassVar = {"created_at": "created_at"}
    default_sort = "-created_at"
    queryset = Run.objects.all()

    def get_queryset(self) -> QuerySet[Run]:
        """Return the caller's runs."""
        return Run.objects.visible_to(self.request.user)


class RunDetail(DetailView):
    """One run: state, progress from 0 to 1, message, and links to what it made."""

    permission_classes = (SignedIn,)
    serializer_class = RunSerializer

    def thing(self) -> Run:
        """Return the run."""
        return visible(Run.objects.visible_to(self.request.user), pk=self.kwargs["run_id"])


class RunCancel(WritesMixin, ApiView):
    """Cancel a run."""

    permission_classes = (SignedIn,)
    serializer_class = RunSerializer
    answer_serializer_class = RunSerializer
    success = 202
    is_versioned = True

    def post(self, request: Request, run_id: str) -> Response:
        """Cancel: at once while it waits, at its next step while it works."""
        self.run = visible(Run.objects.visible_to(request.user), pk=run_id)
        return self.write(request)

    def version_of(self) -> Any:
        """Return the run, for If-Match."""
        return RunSerializer(self.run).data

    def act(self, request: Request, sent: dict[str, Any]) -> Response:
        """Call the action."""
        return accepted(runs.cancel(run=self.run, by=person(request)))


def accepted(run: Run) -> Response:
    """Answer that work has been taken on, and where to follow it."""
    location = reverse("api-run", kwargs={"run_id": run.pk})
    return Response(RunSerializer(run).data, status=202, headers={"Location": location})
