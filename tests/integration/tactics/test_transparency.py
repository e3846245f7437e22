"""Transparency records: written in sections, sent complete, published by another, frozen, compared, downloaded."""

import csv
import io
import json
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from centre.errors import Conflict, Invalid, NotPermitted
from centre.frozen import Frozen
from centre.models import AuditEvent
from tactics.actions import tactics, transparency
from tactics.models import TransparencyDraft, TransparencyRecord
from tests.integration.tactics.ai_tactics import ai_tactic, answered, recorded, written
from tests.integration.tactics.library import proposed

pytestmark = pytest.mark.django_db


def test_written_section_by_section_sent_and_published_by_another(cast: Any, sign_in: Any) -> None:
    tactic = ai_tactic(cast.force_user)
    writer = sign_in(cast.force_user)
    write = reverse("transparency-write", args=[tactic.slug])
    assert "You answer section by section" in writer.get(write).content.decode()
    begun = writer.post(write, {"standard_version": "4.0"})
    assert begun.url == reverse("transparency-section", args=[tactic.slug, "title-information"])
    draft = TransparencyDraft.objects.get()
    assert tactic.name in writer.get(begun.url).content.decode()
    for section in draft.standard.sections:
        page = reverse("transparency-section", args=[tactic.slug, section.slug])
        draft.refresh_from_db()
        assert writer.post(page, {**answered(section), "edition": draft.edition}).status_code == 302
    assert "Nothing that is required is missing" in writer.get(write).content.decode()
    assert writer.post(reverse("transparency-send", args=[tactic.slug])).status_code == 302
    assert "can be changed once the Centre has answered" in writer.get(write).content.decode()

    review = reverse("transparency-review", args=[tactic.slug])
    assert writer.get(review).status_code == 403
    centre = sign_in(cast.publisher)
    assert "What Human review is." in centre.get(review).content.decode()
    draft.refresh_from_db()
    assert centre.post(review, {"answer": "publish", "edition": draft.edition}).status_code == 302
    record = TransparencyRecord.objects.get()
    assert (record.number, record.standard_version, record.sent_by) == (1, "4.0", cast.force_user)
    shown = writer.get(reverse("transparency-record", args=[tactic.slug])).content.decode()
    assert "What Human review is." in shown
    assert "by version 4.0 of the Algorithmic Transparency Recording Standard" in shown
    events = set(AuditEvent.objects.values_list("event", flat=True))
    assert {f"transparency.{act}" for act in ("begun", "saved", "sent", "published")} <= events


def test_who_wrote_does_not_publish(cast: Any, sign_in: Any) -> None:
    tactic = ai_tactic(cast.force_user)
    draft = written(tactic, cast.force_user)
    transparency.save(
        draft=draft,
        section=draft.standard.sections[0],
        said={**answered(draft.standard.sections[0]), "field-0-11": "Another title"},
        edition=draft.edition,
        by=cast.registrar,
    )
    draft = transparency.send(draft=draft, by=cast.force_user)
    with pytest.raises(NotPermitted, match="You have written on this record"):
        transparency.publish(draft=draft, edition=draft.edition, by=cast.registrar)
    answer = {"answer": "publish", "edition": draft.edition}
    refused = sign_in(cast.registrar).post(reverse("transparency-review", args=[tactic.slug]), answer)
    assert refused.status_code == 403
    transparency.publish(draft=draft, edition=draft.edition, by=cast.publisher)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tactics_transparencyrecord (tactic_id, number, standard_version, document, sent_at,"
            " sent_by_id, published_at, published_by_id) SELECT tactic_id, 2, standard_version, document, sent_at,"
            " sent_by_id, published_at, sent_by_id FROM tactics_transparencyrecord"
        )


def test_nothing_is_sent_with_a_gap_or_twice_the_same(cast: Any, sign_in: Any) -> None:
    tactic = ai_tactic(cast.force_user)
    transparency.begin(tactic=tactic, by=cast.force_user)
    refused = sign_in(cast.force_user).post(reverse("transparency-send", args=[tactic.slug]))
    assert refused.status_code == 422
    assert "Fill in “Human review”, or say why it does not apply" in refused.content.decode()
    recorded(tactic, cast.force_user, cast.publisher)
    with pytest.raises(transparency.NothingNew):
        transparency.send(draft=TransparencyDraft.objects.get(), by=cast.force_user)


def test_a_bad_answer_is_named_and_kept_and_nothing_is_saved(cast: Any, sign_in: Any) -> None:
    tactic = ai_tactic(cast.force_user)
    draft = transparency.begin(tactic=tactic, by=cast.force_user)
    page = reverse("transparency-section", args=[tactic.slug, "tier-1-information"])
    said = {
        "field-1-1": "A tool",
        "field-1-2": "call 07700 900123",
        "field-1-3": "nowhere",
        "edition": draft.edition,
    }
    response = sign_in(cast.force_user).post(page, said)
    html = response.content.decode()
    assert response.status_code == 422
    assert "This looks like personal data: remove a phone number" in html
    assert "Enter a web address that begins with https://" in html
    assert "call 07700 900123" in html
    assert "07700" not in str(AuditEvent.objects.get(event="request.refused").detail)
    draft.refresh_from_db()
    assert "1.2" not in draft.answers


def test_saving_over_somebody_else_is_said_first(cast: Any, sign_in: Any) -> None:
    tactic = ai_tactic(cast.force_user)
    draft = transparency.begin(tactic=tactic, by=cast.force_user)
    page = reverse("transparency-section", args=[tactic.slug, "tier-1-information"])
    section = draft.standard.section("tier-1-information")
    transparency.save(
        draft=draft, section=section, said=answered(section), edition=draft.edition, by=cast.registrar
    )
    client = sign_in(cast.force_user)
    stale = client.post(page, {"field-1-1": "Mine", "edition": draft.edition})
    assert stale.status_code == 409
    assert "Somebody else has saved this record" in stale.content.decode()
    assert "Mine" in stale.content.decode()
    draft.refresh_from_db()
    assert f'name="edition" value="{draft.edition}"' in stale.content.decode()
    assert client.post(page, {"field-1-1": "Mine", "edition": draft.edition}).status_code == 302


def test_what_is_sent_stands_still_until_the_centre_has_answered(cast: Any, sign_in: Any) -> None:
    tactic = ai_tactic(cast.force_user)
    draft = transparency.send(draft=written(tactic, cast.force_user), by=cast.force_user)
    section = draft.standard.sections[0]
    with pytest.raises(transparency.WithTheCentre):
        transparency.save(draft=draft, section=section, said={}, edition=draft.edition, by=cast.force_user)
    review = reverse("transparency-review", args=[tactic.slug])
    centre = sign_in(cast.registrar)
    assert centre.post(review, {"answer": "change", "because": ""}).status_code == 422
    assert centre.post(review, {}).status_code == 422
    assert centre.post(review, {"answer": "change", "because": "Name the data."}).status_code == 302
    assert (
        "Name the data."
        in sign_in(cast.force_user).get(reverse("transparency-write", args=[tactic.slug])).content.decode()
    )
    with pytest.raises(Conflict):
        transparency.publish(draft=draft, edition=draft.edition, by=cast.publisher)


def test_a_version_is_frozen_and_the_next_says_what_changed(cast: Any, client: Any) -> None:
    tactic = ai_tactic(cast.registrar)
    first = recorded(tactic, cast.registrar, cast.publisher, version="3.0")
    with pytest.raises(Frozen):
        TransparencyRecord.objects.update(number=9)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE tactics_transparencyrecord SET standard_version = '9'")
    second = recorded(tactic, cast.registrar, cast.publisher, version="4.0")
    assert (first.number, second.number) == (1, 2)
    tactics.publish(tactic=tactic, by=cast.registrar)
    page = reverse("transparency-record", args=[tactic.slug])
    shown = client.get(page).content.decode()
    assert "What changed since version 1" in shown
    assert "No field of version 3.0" in shown
    older = client.get(page, {"version": "1"}).content.decode()
    assert "This is an older version" in older
    assert "What Scope is." in older
    assert client.get(page, {"version": "3"}).status_code == 404


def test_downloads_and_the_api_use_the_names_of_the_standard(cast: Any, client: Any) -> None:
    tactic = ai_tactic(cast.registrar)
    record = recorded(tactic, cast.registrar, cast.publisher, version="3.0")
    tactics.publish(tactic=tactic, by=cast.registrar)
    page = reverse("transparency-record", args=[tactic.slug])
    sent = client.get(page, {"as": "json"})
    assert sent["Content-Disposition"] == f'attachment; filename="{tactic.slug}-transparency-1.json"'
    assert json.loads(sent.content) == record.document
    lines = list(csv.DictReader(io.StringIO(client.get(page, {"as": "csv"}).content.decode())))
    assert [(line["ref"], line["attribute"]) for line in lines if line["attribute"] == "phase"] == [
        ("0.13", "phase"),
        ("2.4.1.2", "phase"),
    ]
    assert {line["standard_version"] for line in lines} == {"3.0"}
    answer = client.get(reverse("api-tactic-transparency-records", args=[tactic.slug])).json()["results"]
    assert answer[0]["document"] == record.document
    shown = client.get(reverse("api-tactic", args=[tactic.slug])).json()
    assert shown["uses_ai"] is True
    assert shown["transparency"].startswith("Transparency record version 1")


def test_without_a_record_a_page_says_so_and_a_reason_is_asked_for(cast: Any, sign_in: Any) -> None:
    tactic = ai_tactic(cast.registrar)
    centre = sign_in(cast.publisher)
    publish = reverse("tactic-publish", args=[tactic.slug])
    assert "Why it is published without a transparency record" in centre.get(publish).content.decode()
    refused = centre.post(publish)
    assert refused.status_code == 422
    assert (
        "Publish its transparency record first, or say why it is published without one"
        in refused.content.decode()
    )
    bad = centre.post(publish, {"no_record_because": "ask 07700 900123"})
    assert "remove a phone number" in bad.content.decode()
    assert "ask 07700 900123" in bad.content.decode()
    assert centre.post(publish, {"no_record_because": "No force has answered yet."}).status_code == 302
    for page in (
        tactic.get_absolute_url(),
        reverse("tactic-list"),
        reverse("tactic-compare") + f"?t={tactic.slug}",
    ):
        assert "No transparency record has been sent" in sign_in(cast.anonymous).get(page).content.decode(), (
            page
        )
    alone = sign_in(cast.anonymous).get(reverse("transparency-record", args=[tactic.slug])).content.decode()
    assert "No transparency record has been sent." in alone
    assert "The Centre published this tactic without one: No force has answered yet." in alone
    assert (
        "No force has answered yet."
        in sign_in(cast.anonymous).get(tactic.get_absolute_url()).content.decode()
    )


def test_one_with_a_record_needs_no_reason(cast: Any, sign_in: Any) -> None:
    tactic = ai_tactic(cast.force_user)
    recorded(tactic, cast.force_user, cast.publisher)
    assert sign_in(cast.publisher).post(reverse("tactic-publish", args=[tactic.slug])).status_code == 302
    shown = sign_in(cast.anonymous).get(tactic.get_absolute_url()).content.decode()
    assert "Read the transparency record" in shown
    tactic.refresh_from_db()
    assert tactic.no_record_because == ""


def test_only_a_tactic_that_uses_ai_has_one(cast: Any, sign_in: Any) -> None:
    tactic = proposed(cast.force_user)
    client = sign_in(cast.force_user)
    response = client.post(reverse("transparency-write", args=[tactic.slug]), {"standard_version": "4.0"})
    assert response.status_code == 409
    assert (
        "no record is asked for"
        in client.get(reverse("transparency-record", args=[tactic.slug])).content.decode()
    )
    assert (
        "Artificial intelligence: transparency" not in client.get(tactic.get_absolute_url()).content.decode()
    )
    with pytest.raises(Invalid):
        transparency.begin(tactic=ai_tactic(cast.force_user), by=cast.force_user, standard_version="9.9")
