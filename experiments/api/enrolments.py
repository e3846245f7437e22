"""Cases that come one by one: enrolled by a program as by the page, and read by their own force alone."""

import uuid
from typing import Any, ClassVar

from django.db.models import Prefetch, QuerySet
from django.http import Http404
from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from centre.api import idempotency
from centre.api.permissions import SignedIn, person
from centre.api.serializers import ReadSerializer, TextField, WriteSerializer
from centre.api.views import ApiView, DetailView, ListView, WritesMixin, visible
from centre.permissions import Permission, has_permission
from experiments.actions import enrolments
from experiments.actions.enrolments import Asked, Enrolled
from experiments.api.places import OfTrial
from experiments.models import Enrolment, Override, Site, Trial


class OverrideSerializer(ReadSerializer):
    """What was delivered instead of the arm. The arm that was assigned does not change."""

    id = serializers.UUIDField(source="public_id")

    class Meta:
        model = Override
        fields = ("id", "assigned", "delivered", "reason", "note", "at")


class EnrolledCaseSerializer(ReadSerializer):
    """One case and its arm. Where it stands in the sequence is not shown."""

    id = serializers.UUIDField(source="public_id")
    trial = serializers.CharField(source="allocation.trial.ref")
    case = serializers.CharField(source="unit.code")
    force = serializers.SlugField(source="unit.force.slug", default=None, allow_null=True)
    arm = serializers.CharField(
        source="assignment.arm", help_text="Code of the arm; see the protocol's arms."
    )
    levels = serializers.DictField(
        child=serializers.CharField(), help_text="Level of each registered factor."
    )
    protocol_version = serializers.CharField(source="registration.version")
    overrides = serializers.SerializerMethodField()

    class Meta:
        model = Enrolment
        fields = (
            "id",
            "trial",
            "case",
            "force",
            "arm",
            "levels",
            "protocol_version",
            "confirmed_at",
            "latency_ms",
            "overrides",
        )

    @extend_schema_field(OverrideSerializer(many=True))
    def get_overrides(self, enrolment: Enrolment) -> Any:
        """Return what was delivered instead, oldest first. A case that has just come has nothing, unasked."""
        if self.context.get("is_new"):
            return []
        return OverrideSerializer(enrolment.assignment.overrides.all(), many=True).data


class EnrolmentRequest(WriteSerializer):
    """A case, an answer to each registered condition in its order, and its level of each registered factor."""

    case = TextField(max_length=200, help_text="The force's own id of the case: no name, no crime number.")
    include = serializers.ListField(
        child=serializers.BooleanField(), help_text="Whether each condition of eligibility.include holds."
    )
    exclude = serializers.ListField(
        child=serializers.BooleanField(),
        default=list,
        help_text="Whether each condition of eligibility.exclude holds.",
    )
    levels = serializers.DictField(child=TextField(max_length=200), default=dict)
    force = serializers.SlugField(
        required=False, help_text="Needed where the caller works in several forces of the trial."
    )


class OverrideRequest(WriteSerializer):
    """What was delivered, and why."""

    delivered = TextField(
        max_length=40, allow_blank=True, help_text="Code of the arm that was delivered; empty if none was."
    )
    reason = serializers.ChoiceField(choices=Override.Reason.choices)
    note = TextField(max_length=500, allow_blank=True, default="")


class EnrolmentList(OfTrial, WritesMixin, ListView):
    """The cases of your own force in a trial that enrols one by one. POST enrols a case; the answer holds its arm.

    An Idempotency-Key is needed: the same key and case again get the same arm, for ever.
    """

    permission_classes = (SignedIn,)
    serializer_class = EnrolledCaseSerializer
    write_serializer_class = EnrolmentRequest
    answer_serializer_class = EnrolledCaseSerializer
    success = 201
    sorts: ClassVar = {"confirmed_at": "confirmed_at"}
    default_sort = "-confirmed_at"
    modified_field = "confirmed_at"
    queryset = Enrolment.objects.all()

    def get_queryset(self) -> QuerySet[Enrolment]:
        """Return the cases of the caller's forces."""
        trial = self.trial_inside(Permission.CASE_ENROL)
        enrolments.may_enrol(trial, person(self.request))
        if trial.allocation is None or not trial.allocation.is_one_by_one:
            raise Http404
        rows = Enrolment.objects.visible_to(self.request.user).filter(allocation__trial=trial)
        found: QuerySet[Enrolment] = rows.for_list().prefetch_related("assignment__overrides")
        return found

    def post(self, request: Request, ref: str) -> Response:
        """Check that the case is eligible, register it and give it its arm, at once."""
        self.subject = self._trial_to_enrol_in()
        return self.write(request)

    def _trial_to_enrol_in(self) -> Trial:
        """Find the trial in few questions: somebody waits for the arm, and others wait behind."""
        sites = Prefetch("sites", Site.objects.order_by())  # only whose they are is asked
        rows = Trial.objects.by_ref(self.kwargs["ref"]).defer("protocol").prefetch_related(sites)
        found: Trial | None = rows.first()
        # Who holds this on the trial is of a force of it, and so may know of it.
        if found is not None and has_permission(self.request.user, Permission.CASE_ENROL, on=found):
            return found
        return self.trial_inside(Permission.CASE_ENROL)

    def write(self, request: Request) -> Response:
        """Check what was sent, then enrol; the key is kept with the case, not for some days only."""
        if "HTTP_IF_MATCH" in request.META:
            self.version_of()
        reader = EnrolmentRequest(data=self.sent_data(request))
        reader.is_valid(raise_exception=True)
        key = idempotency.key_of(request)
        if key is None:
            raise ValidationError({"Idempotency-Key": ["Send a key, so that a repeat gets the same arm"]})
        asked = Asked(
            **reader.validated_data,
            key=key,
            source=Enrolment.Source.API,
            source_ip=request.META.get("REMOTE_ADDR") or None,
        )
        return answered(enrolments.enrol(trial=self.subject, asked=asked, by=person(request)))


def answered(made: Enrolled) -> Response:
    """Answer the case with its arm, the same for a repeat."""
    headers = {"Location": reverse("api-enrolment", args=[made.enrolment.public_id])}
    if made.is_repeat:
        headers["Idempotency-Replayed"] = "true"
    shown = EnrolledCaseSerializer(made.enrolment, context={"is_new": not made.is_repeat})
    return Response(shown.data, status=201, headers=headers)


def own_case(user: Any, public_id: uuid.UUID) -> Enrolment:
    """Return a case of the caller's own force, or there is nothing here."""
    rows = Enrolment.objects.visible_to(user).for_list()
    found: Enrolment = visible(rows, public_id=public_id)
    enrolments.may_enrol(found.allocation.trial, user)
    return found


class EnrolmentDetail(DetailView):
    """One case of your own force."""

    permission_classes = (SignedIn,)
    serializer_class = EnrolledCaseSerializer
    modified_field = "confirmed_at"

    def thing(self) -> Enrolment:
        """Return the case."""
        return own_case(self.request.user, self.kwargs["enrolment_id"])


class OverrideList(WritesMixin, ApiView):
    """Record what was delivered instead of the arm. The arm stays as it was assigned."""

    permission_classes = (SignedIn,)
    serializer_class = OverrideSerializer
    write_serializer_class = OverrideRequest
    answer_serializer_class = OverrideSerializer
    success = 201

    def post(self, request: Request, enrolment_id: uuid.UUID) -> Response:
        """Record it."""
        self.subject = own_case(request.user, enrolment_id)
        return self.write(request)

    def act(self, request: Request, sent: dict[str, Any]) -> Response:
        """Call the action."""
        made = enrolments.override(enrolment=self.subject, by=person(request), **sent)
        return Response(OverrideSerializer(made).data, status=201)
