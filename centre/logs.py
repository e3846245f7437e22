"""What is logged of a request: never what was asked for or sent."""

from django.http import HttpRequest
from django_structlog.middlewares import RequestMiddleware


class RequestLines(RequestMiddleware):
    """A line as a request comes and goes, with its id; without the query, which holds words people search for."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        """Return the method and the path."""
        return f"{request.method} {request.path}"
