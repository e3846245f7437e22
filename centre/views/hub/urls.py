"""Addresses of the hub's pages, under /hub/."""

from django.urls import path

from centre.views.hub import measures, quality, submissions

urlpatterns = [
    path("", quality.HubHome.as_view(), name="hub-home"),
    path("forces/<slug:force>/", quality.ForceScorecard.as_view(), name="hub-force"),
    path("measures/", measures.MeasureList.as_view(), name="hub-measure-list"),
    path("measures/new/", measures.MeasureNew.as_view(), name="hub-measure-new"),
    path("measures/<slug:measure>/", measures.MeasureDetail.as_view(), name="hub-measure"),
    path("measures/<slug:measure>/adopt/", measures.MeasureAdopt.as_view(), name="hub-measure-adopt"),
    path("submissions/", submissions.SubmissionList.as_view(), name="hub-submission-list"),
    path("submissions/new/", submissions.SubmissionSend.as_view(), name="hub-submit"),
    path("submissions/<uuid:submission_id>/", submissions.SubmissionDetail.as_view(), name="hub-submission"),
]
