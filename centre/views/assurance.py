"""Why the numbers can be trusted, and the published heads of the audit log for anyone to keep."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views import View
from django.views.decorators.http import require_safe

from centre import audit, feeds
from centre.models import AuditHead
from centre.paging import Pages

PAGE_SIZE = 100


class Assurance(View):
    """What is promised, and how to check it."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the newest event's hash."""
        return render(request, "pages/assurance.html", {"head": audit.head()})


class Heads(View):
    """The head of each day, the newest first."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show a page of them."""
        page = Pages(AuditHead.objects.all(), PAGE_SIZE).get_page(request.GET.get("page"))
        return render(request, "pages/audit_heads.html", {"page": page})


@require_safe
def heads_json(request: HttpRequest) -> JsonResponse:
    """Give all heads, as `manage.py verify --heads` takes them."""
    return JsonResponse({"heads": [head.as_json() for head in AuditHead.objects.order_by("day")]})


@require_safe
def heads_feed(request: HttpRequest) -> HttpResponseBase:
    """Give the newest heads to feed readers, which keep what they have read."""
    page = reverse("audit-heads")
    found = [
        feeds.Entry(
            at=head.at,
            key=f"d{head.day}",
            title=f"Head of {head.day:%-d %B %Y}",
            url=page,
            words=f"Events: {head.count}. SHA-256 of the newest: {head.hash}. Imprints: {head.imprints_hash}.",
            name=f"audit-head:{head.day}",
        )
        for head in AuditHead.objects.all()[: feeds.LONGEST]
    ]
    return feeds.answer(request, "Heads of the audit log", page, found)
