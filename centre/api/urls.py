"""The API. The apps' resources are included by name, so that the Centre imports none of them."""

from django.urls import include, path, re_path

from centre.api import (
    deprecations,
    description,
    expected,
    forces,
    harm,
    measures,
    offences,
    panels,
    places,
    quality,
    runs,
    signals,
    standards,
    submissions,
    visits,
    webhooks,
)

resources = [
    path("forces/", forces.ForceList.as_view(), name="api-force-list"),
    path("forces/<slug:slug>/", forces.ForceDetail.as_view(), name="api-force"),
    path("hub/submissions/", submissions.SubmissionList.as_view(), name="api-submission-list"),
    path(
        "hub/submissions/<uuid:submission_id>/",
        submissions.SubmissionDetail.as_view(),
        name="api-submission",
    ),
    path("hub/forces/<slug:force>/scorecards/", quality.ScorecardList.as_view(), name="api-scorecard-list"),
    path(
        "hub/forces/<slug:force>/findings/",
        quality.QualityFindingList.as_view(),
        name="api-quality-finding-list",
    ),
    path("hub/visits/", visits.VisitList.as_view(), name="api-visit-list"),
    path("hub/visits/<uuid:visit_id>/", visits.VisitDetail.as_view(), name="api-visit"),
    path("hub/quality-actions/", visits.QualityActionList.as_view(), name="api-quality-action-list"),
    path("hub/expected-files/", expected.ExpectedFilesList.as_view(), name="api-expected-files-list"),
    path("hub/absences/", expected.AbsenceList.as_view(), name="api-absence-list"),
    path("hub/files/", submissions.MonthlyFileList.as_view(), name="api-monthly-file-list"),
    path("hub/offences/", offences.OffenceMonthList.as_view(), name="api-offence-month-list"),
    path(
        "hub/measures/<slug:harm_measure>/harm/",
        harm.HarmOfMonthList.as_view(),
        name="api-harm-of-month-list",
    ),
    path("measures/", measures.MeasureList.as_view(), name="api-measure-list"),
    path("measures/<slug:measure>/", measures.MeasureDetail.as_view(), name="api-measure"),
    path("hub/places/", places.PlaceScanList.as_view(), name="api-place-scan-list"),
    path("hub/places/<uuid:place_scan_id>/", places.PlaceScanDetail.as_view(), name="api-place-scan"),
    path("hub/signals/", signals.SignalList.as_view(), name="api-signal-list"),
    path("hub/signals/<uuid:signal_id>/", signals.SignalDetail.as_view(), name="api-signal"),
    path("hub/panels/", panels.PanelList.as_view(), name="api-panel-list"),
    path("hub/panels/<uuid:panel_id>/", panels.PanelDetail.as_view(), name="api-panel"),
    path("hub/standards/", standards.StandardList.as_view(), name="api-standard-list"),
    path("hub/standards/<slug:standard>/", standards.StandardDetail.as_view(), name="api-standard"),
    path("runs/", runs.RunList.as_view(), name="api-run-list"),
    path("runs/<uuid:run_id>/", runs.RunDetail.as_view(), name="api-run"),
    path("runs/<uuid:run_id>/cancel/", runs.RunCancel.as_view(), name="api-run-cancel"),
    path("webhooks/", webhooks.WebhookList.as_view(), name="api-webhook-list"),
    path("webhooks/<uuid:webhook_id>/end/", webhooks.WebhookEnd.as_view(), name="api-webhook-end"),
    path("deprecations/", deprecations.DeprecationList.as_view(), name="api-deprecations"),
    path("metadata/", description.Metadata.as_view(), name="api-metadata"),
    path("version/", description.Version.as_view(), name="api-version"),
]

urlpatterns = [
    path("v1/", include(resources)),
    path("v1/", include("tactics.api.urls")),
    path("v1/", include("experiments.api.urls")),
    path("schema/", description.Schema.as_view(), name="api-schema"),
    path("docs/", description.Docs.as_view(), name="api-docs"),
    re_path(r"^(?P<path>.*)$", description.NothingHere.as_view(), name="api-nothing"),
]
