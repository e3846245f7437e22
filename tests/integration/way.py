"""Everybody at the door: each act is tried by all who may not do it, then done by the one whose part it is."""

from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.shortcuts import resolve_url
from django.test import Client

from centre.models import AuditEvent
from tests.conftest import CAST

REFUSED = "request.refused"


class Door:
    """The cast, each with a session of their own."""

    def __init__(self, cast: Any, sign_in: Callable[[Any], Client]) -> None:
        self.clients = {name: sign_in(getattr(cast, name)) for name in (*CAST, "anonymous")}

    def get(self, person: str, url: str) -> Any:
        """Return a page that the person may see."""
        answer = self.clients[person].get(url)
        assert answer.status_code == 200, (person, url, answer.status_code)
        return answer

    def only(
        self,
        person: str,
        url: str,
        answers: dict[str, Any] | Callable[[], dict[str, Any]] | None = None,
        *,
        also: Iterable[str] = (),
    ) -> Any:
        """Post as everybody but `person` and those who `also` may; all are turned away. Then as `person`."""
        for other in self.clients.keys() - {person, *also}:
            self._turned_away(other, url, answers)
        before = _last_event()
        answer = self.clients[person].post(url, _fresh(answers))
        assert answer.status_code == 302, (person, url, answer.status_code, answer.content.decode())
        done = AuditEvent.objects.filter(pk__gt=before).exclude(event=REFUSED)
        assert done.exists(), f"{url} left no event"
        return answer

    def turned_away(self, person: str, url: str, answers: Any, status: int) -> None:
        """Post as somebody whose part it is not, although the role would allow it."""
        assert self._turned_away(person, url, answers) == status, (person, url)

    def _turned_away(self, person: str, url: str, answers: Any) -> int:
        before = _last_event()
        answer = self.clients[person].post(url, _fresh(answers))
        # A worker tells those who follow the tactic meanwhile: that is not of this request.
        left = list(
            AuditEvent.objects.filter(pk__gt=before)
            .exclude(event="bulletin.told")
            .values_list("event", flat=True)
        )
        if person == "anonymous":
            assert _is_sign_in(answer) or answer.status_code == 404, (url, answer.status_code)
            assert set(left) <= {REFUSED}, (url, left)
        else:
            assert answer.status_code in (403, 404, 409), (person, url, answer.status_code)
            # A thing that may not be known leaves no event under its name; an act that is refused does.
            assert left == ([] if answer.status_code == 404 else [REFUSED]), (person, url, left)
        return int(answer.status_code)


def _fresh(answers: Any) -> dict[str, Any]:
    """Return the answers; those that hold a file are made anew for each person."""
    return answers() if callable(answers) else dict(answers or {})


def _is_sign_in(answer: Any) -> bool:
    return answer.status_code == 302 and answer["Location"].startswith(resolve_url(settings.LOGIN_URL))


def _last_event() -> int:
    return AuditEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
