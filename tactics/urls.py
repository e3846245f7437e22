"""The library's addresses."""

from django.urls import path

from tactics.views import editing, gaps, library, problems, ratings, rejected, tactic

urlpatterns = [
    path("", library.LibraryHome.as_view(), name="library-home"),
    path("tactics/", library.TacticList.as_view(), name="tactic-list"),
    path("tactics/propose/", editing.TacticPropose.as_view(), name="tactic-propose"),
    path("tactics/compare/", library.TacticCompare.as_view(), name="tactic-compare"),
    path("tactics/<slug:slug>/", tactic.TacticDetail.as_view(), name="tactic-detail"),
    path("tactics/<slug:slug>/edit/", editing.TacticEdit.as_view(), name="tactic-edit"),
    path("tactics/<slug:slug>/publish/", editing.TacticPublish.as_view(), name="tactic-publish"),
    path("tactics/<slug:slug>/start/", tactic.TacticStart.as_view(), name="tactic-start"),
    path("tactics/<slug:slug>/ratings/", ratings.RatingList.as_view(), name="rating-list"),
    path("ratings/<uuid:rating_id>/", ratings.RatingDetail.as_view(), name="rating-detail"),
    path("ratings/<uuid:rating_id>/sign/", ratings.RatingSign.as_view(), name="rating-sign"),
    path("ratings/<uuid:rating_id>/adjust/", ratings.RatingAdjust.as_view(), name="rating-adjust"),
    path("problems/<slug:problem>/", problems.ProblemBriefing.as_view(), name="problem-briefing"),
    path("gap-map/", gaps.GapMap.as_view(), name="gap-map"),
    path("rejected-studies/", rejected.RejectedList.as_view(), name="rejected-list"),
    path("rejected-studies/new/", rejected.RejectedNew.as_view(), name="rejected-new"),
    path(
        "rejected-studies/<int:rejected_id>/take-back/",
        rejected.RejectedTakeBack.as_view(),
        name="rejected-take-back",
    ),
    path("about-the-search/", library.SearchWords.as_view(), name="search-words"),
    path("about-the-ratings/", ratings.RatingRules.as_view(), name="rating-rules"),
]
