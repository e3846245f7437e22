"""A request that is cut off is refused, never taken for a shorter one.

Django believes a body that ends early: half a file would be half a trial's data. The server's stream is watched, and
ends with an error where fewer bytes came than the request said.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, UnreadablePostError
from django.utils.http import parse_header_parameters

from centre.errors import Refusal, TooLarge

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


HOPELESS = 4  # times the limit: beyond it nothing is read
_AFTER = 64  # bytes that may stand behind the end of a form: a line break, seldom more


class CutOff(Refusal):
    """The connection ended before the whole request had come."""

    code = "cut_off"
    title = "Upload did not finish"

    def __init__(self) -> None:
        super().__init__("Upload did not finish. Nothing was kept. Send it again.")


class _Watched:
    """A stream that knows how much is to come, and what a form ends with."""

    def __init__(self, stream: Any, length: int, ending: bytes) -> None:
        self._stream, self._left = stream, length
        self._ending, self._tail = ending, b""

    def read(self, size: int = -1) -> bytes:
        data: bytes = self._stream.read(size)
        return self._checked(data, is_short=size < 0 or len(data) < size)

    def readline(self, size: int = -1) -> bytes:
        line: bytes = self._stream.readline(size)
        return self._checked(line, is_short=not line.endswith(b"\n") and (size < 0 or len(line) < size))

    def _checked(self, data: bytes, *, is_short: bool) -> bytes:
        self._left -= len(data)
        if is_short and self._left > 0:
            raise ConnectionAbortedError("the request body was cut off")
        if self._ending:
            self._tail = (self._tail + data)[-len(self._ending) - _AFTER :]
            # What stands between may have counted what reached it, and passed half a form on as a whole one.
            if self._left <= 0 and self._ending not in self._tail:
                raise ConnectionAbortedError("the form in the request has no end")
        return data


def watched(application: Application) -> Application:
    """Return the application with every body watched."""

    def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        length = environ.get("CONTENT_LENGTH") or ""
        if length.isdecimal():
            environ["wsgi.input"] = _Watched(environ["wsgi.input"], int(length), _ending(environ))
        return application(environ, start_response)

    return serve


def _ending(environ: dict[str, Any]) -> bytes:
    """Return the line that ends a multipart form; nothing of another body."""
    kind, parameters = parse_header_parameters(environ.get("CONTENT_TYPE") or "")
    boundary = parameters.get("boundary") if kind == "multipart/form-data" else None
    return f"--{boundary}--".encode() if boundary else b""


def require_whole_form(request: HttpRequest) -> None:
    """Read a form that a page sent, before anything is done with it.

    Raises
    ------
    CutOff : it ended early.
    TooLarge : it is so far over the limit that it is not read at all, or its fields are over theirs.
    """
    if request.content_type in ("multipart/form-data", "application/x-www-form-urlencoded"):
        limit = settings.UPLOAD_LIMIT_BYTES
        # What is a little over is read all the same: a browser shows the answer only once it has sent everything.
        if int(request.META.get("CONTENT_LENGTH") or 0) > HOPELESS * limit:
            raise TooLarge(f"The file is larger than {limit // 1_000_000} MB. Send it in parts.")
        try:
            request.POST  # noqa: B018  reading it is the test
        except UnreadablePostError as error:
            raise CutOff from error
        except RequestDataTooBig as error:
            most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1_000_000
            raise TooLarge(f"What you wrote is larger than {most} MB. Write less, or send a file.") from error
