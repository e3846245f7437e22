"""The tactics' part of /api/v1/."""

from django.urls import path

from tactics.api import ai, money, practice, ratings, tactics

urlpatterns = [
    path("tactics/", tactics.TacticList.as_view(), name="api-tactic-list"),
    path("tactics/<slug:slug>/", tactics.TacticDetail.as_view(), name="api-tactic"),
    path("tactics/<slug:slug>/adoptions/", practice.AdoptionList.as_view(), name="api-tactic-adoptions"),
    path("tactics/<slug:slug>/hours/", practice.HoursList.as_view(), name="api-tactic-hours"),
    path(
        "tactics/<slug:slug>/hours/account/", practice.HoursAccount.as_view(), name="api-tactic-hours-account"
    ),
    path("tactics/<slug:slug>/findings/", tactics.FindingList.as_view(), name="api-tactic-findings"),
    path("tactics/<slug:slug>/news/", tactics.NewsList.as_view(), name="api-tactic-news"),
    path("tactics/<slug:slug>/error-rates/", ai.ErrorRateList.as_view(), name="api-tactic-error-rates"),
    path(
        "tactics/<slug:slug>/transparency-records/",
        ai.TransparencyRecordList.as_view(),
        name="api-tactic-transparency-records",
    ),
    path("tactics/<slug:slug>/ratings/", ratings.RatingList.as_view(), name="api-tactic-ratings"),
    path("tactics/<slug:slug>/money/", money.MoneyDetail.as_view(), name="api-tactic-money"),
    path(
        "tactics/<slug:slug>/synthesis/<slug:outcome_domain>/",
        tactics.SynthesisDetail.as_view(),
        name="api-tactic-synthesis",
    ),
    path(
        "tactics/<slug:slug>/next-trial/<slug:outcome_domain>/",
        tactics.NextTrial.as_view(),
        name="api-tactic-next-trial",
    ),
    path("ratings/<uuid:rating_id>/", ratings.RatingDetail.as_view(), name="api-rating"),
    path("ratings/<uuid:rating_id>/trace/", ratings.RatingTrace.as_view(), name="api-rating-trace"),
]
