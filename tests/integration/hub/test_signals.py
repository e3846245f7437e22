"""What is rising: an outbreak becomes a signal, with what it rests on; people say what it is; each force its own."""

import datetime as dt
import html
import uuid
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from centre import runs
from centre.errors import Invalid, NotPermitted
from centre.hub import known, scanning
from centre.hub.actions import signals, trend_scans
from centre.models import AuditEvent, Force, Run, Signal, SignalJudgement, TrendScan
from tests.integration.hub import outbreak, sent
from tests.integration.hub.outbreak import LAST, files, scanned
from tests.integration.tactics import library

pytestmark = pytest.mark.django_db


def said(client: Any, name: str, *parts: Any, **query: str) -> str:
    """Return the words of a page."""
    answer = client.get(reverse(name, args=parts), query)
    assert answer.status_code == 200, answer.status_code
    return " ".join(html.unescape(answer.content.decode()).split())


def test_an_outbreak_is_a_signal_with_what_it_rests_on(
    tmp_path: Path, cast: SimpleNamespace, sign_in: Any
) -> None:
    signal = outbreak.signal(tmp_path, cast.analyst)
    scan = signal.scan
    assert (signal.measure, signal.month, signal.observed) == ("burglary", dt.date(2026, 3, 1), 90)
    assert (scan.n_files, scan.n_series, scan.n_tests, scan.n_signals) == (26, 2, 6, 1)
    assert signal.rules_fired == ["farrington", "xmr_outside", "ears_c1", "ears_c2", "ears_c3"]
    assert [one["rule"] for one in signal.statistics] == ["ears_c1", "ears_c2", "ears_c3", "cusum"]
    assert signal.q_value <= 0.05
    assert AuditEvent.objects.get(event="trend_scan.kept").detail["inputs_sha256"] == scan.inputs_sha256
    client = sign_in(cast.analyst)
    listed = said(client, "hub-signal-list")
    assert "1 series is rising in March 2026 beyond what chance explains; 1 has not been looked at" in listed
    assert "2 of 2 series of all forces could be judged together" in listed
    page = said(client, "hub-signal", signal.pk)
    assert signal.sentence in page
    assert signal.sentence.startswith(
        "Burglary recorded by Testshire Police (invented) was 90 in March 2026; 3"
    )
    assert "Above the upper limit of its control chart (XmR, rule 1: a point outside)" in page
    assert "Far above the seven months before (EARS C1)" in page
    assert "Rules without a chance of their own" in page
    assert "The history goes back 2 years: 6 counts of the same season, 24 months in all." in page


def test_small_rises_that_last_are_worth_watching_and_no_signal(
    tmp_path: Path, cast: SimpleNamespace, sign_in: Any
) -> None:
    sent.kept(tmp_path, files(risen=43, last=6), cast.analyst)
    scan = scanned(cast.analyst)
    assert scan.n_signals == 0
    (watched,) = scan.watched
    assert (watched["force"], watched["measure"], watched["month"]) == ("testshire", "burglary", "2026-03")
    assert (watched["since"], watched["observed"]) == ("2025-10", 6 * 43)
    assert 6 * 30 < watched["expected"] < 6 * 36
    shown = said(sign_in(cast.force_user), "hub-signal-list")
    assert "Burglary, Testshire Police (invented)</a></th>" in shown
    assert "October 2025 to March 2026" in shown
    assert "These are no signals." in shown
    of_others = said(sign_in(cast.other_force_user), "hub-signal-list")
    assert "Testshire" not in of_others
    assert "No series of your force shows small rises that last" in of_others


def test_a_scan_by_earlier_rules_says_nothing_of_what_they_did_not_look_at(
    cast: SimpleNamespace, sign_in: Any
) -> None:
    rules = {
        key: one for key, one in scanning.RULES.as_json().items() if not key.startswith(("cusum", "watched"))
    }
    month = dt.date(2026, 3, 1)
    counted = dict.fromkeys(("n_files", "n_series", "n_tests", "n_signals"), 0)
    TrendScan.objects.create(
        rules=rules | {"version": "RISING-1.0"},
        first_month=month,
        last_month=month,
        files_as_of=timezone.now(),
        unjudged=[],
        inputs_sha256="0" * 64,
        results_sha256="0" * 64,
        **counted,
    )
    shown = said(sign_in(cast.analyst), "hub-signal-list")
    assert "RISING-1.0" in shown
    assert "Worth watching" not in shown


def test_the_same_files_are_scanned_once_and_give_the_same_figures(
    tmp_path: Path, cast: SimpleNamespace
) -> None:
    sent.kept(tmp_path, files(), cast.analyst)
    first = scanned(cast.analyst)
    assert scanned(cast.registrar) == first
    assert (TrendScan.objects.count(), Signal.objects.count()) == (1, 1)
    assert (
        "Nothing is new since"
        in Run.objects.filter(task=trend_scans.TASK).latest("created_at").links["message"]
    )
    path = "2025-09/2025-09-testshire-street.csv"
    header, *rows = files()[path].splitlines(keepends=True)
    sent.kept(tmp_path, {path: b"".join([header, *reversed(rows)])}, cast.analyst)
    second = scanned(cast.analyst)
    assert second.inputs_sha256 != first.inputs_sha256
    assert second.results_sha256 == first.results_sha256


def test_a_revised_month_is_judged_again_and_what_was_said_stays(
    tmp_path: Path, cast: SimpleNamespace, sign_in: Any
) -> None:
    signal = outbreak.signal(tmp_path, cast.analyst)
    signals.judge(signal=signal, state="escalated", words="To the force.", by=cast.analyst)
    revised = {path: text for path, text in files(risen=95).items() if path.startswith(LAST)}
    sent.kept(tmp_path, revised, cast.analyst)
    client = sign_in(cast.analyst)
    assert "Files have been received since this scan" in said(client, "hub-signal-list")
    scanned(cast.analyst)
    (current,) = Signal.objects.current().with_state()
    assert (current.observed, current.state) == (95, "escalated")
    assert "A later scan has judged this month again" in said(client, "hub-signal", signal.pk)
    assert "when the count was 90" in said(client, "hub-signal", current.pk)
    answer = client.post(reverse("hub-signal", args=[signal.pk]), {"state": "closed"})
    assert answer.status_code == 409
    usual = {path: text for path, text in files(risen=32).items() if path.startswith(LAST)}
    sent.kept(tmp_path, usual, cast.analyst)
    scanned(cast.analyst)
    assert not Signal.objects.current().exists()
    assert "it is no signal any more" in said(client, "hub-signal", current.pk)


def test_people_say_what_it_is_and_a_closed_one_stays_closed(
    tmp_path: Path, cast: SimpleNamespace, sign_in: Any
) -> None:
    signal = outbreak.signal(tmp_path, cast.analyst)
    client, url = sign_in(cast.analyst), reverse("hub-signal", args=[signal.pk])
    empty = client.post(url, {"words": "Not lost"})
    assert empty.status_code == 422
    assert "Say whether it is explained, escalated or closed" in empty.content.decode()
    assert "Not lost" in empty.content.decode()
    wordless = client.post(url, {"state": "explained", "words": " "})
    assert wordless.status_code == 422
    assert "Say what explains it" in wordless.content.decode()
    assert not SignalJudgement.objects.exists()
    assert AuditEvent.objects.filter(event="request.refused").count() == 2

    assert client.post(url, {"state": "explained", "words": "A new way to report."}).status_code == 302
    assert client.post(url, {"state": "closed"}).status_code == 302
    page = said(client, "hub-signal", signal.pk)
    assert "A new way to report." in page
    assert "Say so" not in page
    assert client.post(url, {"state": "escalated", "words": "Again."}).status_code == 409
    assert [one.state for one in signal.judgements.all()] == ["explained", "closed"]
    assert AuditEvent.objects.filter(event="signal.judged").count() == 2
    assert "No signal fits this choice" in said(client, "hub-signal-list", state="new")
    for one in (signal, _again(signal)):  # a later scan of the month is closed with it
        for state in ("closed", "explained"):
            with pytest.raises(IntegrityError, match="hub: nothing follows"), transaction.atomic():
                SignalJudgement.objects.create(signal=one, state=state, words="Why.", by=cast.analyst)


def _again(signal: Signal) -> Signal:
    """Return what another scan found of the same month."""
    scan = TrendScan.objects.get(pk=signal.scan_id)
    scan.pk, scan.inputs_sha256, scan._state.adding = uuid.uuid4(), "0" * 64, True
    scan.save()
    found = Signal.objects.get(pk=signal.pk)
    found.pk, found.scan, found._state.adding = uuid.uuid4(), scan, True
    found.save()
    return found


def test_only_those_who_judge_signals_judge_and_scan(
    tmp_path: Path, cast: SimpleNamespace, sign_in: Any
) -> None:
    signal = outbreak.signal(tmp_path, cast.analyst)
    for person in (cast.force_user, cast.reviewer):
        with pytest.raises(NotPermitted):
            signals.judge(signal=signal, state="closed", words="", by=person)
        with pytest.raises(NotPermitted):
            trend_scans.request(by=person)
        client = sign_in(person)
        assert "Say so" not in said(client, "hub-signal", signal.pk)
        assert client.post(reverse("hub-signal", args=[signal.pk]), {"state": "closed"}).status_code == 403
    with pytest.raises(Invalid):
        signals.judge(signal=signal, state="gone", words="", by=cast.registrar)


def test_a_force_sees_its_own_signals_alone(
    tmp_path: Path, cast: SimpleNamespace, other_force: Force, sign_in: Any
) -> None:
    short = files(12, force="otherton", name=other_force.name)
    sent.kept(tmp_path, files() | short, cast.analyst)
    scanned(cast.analyst)
    signal = Signal.objects.get()
    own, other = sign_in(cast.force_user), sign_in(cast.other_force_user)
    assert signal.sentence in said(own, "hub-signal", signal.pk)
    listed = said(own, "hub-signal-list")
    assert "1 series of your force is rising" in listed
    assert other_force.name not in listed
    assert other.get(reverse("hub-signal", args=[signal.pk])).status_code == 404
    listed = said(other, "hub-signal-list")
    assert "No series of your force is rising in March 2026" in listed
    assert "The series begins in April 2025: a year and 1 month before are needed." in listed
    assert "Testshire" not in listed
    results = {
        name: sign_in(person).get("/api/v1/hub/signals/").json()["results"]
        for name, person in (
            ("own", cast.force_user),
            ("other", cast.other_force_user),
            ("all", cast.reviewer),
        )
    }
    assert [len(results[name]) for name in ("own", "other", "all")] == [1, 0, 1]
    assert results["own"][0]["state"] == "new"
    assert [one["rule"] for one in results["own"][0]["statistics"]] == [
        "ears_c1",
        "ears_c2",
        "ears_c3",
        "cusum",
    ]
    assert other.get(f"/api/v1/hub/signals/{signal.pk}/").status_code == 404


def test_what_the_list_can_be_asked(tmp_path: Path, cast: SimpleNamespace, sign_in: Any) -> None:
    outbreak.signal(tmp_path, cast.analyst)
    client = sign_in(cast.analyst)
    assert "Burglary, Testshire" in said(client, "hub-signal-list", force="testshire", measure="burglary")
    assert "Burglary, Testshire" in said(client, "hub-signal-list", month="all", state="new")
    assert "Select a valid choice" in said(client, "hub-signal-list", force="nowhere")
    found = client.get("/api/v1/hub/signals/?month=2026-03-01&state=new&force=testshire&measure=burglary")
    assert [one["observed"] for one in found.json()["results"]] == [90]
    assert client.get("/api/v1/hub/signals/?state=closed").json()["results"] == []


def test_a_month_that_is_not_to_be_compared_is_missing_and_not_nought(
    tmp_path: Path, cast: SimpleNamespace
) -> None:
    given = files()
    for month in ("2024-09", "2025-02"):
        del given[f"{month}/{month}-testshire-street.csv"]
    sent.kept(tmp_path, given, cast.analyst)
    scanned(cast.analyst)
    history = Signal.objects.get().history
    counts = dict(zip(history["months"], history["counts"], strict=True))
    assert (counts["2024-09"], counts["2025-02"]) == (None, None)
    assert min(count for count in counts.values() if count is not None) > 20
    assert "2025-02-01" not in history["compared"]


def test_without_files_there_is_nothing_to_scan(cast: SimpleNamespace, sign_in: Any) -> None:
    client = sign_in(cast.analyst)
    assert "Nothing has been scanned yet" in said(client, "hub-signal-list")
    assert client.post(reverse("hub-signal-scan")).status_code == 409
    assert trend_scans.request_due() is None
    assert not Run.objects.exists()


def test_the_registry_asks_once_a_month(tmp_path: Path, cast: SimpleNamespace) -> None:
    sent.kept(tmp_path, sent.content("2026-03"), cast.analyst)
    run = trend_scans.request_due()
    assert run is not None
    assert trend_scans.request(by=cast.analyst) == run, "one at a time"
    done = runs.execute(str(run.pk), scanning.scan)
    assert done is not None
    assert done.state == Run.State.DONE
    assert (TrendScan.objects.get().requested_by, TrendScan.objects.get().n_tests) == (None, 0)
    assert trend_scans.request_due() is None
    long_ago = timezone.now() - dt.timedelta(days=40)
    Run.objects.filter(pk=run.pk).update(created_at=long_ago)
    assert trend_scans.request_due() is not None


def rated_tactic(cast: SimpleNamespace) -> Any:
    """Return a published tactic against burglary with a public rating."""
    tactic = library.published(cast.registrar, "A rated tactic")
    for number in ("CPP-2026-0901-5", "CPP-2026-0902-3"):
        library.found(tactic, cast.publisher, number)
    library.signed(library.candidate(tactic), cast.reviewer, cast.second_reviewer)
    return tactic


def test_beside_a_signal_stands_what_the_library_knows(
    tmp_path: Path, cast: SimpleNamespace, sign_in: Any
) -> None:
    signal = outbreak.signal(tmp_path, cast.analyst)
    client = sign_in(cast.analyst)
    assert "Nothing is proven yet." in said(client, "hub-signal", signal.pk)
    library.proposed(cast.force_user, "A draft about burglary")
    assert "A draft about burglary" not in said(client, "hub-signal", signal.pk)
    rated = rated_tactic(cast)
    page = said(client, "hub-signal", signal.pk)
    about = next(one for one in known.about("burglary") if one.problem == "Burglary of homes")
    shown = (*about.proven, *about.promising, *about.being_tested)
    assert [one.title for one in shown] == [rated.name]
    assert shown[0].words in page
    assert shown[0].label in page
    assert known.about("other-crime") == []
