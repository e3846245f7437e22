"""What leaves: releases with fixed files, and the tidy table of estimates."""

import base64
import csv
import datetime as dt
import hashlib
import io
import json
import uuid

import pytest

from experiments.actions import retractions
from experiments.models import ReleasedEstimate, Result
from tests.integration.experiments_pages import stages

COLUMNS = [
    "trial_id",
    "protocol_version",
    "registration_hash",
    "analysis_id",
    "estimand",
    "outcome_id",
    "outcome_role",
    "prespecified",
    "arm",
    "comparator",
    "design",
    "estimator",
    "estimate",
    "std_error",
    "df",
    "statistic",
    "p_value",
    "p_value_adjusted",
    "adjustment",
    "conf_low",
    "conf_high",
    "conf_level",
    "effect_scale",
    "yi",
    "vi",
    "direction_of_benefit",
    "n_units_arm",
    "n_units_comp",
    "n_clusters_arm",
    "n_clusters_comp",
    "icc",
    "integrity_pct",
    "window_start",
    "window_end",
    "suppressed",
    "suppression_rule",
    "engine_version",
    "code_sha",
    "data_sha",
    "released_at",
    "licence",
]


@pytest.fixture
def release(cast):
    return stages.published(cast)


def test_release_lists_its_files_with_their_hashes(public, release):
    shown = public.get(f"releases/{release.public_id}/").json()
    assert shown["is_simulated"] is True
    assert {"result.json", "estimates.csv"} <= {file["name"] for file in shown["files"]}
    assert [one["promise"] for one in shown.pop("registered_and_reported")]
    assert shown.pop("last_verification") is None
    assert public.get(f"trials/{release.trial.ref}/releases/").json()["results"] == [shown]


def test_file_is_what_its_hash_says_and_never_changes(public, release):
    shown = public.get(f"releases/{release.public_id}/").json()
    for file in shown["files"]:
        answer = public.client.get(file["url"], headers={"Accept": "text/html"})
        content = b"".join(answer.streaming_content)
        sha256 = hashlib.sha256(content).digest()
        assert (sha256.hex(), len(content)) == (file["sha256"], file["size"])
        assert answer["ETag"] == f'"{file["sha256"]}"'
        assert answer["Digest"] == f"sha-256={base64.b64encode(sha256).decode()}"
        assert "immutable" in answer["Cache-Control"]
        assert answer["Content-Type"] == file["media_type"]
        assert answer["Content-Disposition"] == f'attachment; filename="{file["name"]}"'
        same = public.client.get(file["url"], headers={"If-None-Match": answer["ETag"]})
        assert same.status_code == 304


@pytest.mark.parametrize("name", ["nosuch.csv", "..%2f..%2fetc%2fpasswd", "result.json%00", ".hidden"])
def test_odd_file_names_are_404(public, release, name):
    assert public.get(f"releases/{release.public_id}/files/{name}").status_code == 404


def test_unpublished_release_is_404_byte_for_byte(public, call_as, cast):
    release = stages.cleared(cast)
    for caller in (public, call_as(cast.other_force_user), call_as(cast.researcher)):
        for part in ("", "files/result.json"):
            hidden = caller.get(f"releases/{release.public_id}/{part}")
            missing = caller.get(f"releases/{uuid.uuid4()}/{part}")
            assert (hidden.status_code, hidden.content) == (404, missing.content)
        assert caller.get("estimates/").json()["results"] == []
        assert caller.get(f"trials/{release.trial.ref}/checks/").status_code == 404
    seen = call_as(cast.checker).get(f"releases/{release.public_id}/files/result.json")
    assert (seen.status_code, seen["Cache-Control"]) == (200, "private, no-store")
    assert b"".join(seen.streaming_content)
    for caller in (call_as(cast.checker), call_as(cast.force_user)):
        assert caller.get("estimates/").json()["results"] == []
    lead = call_as(
        cast.force_user
    )  # the force checks the facts of what two checkers have cleared, and nothing else
    assert lead.get(f"releases/{release.public_id}/").status_code == 200
    assert lead.get(f"trials/{release.trial.ref}/checks/").status_code == 404


def test_withdrawn_release_leaves_the_public(public, cast, release):
    retractions.ask(release=release, reason="A coding error.", by=cast.reviewer)
    retractions.approve(release=release, by=cast.director)
    assert public.get(f"releases/{release.public_id}/").status_code == 404
    assert public.get("estimates/").json()["results"] == []


def test_estimates_have_the_columns_of_the_contract(public, release):
    row = public.get("estimates/").json()["results"][0]
    assert list(row)[: len(COLUMNS)] == COLUMNS
    assert row["trial_id"] == release.trial.number
    assert (row["estimand"], row["outcome_id"], row["outcome_role"]) == ("ITT", "calls", "primary")
    assert (row["arm"], row["comparator"], row["prespecified"]) == ("treatment", "control", True)
    assert row["engine_version"]
    assert row["data_sha"] == release.analysis.dataset.file_sha256
    assert row["is_simulated"] is True
    released = release.estimates["H1"]
    assert (row["estimate"], row["std_error"]) == (released["estimate"], released["std_error"])


def test_estimates_are_the_released_numbers_not_the_exact_ones(public, release):
    row = public.get("estimates/").json()["results"][0]
    exact = Result.objects.get(analysis=release.analysis, estimate_id="H1")
    assert row["std_error"] != exact.std_error
    assert row["std_error"] == pytest.approx(exact.std_error, rel=1e-2)


def test_estimates_as_csv_are_the_same_table(public, release):
    rows = list(csv.DictReader(io.StringIO(public.get("estimates/?format=csv").content.decode(), newline="")))
    shown = public.get("estimates/").json()["results"]
    assert len(rows) == len(shown)
    assert list(rows[0]) == list(shown[0])
    assert float(rows[0]["estimate"]) == shown[0]["estimate"] < 0


def test_estimates_can_be_filtered(public, release):
    def count(query):
        return public.get(f"estimates/?count_total=true&{query}").json()["total_count"]

    assert count("") == Result.objects.count()
    assert count(f"trial_id={release.trial.number}&outcome_role=primary&prespecified=true&status=ok") >= 1
    assert count(f"tactic={release.trial.tactic.slug}&released_from=2000-01-01") >= 1
    assert count("is_simulated=false") == 0
    assert count("estimator=twfe") == 0
    assert public.get("estimates/?status=maybe").status_code == 400


def test_released_analysis_is_public_with_the_cleared_document(public, release):
    analysis = release.analysis
    assert public.get(f"analyses/{analysis.public_id}/").json()["is_registered"] is True
    result = public.get(f"analyses/{analysis.public_id}/result/")
    cleared = release.files.get(name="result.json")
    assert hashlib.sha256(result.content).hexdigest() == cleared.sha256 != analysis.result_sha256
    checks = public.get(f"trials/{release.trial.ref}/checks/").json()
    assert checks["checks"] == json.loads(result.content)["checks"]
    assert public.get(f"trials/{release.trial.ref}/flow/").json()["analysed"][0]["estimate_id"] == "H1"


def test_embargo_hides_what_is_published(public, call_as, cast):
    cast.embargo_until = dt.date.today() + dt.timedelta(days=100)
    release = stages.published(cast)
    assert public.get(f"releases/{release.public_id}/").status_code == 404
    assert public.get(f"analyses/{release.analysis.public_id}/").status_code == 404
    assert public.get("estimates/?count_total=true").json()["total_count"] == 0
    assert call_as(cast.force_user).get("estimates/?count_total=true").json()["total_count"] >= 1


def read(answer) -> list[dict[str, str]]:
    text = b"".join(answer.streaming_content).decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def alike(streamed: str, paged: str) -> bool:
    """Whether two cells say the same: PostgreSQL writes 2, Python 2.0."""
    if streamed == paged:
        return True
    return float(streamed) == float(paged)


def test_the_whole_table_as_a_file_is_what_the_pages_hold(public, release):
    row = ReleasedEstimate.objects.get(release=release, estimate_id="H1")
    row.pk, row.estimate_id, row._state.adding = None, 'of "two", lines\r\nélan', True
    row.estimate, row.yi, row.vi, row.p_value, row.n_obs = 1e-7, 123456.0, 1 / 3, 1e300, None
    row.save()
    answer = public.get("estimates.csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    rows = read(answer)
    pages = public.get("estimates/?format=csv&sort=released_at&page_size=1000").content.decode()
    paged = list(csv.DictReader(io.StringIO(pages, newline="")))
    assert len(rows) == len(paged) > 1
    assert list(rows[0]) == list(paged[0])
    assert all(alike(row[name], other[name]) for row, other in zip(rows, paged, strict=True) for name in row)


def test_the_file_takes_the_filters_and_fields_of_the_list(public, release):
    rows = read(public.get("estimates.csv?outcome_role=primary&fields=trial_id,estimate_id,suppressed"))
    assert rows == [{"trial_id": release.trial.number, "suppressed": "false", "estimate_id": "H1"}]
    assert read(public.get("estimates.csv?trial_id=CPP-2020-0001-0")) == []
    for wrong in ("page_size=5", "sort=trial_id", "outcome_role=best", "fields=nothing", "format=csv"):
        refused = public.get(f"estimates.csv?{wrong}")
        assert refused.status_code == 400
        assert wrong.split("=")[0] in refused.json()["errors"][0]["pointer"]


def test_the_file_is_304_until_another_release_comes_or_goes(public, cast, release):
    first = public.get("estimates.csv")
    same = public.client.get("/api/v1/estimates.csv", headers={"If-None-Match": first["ETag"]})
    assert same.status_code == 304
    assert public.get("estimates.csv?fields=yi,vi")["ETag"] != first["ETag"]
    retractions.ask(release=release, reason="A coding error.", by=cast.reviewer)
    retractions.approve(release=release, by=cast.director)
    gone = public.client.get("/api/v1/estimates.csv", headers={"If-None-Match": first["ETag"]})
    assert (gone.status_code, read(gone)) == (200, [])


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_cell_of_the_file_starts_a_formula(public, release, start):
    row = ReleasedEstimate.objects.get(release=release, estimate_id="H1")
    row.pk, row.estimate_id, row.reason, row._state.adding = None, "odd", f"{start}1+1", True
    row.estimate, row.released_at = -2.0, row.released_at + dt.timedelta(days=1)
    row.save()
    found = read(public.get("estimates.csv?fields=estimate,reason"))[-1]
    assert found["reason"] == f"'{start}1+1"
    assert float(found["estimate"]) == -2
    assert (
        public.get("estimates/?format=csv&fields=reason")
        .content.decode()
        .splitlines()[1]
        .startswith(("'", "\"'"))
    )
