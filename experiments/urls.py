"""Pages of trials. `ref` is a trial's number, or its public id while it has none."""

from django.urls import path

from experiments.views import (
    allocations,
    amendments,
    analyses,
    cases,
    compare,
    conduct,
    datasets,
    delivery,
    diagnoses,
    flow,
    health,
    plan,
    power,
    protocol,
    releases,
    reviews,
    team,
    trials,
    versions,
    work,
)

_T = "trials/<str:ref>"
_R = f"{_T}/releases/<uuid:release_id>"

urlpatterns = [
    path("work/", work.MyWork.as_view(), name="my-work"),
    path("work/trials/", health.TrialsToWatch.as_view(), name="trials-to-watch"),
    path("work/notices/<uuid:notice_id>/", health.NoticeSeen.as_view(), name="notice-seen"),
    path("power/", power.PowerCalculator.as_view(), name="power-calculator"),
    path("trials/", trials.TrialList.as_view(), name="trial-list"),
    path("trials/new/", trials.TrialNew.as_view(), name="trial-new"),
    path("trials/compare/", compare.TrialCompare.as_view(), name="trial-compare"),
    path(f"{_T}/", trials.TrialDetail.as_view(), name="trial-detail"),
    path(f"{_T}/document/", trials.TrialDocument.as_view(), name="trial-document"),
    path(f"{_T}/protocol/", protocol.ProtocolTasks.as_view(), name="trial-protocol"),
    path(f"{_T}/protocol/analysis/", plan.PlanStep.as_view(), name="trial-protocol-plan"),
    path(f"{_T}/protocol/<slug:step>/", protocol.ProtocolStep.as_view(), name="trial-protocol-step"),
    path(f"{_T}/diagnosis/", diagnoses.TrialDiagnoses.as_view(), name="trial-diagnosis"),
    path(
        f"{_T}/diagnosis/<uuid:diagnosis_id>/", diagnoses.DiagnosisDetail.as_view(), name="diagnosis-detail"
    ),
    path(
        f"{_T}/diagnosis/<uuid:diagnosis_id>/cancel/",
        diagnoses.DiagnosisCancel.as_view(),
        name="diagnosis-cancel",
    ),
    path(f"{_T}/team/", team.TrialTeam.as_view(), name="trial-team"),
    path(f"{_T}/submit/", protocol.TrialSubmit.as_view(), name="trial-submit"),
    path(f"{_T}/review/", reviews.TrialReview.as_view(), name="trial-review"),
    path(f"{_T}/register/", reviews.TrialRegister.as_view(), name="trial-register"),
    path(f"{_T}/withdraw/", reviews.TrialWithdraw.as_view(), name="trial-withdraw"),
    path(f"{_T}/versions/", versions.TrialVersions.as_view(), name="trial-versions"),
    path(f"{_T}/versions/<str:version>/", versions.TrialVersion.as_view(), name="trial-version"),
    path(f"{_T}/diff/", versions.TrialDiff.as_view(), name="trial-diff"),
    path(f"{_T}/amend/", amendments.TrialAmend.as_view(), name="trial-amend"),
    path(f"{_T}/amend/discard/", amendments.AmendDiscard.as_view(), name="trial-amend-discard"),
    path(f"{_T}/amend/decide/", amendments.AmendDecide.as_view(), name="trial-amend-decide"),
    path(f"{_T}/amend/analysis/", amendments.AmendPlanStep.as_view(), name="trial-amend-plan"),
    path(f"{_T}/amend/<slug:step>/", amendments.AmendStep.as_view(), name="trial-amend-step"),
    path(f"{_T}/flow/", flow.TrialFlow.as_view(), name="trial-flow"),
    path(f"{_T}/conduct/", conduct.TrialConduct.as_view(), name="trial-conduct"),
    path(f"{_T}/allocation/", allocations.TrialAllocation.as_view(), name="trial-allocation"),
    path(f"{_T}/allocation/freeze/", allocations.AllocationFreeze.as_view(), name="trial-allocation-freeze"),
    path(f"{_T}/allocation/open/", cases.SequenceOpen.as_view(), name="trial-allocation-open"),
    path(f"{_T}/allocation/log.jsonl", cases.SequenceLog.as_view(), name="trial-allocation-log"),
    path(f"{_T}/cases/", cases.CaseList.as_view(), name="trial-cases"),
    path(f"{_T}/cases/new/", cases.CaseNew.as_view(), name="trial-case-new"),
    path(f"{_T}/cases/<uuid:enrolment_id>/", cases.CaseDetail.as_view(), name="trial-case"),
    path(
        f"{_T}/cases/<uuid:enrolment_id>/override/", cases.CaseOverride.as_view(), name="trial-case-override"
    ),
    path(f"{_T}/allocation/beacon/", allocations.AllocationBeacon.as_view(), name="trial-allocation-beacon"),
    path(f"{_T}/allocation/draw/", allocations.AllocationDraw.as_view(), name="trial-allocation-draw"),
    path(f"{_T}/allocation/reveal/", allocations.AllocationReveal.as_view(), name="trial-allocation-reveal"),
    path(
        f"{_T}/allocation/verifier.py",
        allocations.AllocationVerifier.as_view(),
        name="trial-allocation-verifier",
    ),
    path(
        f"{_T}/allocation/record.json", allocations.AllocationRecord.as_view(), name="trial-allocation-record"
    ),
    path(f"{_T}/allocation/list.csv", allocations.AllocationList.as_view(), name="trial-allocation-list"),
    path(
        f"{_T}/allocation/canonical.csv", allocations.AllocationUnits.as_view(), name="trial-allocation-units"
    ),
    path(f"{_T}/allocation/days.csv", allocations.AllocationDays.as_view(), name="trial-allocation-days"),
    path(f"{_T}/allocation/set.txt", allocations.AllocationSet.as_view(), name="trial-allocation-set"),
    path(f"{_T}/checks/", health.TrialHealth.as_view(), name="trial-health"),
    path(f"{_T}/delivery/", delivery.TrialDelivery.as_view(), name="trial-delivery"),
    path(f"{_T}/data/", datasets.TrialData.as_view(), name="trial-data"),
    path(f"{_T}/data/upload/", datasets.DataUpload.as_view(), name="trial-data-upload"),
    path(f"{_T}/analyses/", analyses.TrialAnalyses.as_view(), name="trial-analyses"),
    path(f"{_T}/analyses/post-hoc/", analyses.AnalysisPostHoc.as_view(), name="analysis-post-hoc"),
    path(f"{_T}/analyses/<uuid:analysis_id>/", analyses.AnalysisDetail.as_view(), name="analysis-detail"),
    path(
        f"{_T}/analyses/<uuid:analysis_id>/release/",
        releases.ReleasePrepare.as_view(),
        name="release-prepare",
    ),
    path(f"{_T}/releases/", releases.TrialReleases.as_view(), name="trial-releases"),
    path(f"{_R}/", releases.ReleaseDetail.as_view(), name="release-detail"),
    path(f"{_R}/check/", releases.ReleaseCheckPage.as_view(), name="release-check"),
    path(f"{_R}/publish/", releases.ReleasePublish.as_view(), name="release-publish"),
    path(f"{_R}/withdraw/", releases.ReleaseWithdraw.as_view(), name="release-withdraw"),
    path(f"{_R}/files/<str:name>", releases.ReleaseFileView.as_view(), name="release-file"),
]
