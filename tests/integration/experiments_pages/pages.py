"""What a test asks of a page: its words, its status, and the trace that a refusal leaves."""

import html
import re
from typing import Any

from django.test import Client
from django.urls import reverse

from centre.models import AuditEvent
from experiments.models import Trial


def address(trial: Trial, name: str = "trial-detail", *more: Any) -> str:
    """Return the address of one of the trial's pages."""
    return reverse(name, args=[trial.ref, *more])


def words(response: Any) -> str:
    """Return what a reader sees, with single spaces."""
    text = re.sub(r"<(script|style).*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def summary(response: Any) -> str:
    """Return the text of the error summary."""
    found = re.search(r'<div class="govuk-error-summary".*?</ul>', response.content.decode(), flags=re.DOTALL)
    assert found, "there is no error summary"
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", found[0])).split())


def refusals() -> int:
    """Return how many refused requests the audit log holds."""
    return AuditEvent.objects.filter(event="request.refused").count()


def seen(trial: Trial) -> dict[str, str]:
    """Return what a page that runs a plan sends back of the data that it showed."""
    newest = trial.newest_outcomes
    return {"seen": newest.file_sha256 if newest else ""}


def status(client: Client, url: str) -> int:
    """Return the status of a page."""
    return client.get(url).status_code


def fields_of(form: Any) -> dict[str, Any]:
    """Return what a browser would send back of a form that was opened and not touched."""
    sent: dict[str, Any] = {}
    for bound in form:
        value = bound.value()
        widget = bound.field.widget
        if hasattr(widget, "decompress") and not isinstance(value, list):
            value = widget.decompress(value)
        if hasattr(widget, "widgets"):
            sent |= {
                f"{bound.name}_{place}": part
                for place, part in zip(("day", "month", "year"), value, strict=True)
            }
        elif value is True:
            sent[bound.name] = "on"
        elif value not in (None, False):
            sent[bound.name] = value
    return {name: value for name, value in sent.items() if value is not None}
