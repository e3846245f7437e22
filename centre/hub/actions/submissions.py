"""An archive of monthly files arrives: staged at once, examined by a worker, kept whole or refused whole."""

from typing import BinaryIO

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from centre import audit, runs, vault
from centre.models import Run, Submission, User
from centre.permissions import Permission, require
from centre.text import clean_text, shown_name

TASK = "centre.receive_submission"


@transaction.atomic
def receive(
    *, file: BinaryIO, filename: str, source: str, by: User | None, idempotency_key: str | None = None
) -> Run:
    """The archive is staged; a Run examines every file, and makes a Submission or names every problem.

    Without `by` an administrator's command sends it, and for every force.
    """
    if by is not None:
        require(by, Permission.HUB_SUBMIT)
    source = clean_text(
        source, label="The source", maximum=200, required="Say where the files come from, like data.police.uk"
    )
    stored = vault.put(file, limit=settings.UPLOAD_LIMIT_BYTES if by else None)
    name = shown_name(filename) or "an archive"
    run = runs.submit(
        task=TASK,
        title=f"Examining {name}",
        subject=Submission(),  # which the Run makes, under this number
        by=by,
        params={
            "sha256": stored.sha256,
            "size": stored.size,
            "filename": name,
            "source": source,
            "return_to": reverse("hub-submit"),
        },
        idempotency_key=idempotency_key,
    )
    detail = {"sha256": stored.sha256, "run": str(run.pk)}
    audit.record("submission.received", subject=run, by=by or audit.SYSTEM, detail=detail)
    return run
