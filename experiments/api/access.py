"""Access to restricted data, for a researcher's program: ask, see what came of it, read the file."""

import uuid
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from centre.api.files import AnyFile, served
from centre.api.negotiation import AsItIs
from centre.api.permissions import SignedIn, person
from centre.api.serializers import ReadSerializer, TextField, WriteSerializer
from centre.api.views import ApiView, DetailView, ListView, WritesMixin, visible
from centre.clock import database_today
from centre.errors import Invalid
from centre.models import AuditEvent
from centre.permissions import Permission, require
from experiments.actions import access_applications, access_grants
from experiments.models import AccessApplication, AccessDecision, AccessRevocation, Dataset, RestrictedFile


class RestrictedFileSerializer(serializers.ModelSerializer[RestrictedFile]):
    """The one file of a version of the data, as far as it may be told."""

    class Meta:
        model = RestrictedFile
        fields = ("name", "sha256", "size", "n_rows", "columns", "left_out")


class AccessApplicationSerializer(ReadSerializer):
    """An application for restricted data, what was decided, and the file that a grant gives."""

    id = serializers.UUIDField(source="public_id")
    trial = serializers.CharField(source="dataset.trial.ref")
    dataset = serializers.UUIDField(source="dataset.public_id")
    applicant = serializers.CharField(source="applicant.name")
    state = serializers.SerializerMethodField(
        help_text="waiting, withdrawn, refused, not_yet, open, expired or revoked, by the database's clock."
    )
    purpose = serializers.CharField(source="decision.purpose", default=None, allow_null=True)
    conditions = serializers.CharField(source="decision.conditions", default=None, allow_null=True)
    granted_from = serializers.DateField(source="decision.starts_on", default=None, allow_null=True)
    granted_until = serializers.DateField(
        source="decision.ends_on", default=None, allow_null=True, help_text="The last day, all of it."
    )
    decided_at = serializers.DateTimeField(source="decision.decided_at", default=None, allow_null=True)
    reason = serializers.SerializerMethodField(help_text="Why it was refused or revoked.")
    file = RestrictedFileSerializer(source="decision.file", default=None, allow_null=True)
    url = serializers.SerializerMethodField(help_text="Address of the file; null where nothing was granted.")

    class Meta:
        model = AccessApplication
        fields = (
            "id", "trial", "dataset", "applicant", "question", "why_rows", "lawful_basis", "others", "starts_on",
            "ends_on", "applied_at", "withdrawn_at", "state", "purpose", "conditions", "granted_from",
            "granted_until", "decided_at", "reason", "file", "url",
        )  # fmt: skip

    @extend_schema_field(serializers.ChoiceField(choices=AccessApplication.State.choices))
    def get_state(self, application: AccessApplication) -> str:
        """Return how it stands today."""
        return application.state_on(database_today()).value

    def get_reason(self, application: AccessApplication) -> str | None:
        """Return the reason of a refusal or a revocation."""
        decision: AccessDecision | None = getattr(application, "decision", None)
        revocation: AccessRevocation | None = getattr(decision, "revocation", None)
        if revocation is not None:
            return revocation.reason
        return decision.reason if decision is not None and not decision.is_grant else None

    def get_url(self, application: AccessApplication) -> str | None:
        """Return the address of the file."""
        decision: AccessDecision | None = getattr(application, "decision", None)
        is_grant = decision is not None and decision.is_grant
        return reverse("api-access-file", args=[application.public_id]) if is_grant else None


class AccessApplicationSent(WriteSerializer):
    """What the Centre decides by."""

    dataset = serializers.UUIDField(help_text="A version of the data that a published release stands on.")
    question = TextField(max_length=access_applications.LONGEST)
    why_rows = TextField(max_length=access_applications.LONGEST)
    lawful_basis = TextField(max_length=access_applications.LONGEST)
    others = TextField(max_length=access_applications.LONGEST, help_text="Who else would see the rows.")
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    accepts_terms = serializers.BooleanField(
        help_text="That you keep to the terms on the page of the application."
    )


class AccessReadSerializer(ReadSerializer):
    """One read under a grant, or one that was refused; from the audit log."""

    who = serializers.CharField(source="actor_shown")
    outcome = serializers.SerializerMethodField(help_text="sent, or refused.")
    because = serializers.CharField(source="detail.because", default="", help_text="Why it was refused.")
    via = serializers.CharField(source="detail.via", help_text="page or api")
    file_sha256 = serializers.CharField(source="detail.file")
    purpose = serializers.CharField(source="detail.purpose")

    class Meta:
        model = AuditEvent
        fields = ("at", "who", "outcome", "because", "via", "file_sha256", "purpose", "hash")

    @extend_schema_field(serializers.ChoiceField(choices=["sent", "refused"]))
    def get_outcome(self, event: AuditEvent) -> str:
        """Return what came of it."""
        return "refused" if event.event == "access.read_refused" else "sent"


class AccessApplicationList(WritesMixin, ListView):
    """Your applications for restricted data; all of them for those who decide. POST sends one."""

    permission_classes = (SignedIn,)
    serializer_class = AccessApplicationSerializer
    write_serializer_class = AccessApplicationSent
    answer_serializer_class = AccessApplicationSerializer
    success = 201
    sorts: ClassVar = {"applied_at": "applied_at"}
    default_sort = "-applied_at"
    queryset = AccessApplication.objects.all()

    def get_queryset(self) -> QuerySet[AccessApplication]:
        """Return what the person may know of."""
        rows: QuerySet[AccessApplication] = AccessApplication.objects.visible_to(self.request.user).for_list()
        return rows

    def post(self, request: Request) -> Response:
        """Ask for one version of the data of one trial. The Centre decides in its pages."""
        require(request.user, Permission.ACCESS_APPLY)  # before what was sent is read
        return self.write(request)

    def act(self, request: Request, sent: dict[str, Any]) -> Response:
        """Call the action."""
        by, wanted = person(request), sent.pop("dataset")
        dataset = Dataset.objects.visible_to(by).filter(public_id=wanted).select_related("trial").first()
        if dataset is None:
            # In the words that refuse data without a release: what may not be known and what is not out are alike.
            raise Invalid.field("/dataset", access_applications.NO_SUCH_DATA)
        made = access_applications.apply(dataset=dataset, by=by, **sent)
        response = Response(self.get_serializer(made).data, status=201)
        response["Location"] = reverse("api-access-application", args=[made.public_id])
        return response


class _OfApplication:
    request: Any
    kwargs: dict[str, Any]

    def application(self) -> AccessApplication:
        """Return the application, or there is nothing here."""
        rows = AccessApplication.objects.visible_to(self.request.user).for_list()
        found: AccessApplication = visible(rows, public_id=self.kwargs["application_id"])
        return found


class AccessApplicationDetail(_OfApplication, DetailView):
    """One application: how it stands, and the hash and columns of the file that was granted."""

    permission_classes = (SignedIn,)
    serializer_class = AccessApplicationSerializer

    def thing(self) -> AccessApplication:
        """Return the application."""
        return self.application()


class AccessReadList(_OfApplication, ListView):
    """Every read under the grant of an application, newest first, refused ones too: the audit log's own events."""

    permission_classes = (SignedIn,)
    serializer_class = AccessReadSerializer
    sorts: ClassVar = {"at": "at"}
    default_sort = "-at"
    modified_field = "at"
    queryset = AuditEvent.objects.with_erased()

    def get_queryset(self) -> QuerySet[AuditEvent]:
        """Return the reads."""
        return self.application().reads()


class AccessFile(_OfApplication, ApiView):
    """The granted file, for the applicant alone. Every request is on record, also one that is refused."""

    permission_classes = (SignedIn,)
    more_refusals: ClassVar = {409: "The grant has not begun.", 410: "The grant has ended, or is revoked."}
    renderer_classes = (AnyFile,)
    content_negotiation_class = AsItIs
    answer_type = OpenApiTypes.BINARY

    def get(self, request: Request, application_id: uuid.UUID) -> HttpResponseBase:
        """Answer the bytes, once the audit log has the read."""
        file = access_grants.read(application=self.application(), via="api", by=person(request))
        return served(request, file, since=None)
