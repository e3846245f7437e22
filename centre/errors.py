"""The refusals that actions raise. Pages and the API turn each into a 4xx with its plain message."""

import errno
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where (JSON pointer, field name or line) and what to do about it."""

    pointer: str
    message: str

    def as_json(self) -> dict[str, str]:
        """Return the problem as the API shows it."""
        return {"pointer": self.pointer, "message": self.message}


class Refusal(Exception):
    """An act that the registry's rules do not allow; nothing was saved."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "refused"
    title: ClassVar[str] = "This was not accepted"

    def __init__(self, message: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.problems = list(problems)

    @property
    def page_status(self) -> int:
        """Return the status of a page that shows the refusal in its form."""
        return self.status

    @property
    def shown(self) -> list[Problem]:
        """Return what a page lists: the problems, or the refusal itself where it names none."""
        return self.problems or [Problem("", self.message)]


class Invalid(Refusal):
    """What was sent has problems; each names its field."""

    code = "invalid"
    title = "There is a problem"

    @property
    def page_status(self) -> int:
        """Return 422: the request can be read, and what was typed cannot be taken."""
        return 422

    @classmethod
    def field(cls, pointer: str, message: str) -> "Invalid":
        """Return a refusal with one problem."""
        return cls(message, [Problem(pointer, message)])


class NotPermitted(Refusal):
    """The person does not hold the permission."""

    status = 403
    code = "not_permitted"
    title = "You do not have permission to do this"


class NotFound(Refusal):
    """There is no such thing, or the person may not know of it."""

    status = 404
    code = "not_found"
    title = "Page not found"


class Conflict(Refusal):
    """The state of the thing forbids the act."""

    status = 409
    code = "conflict"
    title = "This cannot be done now"


class Gone(Refusal):
    """The person could read it, and may no longer."""

    status = 410
    code = "gone"
    title = "You can no longer read this"


class TooLarge(Refusal):
    """What was sent is over a limit; the message names it."""

    status = 413
    code = "too_large"
    title = "The file is too large"


class NoRoom(Refusal):
    """There is no room to keep what was sent. Nobody's input is at fault."""

    status = 507
    code = "no_room"
    title = "We could not save the file"

    @classmethod
    def of(cls, error: BaseException) -> "NoRoom | None":
        """Return the refusal, where a full disk or a limit on the size of files is what went wrong."""
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            return cls(
                "We could not save the file: nothing was changed. The Centre has been told; try again later."
            )
        return None


class Damaged(Refusal):
    """A kept file is not what its hash says. Nobody's input is at fault, and no number is made of it."""

    status = 500
    code = "damaged_file"
    title = "A kept file is damaged"
