"""The trials' part of /api/v1/."""

import datetime as dt

from django.urls import path, register_converter

from experiments.api import (
    access,
    account,
    allocation,
    analyses,
    companions,
    data,
    delivery,
    enrolments,
    estimates,
    exports,
    feeds,
    flow,
    protocol_parts,
    releases,
    snapshots,
    trials,
    verifications,
)


class ProtocolVersion:
    """A version as 1.0."""

    regex = r"[0-9]{1,4}\.[0-9]{1,4}"

    def to_python(self, value: str) -> str:
        """Return it as it stands."""
        return value

    to_url = to_python


class Day:
    """A day as 2026-11-27."""

    regex = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> dt.date:
        """Return the day; one that no calendar has is no address."""
        return dt.date.fromisoformat(value)

    def to_url(self, value: dt.date) -> str:
        """Return it as it stands in an address."""
        return value.isoformat()


class FileName(ProtocolVersion):
    """The name of a released file."""

    regex = r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}"


register_converter(ProtocolVersion, "version")
register_converter(FileName, "filename")
register_converter(Day, "day")

urlpatterns = [
    path("trials/", trials.TrialList.as_view(), name="api-trial-list"),
    path("trials/<slug:ref>/", trials.TrialDetail.as_view(), name="api-trial"),
    path("trials/<slug:ref>/versions/", trials.VersionList.as_view(), name="api-trial-versions"),
    path(
        "trials/<slug:ref>/versions/<version:version>/",
        trials.VersionDetail.as_view(),
        name="api-trial-version",
    ),
    path("trials/<slug:ref>/diff/", trials.TrialDiff.as_view(), name="api-trial-diff"),
    path("trials/<slug:ref>/outcomes/", trials.TrialOutcomes.as_view(), name="api-trial-outcomes"),
    path("trials/<slug:ref>/exports/<slug:target>/", exports.TrialExport.as_view(), name="api-trial-export"),
    path("trials/<slug:ref>/flow/", flow.TrialFlow.as_view(), name="api-trial-flow"),
    path("trials/<slug:ref>/account/", account.TrialAccount.as_view(), name="api-trial-account"),
    path("trials/<slug:ref>/checks/", flow.TrialChecks.as_view(), name="api-trial-checks"),
    path("trials/<slug:ref>/allocation/", allocation.TrialAllocation.as_view(), name="api-trial-allocation"),
    path("trials/<slug:ref>/enrolments/", enrolments.EnrolmentList.as_view(), name="api-trial-enrolments"),
    path("enrolments/<uuid:enrolment_id>/", enrolments.EnrolmentDetail.as_view(), name="api-enrolment"),
    path(
        "enrolments/<uuid:enrolment_id>/overrides/",
        enrolments.OverrideList.as_view(),
        name="api-enrolment-overrides",
    ),
    path("trials/<slug:ref>/delivery/", delivery.TrialDelivery.as_view(), name="api-trial-delivery"),
    path("trials/<slug:ref>/datasets/", data.DatasetList.as_view(), name="api-trial-datasets"),
    path("datasets/<uuid:dataset_id>/", data.DatasetDetail.as_view(), name="api-dataset"),
    path("trials/<slug:ref>/analyses/", analyses.AnalysisList.as_view(), name="api-trial-analyses"),
    path("analyses/<uuid:analysis_id>/", analyses.AnalysisDetail.as_view(), name="api-analysis"),
    path(
        "analyses/<uuid:analysis_id>/result/", analyses.AnalysisResult.as_view(), name="api-analysis-result"
    ),
    path("trials/<slug:ref>/releases/", releases.ReleaseList.as_view(), name="api-trial-releases"),
    path("releases/<uuid:release_id>/", releases.ReleaseDetail.as_view(), name="api-release"),
    path(
        "releases/<uuid:release_id>/files/<filename:name>",
        releases.ReleaseFileContent.as_view(),
        name="api-release-file",
    ),
    path(
        "releases/<uuid:release_id>/verifications/",
        verifications.VerificationList.as_view(),
        name="api-release-verifications",
    ),
    path("access/", access.AccessApplicationList.as_view(), name="api-access-list"),
    path(
        "access/<uuid:application_id>/",
        access.AccessApplicationDetail.as_view(),
        name="api-access-application",
    ),
    path("access/<uuid:application_id>/reads/", access.AccessReadList.as_view(), name="api-access-reads"),
    path("access/<uuid:application_id>/data.csv", access.AccessFile.as_view(), name="api-access-file"),
    path("snapshots/", snapshots.SnapshotList.as_view(), name="api-snapshot-list"),
    path("snapshots/<day:day>/", snapshots.SnapshotDetail.as_view(), name="api-snapshot"),
    path("snapshots/<day:day>/registry.zip", snapshots.SnapshotFile.as_view(), name="api-snapshot-file"),
    path("feeds/", feeds.FeedList.as_view(), name="api-feed-list"),
    *(path(f"feeds/{feed.name}/", feed.as_view(), name=f"api-feed-{feed.name}") for feed in feeds.FEEDS),
    path("arms/", protocol_parts.ArmList.as_view(), name="api-arm-list"),
    path("outcomes/", protocol_parts.OutcomeList.as_view(), name="api-outcome-list"),
    path("flow/", protocol_parts.FlowList.as_view(), name="api-flow-list"),
    path("amendments/", companions.AmendmentList.as_view(), name="api-amendment-list"),
    path("allocations/", companions.AllocationList.as_view(), name="api-allocation-list"),
    path("deviations/", companions.DeviationList.as_view(), name="api-deviation-list"),
    path("delivery/", companions.DeliveryList.as_view(), name="api-delivery-list"),
    path("harms/", companions.HarmList.as_view(), name="api-harm-list"),
    path("losses/", companions.LossList.as_view(), name="api-loss-list"),
    path("estimates/", estimates.EstimateList.as_view(), name="api-estimate-list"),
    path("estimates.csv", estimates.EstimateFile.as_view(), name="api-estimate-file"),
]
