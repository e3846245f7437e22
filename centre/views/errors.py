"""What is answered where something failed on our side."""

import sys

from django.conf import settings
from django.db import InterfaceError, InternalError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.views.defaults import server_error

# The database is away, restarts, is full of connections, takes too long, or lets nobody write.
_AWAY = (OperationalError, InterfaceError, InternalError)


def failed(request: HttpRequest) -> HttpResponse:
    """Answer 503 where the database did not do its part, whatever was asked of it; else 500.

    Django calls this while it handles the exception. The page asks nothing of the database.
    """
    if not isinstance(sys.exc_info()[1], _AWAY):
        return server_error(request)
    page = render_to_string("unavailable.html", {"style": static("vendor/main.css")})
    headers = {"Retry-After": str(settings.UNAVAILABLE_RETRY_SECONDS), "Cache-Control": "no-store"}
    return HttpResponse(page, status=503, headers=headers)
