"""Passports that are issued: what they hold, who may, what the pages and the command say."""

import datetime as dt
import json
import re
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.urls import reverse

from centre.errors import Conflict
from centre.frozen import Frozen
from centre.models import AuditEvent
from tactics import tasks
from tactics.actions import passports
from tactics.models import Passport, Rating, SigningKey
from tests.integration.tactics.library import candidate, found, proposed, published, signed
from tests.integration.tactics.priced import priced

pytestmark = pytest.mark.django_db


def words(response: Any, status: int = 200) -> str:
    assert response.status_code == status, response.status_code
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


@pytest.fixture
def rating(cast: Any) -> Rating:
    rating_: Rating = Rating.objects.public().get(tactic=priced(cast))
    return rating_


@pytest.fixture
def passport(cast: Any, rating: Rating) -> Passport:
    return passports.issue(rating=rating, by=cast.force_user)


def file_of(client: Any, passport: Passport, kind: str) -> bytes:
    answer = client.get(reverse("passport-file", args=[passport.public_id, kind]))
    assert answer.status_code == 200
    return bytes(answer.content)


def verified(path: Path, *more: str) -> tuple[int, str]:
    """Return the command's exit status and what it said."""
    import io

    out = io.StringIO()
    try:
        call_command("verify_passport", str(path), *more, stdout=out)
    except SystemExit as leaving:
        return int(leaving.code or 0), out.getvalue()
    return 0, out.getvalue()


def test_it_carries_everything_that_makes_the_rating(rating: Rating, passport: Passport) -> None:
    said = passport.document

    assert said["rating"]["label"] == rating.label
    assert said["rating"]["trace"] == rating.document["trace"]
    assert len(said["rating"]["signed_by"]) == 2
    assert said["effect"]["summary"]["estimate"] == rating.summary["estimate"]  # type: ignore[index]
    assert said["effect"]["inputs_sha256"] == rating.synthesis.inputs_sha256  # type: ignore[union-attr]
    assert [one["trial_number"] for one in said["evidence"]] == ["CPP-2026-0001-5"]
    assert all(re.fullmatch("[0-9a-f]{64}", one["sha256"]) for one in said["evidence"])
    assert said["cost"]["appraisals"][0]["headline"].startswith("In 100 simulated futures")
    assert said["cost"]["stated"][0]["per_year"] == [50_000, 60_000, 90_000]
    assert "What a new place would see: fewer than three trials are pooled" in said["not_known"]
    assert said["live_page"].endswith(rating.tactic.get_absolute_url())
    assert said["quality"][0]["part"] == "effect"
    assert "conflicted_user_ids" not in passport.sealed


def test_the_same_rating_and_day_have_one_passport(cast: Any, rating: Rating, passport: Passport) -> None:
    again = passports.issue(rating=rating, by=cast.researcher)

    assert again.pk == passport.pk
    assert AuditEvent.objects.filter(event="passport.issued").count() == 1
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(days=1), tick=False):
        assert passports.issue(rating=rating, by=None).pk != passport.pk


def test_it_is_kept_as_it_is(passport: Passport) -> None:
    passport.sealed = "{}"
    with pytest.raises(Frozen):
        passport.save()
    with pytest.raises(Frozen):
        SigningKey.objects.update(public_key="")


def test_files_hold_and_a_changed_byte_does_not(client: Any, passport: Passport, tmp_path: Path) -> None:
    for kind in ("json", "pdf"):
        raw = file_of(client, passport, kind)
        path = tmp_path / f"passport.{kind}"
        path.write_bytes(raw)
        status, said = verified(path)
        assert (status, said[:5]) == (0, "TRUE:"), said
        path.write_bytes(
            raw.replace(b"robbery", b"burglar", 1) if kind == "json" else raw[:-40] + b" " + raw[-39:]
        )
        status, said = verified(path)
        assert (status, said[:6]) == (3, "FALSE:"), said


def test_a_copy_of_the_keys_is_enough(client: Any, passport: Passport, tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    keys.write_bytes(client.get(reverse("passport-key-file")).content)
    path = tmp_path / "passport.pdf"
    path.write_bytes(file_of(client, passport, "pdf"))

    assert verified(path, "--keys", str(keys))[0] == 0


def test_what_was_signed_and_not_issued_here_is_false(
    passport: Passport, tmp_path: Path, settings: Any
) -> None:
    from centre import signing
    from tactics.passport import sealed

    path = tmp_path / "passport.json"
    path.write_bytes(sealed({"invented": True}, signing.private_key(settings.PASSPORT_SECRET)))
    status, said = verified(path)
    assert status == 3
    assert "no passport with these bytes is on record" in said


def test_a_new_secret_is_a_new_key_and_the_old_one_stays(
    client: Any, cast: Any, rating: Rating, passport: Passport, settings: Any, tmp_path: Path
) -> None:
    settings.PASSPORT_SECRET = "another secret of the tests, as long as one must be to be one"
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(days=1), tick=False):
        later = passports.issue(rating=rating, by=None)

    assert later.key != passport.key
    assert len(client.get(reverse("passport-key-file")).json()["keys"]) == 2
    for one in (passport, later):
        path = tmp_path / f"{one.pk}.json"
        path.write_bytes(file_of(client, one, "json"))
        assert verified(path)[0] == 0


def test_without_a_key_none_is_issued_and_the_page_says_so(
    client: Any, cast: Any, sign_in: Any, rating: Rating, settings: Any
) -> None:
    settings.PASSPORT_SECRET = ""
    with pytest.raises(Conflict, match="no key to sign with"):
        passports.issue(rating=rating, by=cast.registrar)
    page = reverse("tactic-passport", args=[rating.tactic.slug])
    assert "has no key to sign with" in words(sign_in(cast.registrar).get(page))


def test_a_newer_rating_is_said_on_the_old_passport(
    client: Any, cast: Any, rating: Rating, passport: Passport
) -> None:
    page = passport.get_absolute_url()
    assert "A newer rating exists" not in words(client.get(page))
    found(rating.tactic, cast.publisher, "CPP-2026-0002-3", domain="robbery", estimate=-0.3)
    signed(candidate(rating.tactic), cast.reviewer, cast.second_reviewer)

    assert "A newer rating exists" in words(client.get(page))
    with pytest.raises(Conflict, match="public now"):
        passports.issue(rating=rating, by=cast.registrar)


def test_the_worker_issues_what_is_missing_once(cast: Any, rating: Rating) -> None:
    tasks.rerate(rating.tactic.slug)
    tasks.rerate(rating.tactic.slug)

    assert Passport.objects.get().issued_by is None


def test_anybody_reads_and_who_is_signed_in_has_one_issued(
    client: Any, cast: Any, sign_in: Any, rating: Rating
) -> None:
    page = reverse("tactic-passport", args=[rating.tactic.slug])
    assert "None has been issued yet" in words(client.get(page))
    inside = sign_in(cast.researcher)
    issue = reverse("passport-issue", args=[rating.tactic.slug])
    answer = inside.post(issue, {"outcome": "robbery"})
    assert answer.status_code == 302
    assert "PDF" in words(client.get(page))
    assert "SHA-256 of the PDF" in words(client.get(answer["Location"]))
    assert "Fingerprint" in words(client.get(reverse("passport-keys")))
    wrong = inside.post(issue, {"outcome": "zeppelin"})
    assert "Choose an outcome that is rated" in words(wrong, 409)


def test_a_tactic_without_trials_has_a_passport_that_says_what_is_not_known(cast: Any) -> None:
    rating_ = Rating.objects.public().get(tactic=published(cast.registrar, "Never tested", economics=""))
    said = passports.issue(rating=rating_, by=cast.registrar).document

    assert said["evidence"] == []
    assert "The size of its effect: there is no estimate" in said["not_known"]
    assert "What it costs, in words: nobody has written it" in said["not_known"]


def test_a_draft_has_nothing_to_sign(cast: Any, sign_in: Any) -> None:
    draft = proposed(cast.force_user)
    page = reverse("tactic-passport", args=[draft.slug])
    assert "nothing to sign" in words(sign_in(cast.force_user).get(page))


def test_the_file_is_the_record(client: Any, passport: Passport) -> None:
    assert json.loads(file_of(client, passport, "json"))["passport"] == passport.document
    assert client.get(reverse("passport-file", args=[passport.public_id, "exe"])).status_code == 404
