"""Which files are expected: kept, not received, or absent at source, as the registrar stated and may withdraw."""

import datetime as dt
import html
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from centre import tokens
from centre.errors import Conflict, Invalid, NotPermitted
from centre.hub import expecting
from centre.hub.actions import absences
from centre.models import AuditEvent, Force, SourceAbsence, SourceAbsenceWithdrawal
from tests.integration.api.conftest import Caller
from tests.integration.hub.absent import stated
from tests.integration.hub.sent import content, kept, other_kinds

pytestmark = pytest.mark.django_db
FORM = {
    "force": "testshire",
    "kind": "stop-and-search",
    "first_month": "2023-11",
    "last_month": "",
    "words": "No such file is published.",
    "source": "An invented changelog",
    "checked_on_day": "3",
    "checked_on_month": "6",
    "checked_on_year": "2024",
}


def states(force: Force) -> dict[str, tuple[int, int, int]]:
    """Return of each kind how many months are kept, not received and absent."""
    found = expecting.of_one(force, Force.objects.all())
    assert found is not None
    return {one.kind: (len(one.kept), len(one.not_received), len(one.absent)) for one in found.kinds}


def test_what_was_kept_what_never_came_and_what_the_source_never_had(
    tmp_path: Path, cast: SimpleNamespace, force: Force
) -> None:
    assert expecting.of_one(force, Force.objects.all()) is None
    kept(tmp_path, content("2024-01", "2024-03") | other_kinds("2024-02"), cast.force_user)
    assert states(force) == {"street": (2, 1, 0), "outcomes": (1, 2, 0), "stop-and-search": (1, 2, 0)}
    made = stated(force, cast.registrar)
    # The statement speaks of two months before the first file: from now on these are expected of each kind.
    assert states(force) == {"street": (2, 3, 0), "outcomes": (1, 4, 0), "stop-and-search": (1, 1, 3)}
    assert AuditEvent.objects.get(event="absence.stated").detail["months"] == "2023-11 to 2024-01"
    absences.withdraw(absence=made, because="It is published after all.", by=cast.registrar)
    assert states(force)["stop-and-search"] == (1, 2, 0)
    assert AuditEvent.objects.filter(event="absence.withdrawn").count() == 1


def test_a_file_that_comes_after_all_stands(tmp_path: Path, cast: SimpleNamespace, force: Force) -> None:
    stated(force, cast.registrar, last_month="")
    assert states(force) == {"street": (0, 1, 0), "outcomes": (0, 1, 0), "stop-and-search": (0, 0, 1)}
    kept(tmp_path, other_kinds("2024-01"), cast.force_user)
    assert states(force)["stop-and-search"] == (1, 0, 2)


@pytest.mark.parametrize(
    ("changed", "pointer", "said"),
    [
        ({"first_month": "July 2019"}, "/first_month", "like 2019-07"),
        ({"first_month": "2010-11"}, "/first_month", "between 2010-12 and this month"),
        ({"last_month": "2099-01"}, "/last_month", "between 2010-12 and this month"),
        ({"last_month": "2023-10"}, "/last_month", "must not be before the first"),
        ({"first_month": "2024-02", "last_month": ""}, "/first_month", "has a file of 2024-02"),
        ({"kind": "street-level"}, "/kind", "Choose one of street"),
        ({"source": " "}, "/source", "a fact without a source is not recorded"),
        ({"words": ""}, "/words", "Say what the source says"),
        (
            {"checked_on": timezone.localdate() + dt.timedelta(days=2)},
            "/checked_on",
            "must not be in the future",
        ),
    ],
)
def test_a_statement_that_cannot_stand(
    tmp_path: Path, cast: SimpleNamespace, force: Force, changed: dict[str, Any], pointer: str, said: str
) -> None:
    kept(tmp_path, other_kinds("2024-02"), cast.force_user)
    with pytest.raises(Invalid) as refusal:
        stated(force, cast.registrar, **changed)
    (problem,) = refusal.value.problems
    assert (problem.pointer, said in problem.message) == (pointer, True), problem.message
    assert not SourceAbsence.objects.exists()


def test_one_statement_speaks_of_a_month_and_is_withdrawn_once(cast: SimpleNamespace, force: Force) -> None:
    made = stated(force, cast.registrar)
    with pytest.raises(Conflict, match="stated already for 2023-11 to 2024-01"):
        stated(force, cast.registrar, first_month="2024-01", last_month="")
    stated(force, cast.registrar, first_month="2024-02", last_month="")
    stated(force, cast.registrar, kind="outcomes")
    for act in (
        lambda: stated(force, cast.analyst, kind="street"),
        lambda: absences.withdraw(absence=made, because="x", by=cast.force_user),
    ):
        with pytest.raises(NotPermitted):
            act()
    with pytest.raises(Invalid, match="Say why"):
        absences.withdraw(absence=made, because=" ", by=cast.registrar)
    absences.withdraw(absence=made, because="A mistake.", by=cast.registrar)
    with pytest.raises(Conflict, match="withdrawn already"):
        absences.withdraw(absence=made, because="Again.", by=cast.registrar)
    stated(force, cast.registrar)
    assert SourceAbsence.objects.standing().count() == 3


def test_the_database_holds_the_rules_too(cast: SimpleNamespace, force: Force) -> None:
    made = stated(force, cast.registrar)
    fields = {"force": force, "kind": "street", "stated_by": cast.registrar, "checked_on": made.checked_on}
    for broken in (
        {"first_month": dt.date(2024, 1, 2), "words": "x", "source": "x"},
        {"first_month": dt.date(2024, 2, 1), "last_month": dt.date(2024, 1, 1), "words": "x", "source": "x"},
        {"first_month": dt.date(2024, 1, 1), "words": "x", "source": ""},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            SourceAbsence.objects.create(**fields, **broken)
    with pytest.raises(IntegrityError), transaction.atomic():
        SourceAbsenceWithdrawal.objects.create(absence=made, because="", by=cast.registrar)


def test_the_pages_say_it_in_words(tmp_path: Path, cast: SimpleNamespace, force: Force, sign_in: Any) -> None:
    client = sign_in(cast.registrar)
    assert "No file of any kind has been received" in page(client, reverse("hub-expected-files"))
    kept(tmp_path, content("2024-01", "2024-03") | other_kinds("2024-02"), cast.force_user)
    sent = client.post(reverse("hub-absence-state"), {**FORM, "last_month": "2024-01"})
    assert sent.url == reverse("hub-expected-files")
    shown = page(client, sent.url)
    for said in (
        "2023-11 to 2024-03, 1 force, three kinds of file: 4 kept, 8 not received, 3 absent at source.",
        "2 of 5 kept",
        "Not received: 2023-11 to 2023-12, 2024-02",
        "Absent at source: 2023-11 to 2024-01",
        "Source: An invented changelog, read on 3 June 2024",
    ):
        assert said in shown, said
    own = page(sign_in(cast.force_user), reverse("hub-force", args=["testshire"]))
    assert "Files that are expected" in own
    assert "Source: An invented changelog" in own
    assert "Withdraw" not in own
    made = SourceAbsence.objects.get()
    gone = client.post(reverse("hub-absence-withdraw", args=[made.pk]), {"because": "A mistake."})
    assert "A mistake." in page(client, gone.url)


def test_a_form_with_a_fault_keeps_what_was_typed(cast: SimpleNamespace, force: Force, sign_in: Any) -> None:
    url = reverse("hub-absence-state")
    answer = sign_in(cast.registrar).post(url, {**FORM, "first_month": "July", "source": ""})
    shown = html.unescape(answer.content.decode())
    assert answer.status_code == 422
    assert "a fact without a source is not recorded" in shown
    assert 'value="July"' in shown
    again = sign_in(cast.registrar).post(url, {**FORM, "first_month": "July"})
    assert "like 2019-07" in html.unescape(again.content.decode())
    assert not SourceAbsence.objects.exists()


def test_the_command_records_as_the_registrar(
    cast: SimpleNamespace, force: Force, capsys: pytest.CaptureFixture[str]
) -> None:
    said = {"words": "None.", "source": "A changelog", "checked_on": dt.date(2024, 6, 3)}
    by = cast.registrar.email
    call_command("state_absence", "testshire", "street", "2019-07", by=by, **said)
    assert "street-level crime, 2019-07 and since" in capsys.readouterr().out
    with pytest.raises(SystemExit) as ended:
        call_command("state_absence", "testshire", "street", "2019-08", by=by, **said)
    assert ended.value.code == 2
    assert "stated already" in capsys.readouterr().err
    with pytest.raises(CommandError, match="No force has the id nowhere"):
        call_command("state_absence", "nowhere", "street", "2019-08", by=by, **said)
    with pytest.raises(CommandError, match="Nobody has the address"):
        call_command("state_absence", "testshire", "street", "2019-08", by="nobody@test.example", **said)
    assert SourceAbsence.objects.get().stated_by == cast.registrar


def test_a_force_reads_its_own_by_api(
    tmp_path: Path, cast: SimpleNamespace, force: Force, other_force: Force
) -> None:
    kept(tmp_path, content("2024-01", "2024-03"), cast.force_user)
    stated(force, cast.registrar)
    own, other, all_of = (
        Caller(tokens.make(name="test", scope="read", days=1, by=one)[1])
        for one in (cast.force_user, cast.other_force_user, cast.analyst)
    )
    rows = {row["kind"]: row for row in own.get("hub/expected-files/").json()["results"]}
    assert rows["street"] == {
        "force": "testshire",
        "kind": "street",
        "kept": ["2024-01", "2024-03"],
        "not_received": ["2023-11", "2023-12", "2024-02"],
        "absent_at_source": [],
    }
    assert rows["stop-and-search"]["absent_at_source"] == ["2023-11", "2023-12", "2024-01"]
    assert other.get("hub/expected-files/").json()["results"] == []
    assert other.get("hub/absences/").json()["results"] == []
    seen = {row["force"] for row in all_of.get("hub/expected-files/?page_size=200").json()["results"]}
    assert {"testshire", "otherton"} <= seen
    (row,) = own.get("hub/absences/?is_standing=true").json()["results"]
    assert (row["first_month"], row["withdrawn_at"], row["withdrawn_because"]) == ("2023-11-01", None, None)
    absences.withdraw(absence=SourceAbsence.objects.get(), because="A mistake.", by=cast.registrar)
    (row,) = own.get("hub/absences/?is_standing=false").json()["results"]
    assert (row["withdrawn_at"] is not None, row["withdrawn_because"]) == (True, "A mistake.")


def page(client: Any, url: str) -> str:
    """Return what a page says, without its marks."""
    return " ".join(html.unescape(re.sub("<[^>]+>", "", client.get(url).content.decode())).split())
