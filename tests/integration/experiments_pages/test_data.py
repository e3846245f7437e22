"""Sending data: what is expected is said before, what is wrong is said line by line after."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from centre.models import Run
from experiments import tasks
from experiments.models import Dataset
from tests.integration.experiments_pages import stages
from tests.integration.experiments_pages.pages import address, refusals, status, summary, words

pytestmark = pytest.mark.django_db


def upload(client: Any, trial: Any, content: bytes, **answers: str) -> Any:
    sent = {"kind": "outcome", "file": SimpleUploadedFile("calls.csv", content, "text/csv"), **answers}
    return client.post(address(trial, "trial-data-upload"), sent)


def test_the_page_says_what_the_file_must_hold(cast: Any, sign_in: Any) -> None:
    trial = stages.delivering(cast)
    text = words(sign_in(cast.force_user).get(address(trial, "trial-data-upload")))
    assert "Before you start" in text
    assert "calls A whole number, 0 or more Needed" in text
    assert "40 units" in text


def test_a_good_file_becomes_a_version(cast: Any, sign_in: Any) -> None:
    trial = stages.delivering(cast)
    client = sign_in(cast.force_user)
    assert "No data have arrived yet" in words(client.get(address(trial, "trial-data")))
    response = upload(client, trial, stages.outcomes(trial))
    run = Run.objects.get(task="experiments.ingest")
    assert response.headers["Location"] == reverse("run-detail", args=[run.pk])
    assert "Uploads that are being checked" in words(client.get(address(trial, "trial-data")))
    tasks.ingest(str(run.pk))
    dataset = Dataset.objects.get()
    text = words(client.get(address(trial, "trial-data")))
    assert dataset.file_sha256 in text
    assert "Outcomes 1" in text
    assert address(trial, "trial-data") in client.get(reverse("run-detail", args=[run.pk])).content.decode()


def test_a_bad_file_is_refused_line_by_line(cast: Any, sign_in: Any) -> None:
    trial = stages.delivering(cast)
    client = sign_in(cast.force_user)
    rows = stages.outcomes(trial).decode().splitlines()
    rows[1] = rows[1].rsplit(",", 1)[0] + ",2.5"
    rows.append("U999,control,4")
    upload(client, trial, "\n".join(rows).encode())
    run = Run.objects.get(task="experiments.ingest")
    tasks.ingest(str(run.pk))
    page = client.get(reverse("run-detail", args=[run.pk]))
    text = words(page)
    assert "line 2, column calls" in text
    assert "U999 is not in this trial" in text
    assert address(trial, "trial-data-upload") in page.content.decode()
    assert not Dataset.objects.exists()


def test_the_same_file_again_makes_no_new_version(cast: Any, sign_in: Any) -> None:
    trial = stages.with_data(cast)
    client = sign_in(cast.force_user)
    response = upload(client, trial, stages.outcomes(trial))
    tasks.ingest(response.headers["Location"].strip("/").split("/")[-1])
    assert "Already received on" in words(client.get(response.headers["Location"]))
    assert Dataset.objects.count() == 1


def test_a_second_version_keeps_the_first(cast: Any, sign_in: Any) -> None:
    trial = stages.locked(cast)
    client = sign_in(cast.force_user)
    blind = upload(client, trial, stages.outcomes(trial, extra=1))
    assert blind.status_code == 422
    assert "Say why this version replaces them" in summary(blind)
    response = upload(client, trial, stages.outcomes(trial, extra=1), reason="A beat was missing.")
    tasks.ingest(response.headers["Location"].strip("/").split("/")[-1])
    text = words(client.get(address(trial, "trial-data")))
    assert "Outcomes 2" in text
    assert "Outcomes 1" in text
    assert "A beat was missing." in text


@pytest.mark.parametrize(
    ("answers", "message"),
    [({}, "Choose a file"), ({"kind": "gossip"}, "gossip is not one of the available choices")],
)
def test_an_upload_without_a_file_or_kind_is_refused(
    cast: Any, sign_in: Any, answers: dict[str, str], message: str
) -> None:
    trial = stages.delivering(cast)
    before = refusals()
    sent = {"kind": "outcome", "reason": "Kept words", **answers}
    response = sign_in(cast.force_user).post(address(trial, "trial-data-upload"), sent)
    assert response.status_code == 422
    assert message in summary(response)
    assert "Kept words" in response.content.decode()
    assert refusals() == before + 1
    assert not Run.objects.exists()


def test_a_file_over_the_limit_is_refused_at_the_limit(cast: Any, sign_in: Any, settings: Any) -> None:
    trial = stages.delivering(cast)
    settings.UPLOAD_LIMIT_BYTES = 300
    response = upload(sign_in(cast.force_user), trial, stages.outcomes(trial))
    assert response.status_code == 413
    assert "The file is larger than" in summary(response)
    assert not Run.objects.exists()


def test_data_before_the_unit_list_are_refused(cast: Any, sign_in: Any) -> None:
    trial = stages.baseline(cast)
    client = sign_in(cast.force_user)
    assert "once the protocol is registered and the unit list is frozen" in words(
        client.get(address(trial, "trial-data-upload"))
    )
    response = upload(client, trial, b"unit,arm,calls\n")
    assert response.status_code == 409
    assert "once the unit list is frozen" in summary(response)


def test_only_the_forces_of_the_trial_send_data(cast: Any, sign_in: Any) -> None:
    trial = stages.delivering(cast)
    for person in (cast.analyst, cast.registrar, cast.other_force_user, cast.researcher):
        client = sign_in(person)
        assert status(client, address(trial, "trial-data-upload")) == 403, person
        assert upload(client, trial, b"x").status_code == 403, person
    assert status(sign_in(cast.researcher), address(trial, "trial-data")) == 403
    assert not Run.objects.exists()
