"""Addresses of the hub's pages, under /hub/."""

from django.urls import path

from centre.views.hub import (
    actions,
    figures,
    measures,
    panels,
    peer_groups,
    quality,
    signals,
    standard_acts,
    standards,
    submissions,
    visits,
)

urlpatterns = [
    path("", quality.HubHome.as_view(), name="hub-home"),
    path("forces/<slug:force>/", quality.ForceScorecard.as_view(), name="hub-force"),
    path("measures/", measures.MeasureList.as_view(), name="hub-measure-list"),
    path("measures/new/", measures.MeasureNew.as_view(), name="hub-measure-new"),
    path("measures/<slug:measure>/", measures.MeasureDetail.as_view(), name="hub-measure"),
    path("measures/<slug:measure>/adopt/", measures.MeasureAdopt.as_view(), name="hub-measure-adopt"),
    path("forces/<slug:force>/actions/new/", actions.ActionAgree.as_view(), name="hub-action-agree"),
    path("actions/<uuid:action_id>/", actions.ActionDetail.as_view(), name="hub-action"),
    path("visits/", visits.VisitList.as_view(), name="hub-visit-list"),
    path("visits/new/", visits.VisitPlan.as_view(), name="hub-visit-plan"),
    path("visits/<uuid:visit_id>/", visits.VisitDetail.as_view(), name="hub-visit"),
    path("visits/<uuid:visit_id>/call-off/", visits.VisitCallOff.as_view(), name="hub-visit-call-off"),
    path("signals/", signals.SignalList.as_view(), name="hub-signal-list"),
    path("signals/scan/", signals.SignalScan.as_view(), name="hub-signal-scan"),
    path("signals/<uuid:signal_id>/", signals.SignalDetail.as_view(), name="hub-signal"),
    path("panels/", panels.PanelList.as_view(), name="hub-panel-list"),
    path("panels/new/", panels.PanelSend.as_view(), name="hub-panel-send"),
    path("panels/<uuid:panel_id>/", panels.PanelDetail.as_view(), name="hub-panel"),
    path("forces/<slug:force>/standards/", standards.ForceStandards.as_view(), name="hub-force-standards"),
    path("standards/", standards.StandardList.as_view(), name="hub-standard-list"),
    path("standards/new/", standard_acts.StandardNew.as_view(), name="hub-standard-new"),
    path("standards/<slug:standard>/", standards.StandardDetail.as_view(), name="hub-standard"),
    path(
        "standards/<slug:standard>/revise/",
        standard_acts.StandardRevise.as_view(),
        name="hub-standard-revise",
    ),
    path(
        "standards/<slug:standard>/versions/<int:standard_version>/adopt/",
        standard_acts.StandardAdopt.as_view(),
        name="hub-standard-adopt",
    ),
    path("figures/new/", figures.FiguresSend.as_view(), name="hub-figures-send"),
    path("figures/<uuid:figure_file_id>/", figures.FigureFileDetail.as_view(), name="hub-figure-file"),
    path("peer-groups/", peer_groups.PeerGroupList.as_view(), name="hub-peer-group-list"),
    path("peer-groups/new/", peer_groups.PeerGroupLoad.as_view(), name="hub-peer-groups-load"),
    path("submissions/", submissions.SubmissionList.as_view(), name="hub-submission-list"),
    path("submissions/new/", submissions.SubmissionSend.as_view(), name="hub-submit"),
    path("submissions/<uuid:submission_id>/", submissions.SubmissionDetail.as_view(), name="hub-submission"),
]
