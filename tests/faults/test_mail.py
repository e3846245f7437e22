"""The mail server is away, silent or out of order: nobody who asks waits, and each letter arrives once. F20."""

import time
from collections import Counter
from types import SimpleNamespace
from typing import Any

import pytest

from centre import invitations
from centre.models import Invitation
from tests.faults import tally
from tests.faults.post import PostOffice
from tests.faults.service import Service, wait_for
from tests.faults.tally import REPEATS

pytestmark = [
    pytest.mark.faults,
    pytest.mark.slow,
    pytest.mark.once,
    pytest.mark.django_db(transaction=True),
]

MOODS = ("hangs up", "says nothing", "fails")


def test_mail_waits_for_its_server_and_nobody_waits_for_mail(
    service: Service, cast: SimpleNamespace, settings: Any
) -> None:
    found = tally.of(
        "F20", "mail server hangs up, says nothing, fails", "the request does not wait; each mail once"
    )
    office = PostOffice()
    try:
        settings.EMAIL_HOST = "127.0.0.1"
        service.start_worker(
            concurrency=4, EMAIL_HOST="127.0.0.1", EMAIL_PORT=str(office.port), EMAIL_USE_TLS="0"
        )
        made: list[Invitation] = []
        for number in range(max(REPEATS, len(MOODS))):
            office.mood, asked = MOODS[number % len(MOODS)], office.asked
            began = time.monotonic()
            address = f"person-{number}@kent.example"
            made.append(
                invitations.make(email=address, role="force_user", force="kent", by=cast.registrar)[0]
            )
            found.seconds.append(time.monotonic() - began)
            wait_for(lambda asked=asked: office.asked > asked, "the worker to try")
        assert office.delivered == []
        office.mood = "takes mail"
        sent = Invitation.objects.filter(pk__in=[one.pk for one in made], mailed_at__isnull=False)
        wait_for(lambda: sent.count() == len(made), "all mail to be on its way")
        copies = Counter(office.delivered)
        for one in made:
            found.count(is_lost=copies[one.email] == 0, effects=copies[one.email])
    finally:
        office.close()
    found.assert_whole()
