"""The schema is what the API does: a fuzzer makes requests from it, good and bad, and holds every answer against it.

All checks of Schemathesis, as every kind of person. FUZZ_CASES says how many requests each person makes; without it a
few of each kind are made as three of them, for CI. `make fuzz` makes 5,000 as each.
"""

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import hypothesis
import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from schemathesis.checks import negative_data_rejection, positive_data_acceptance
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.modes import GenerationMode

from centre.wsgi import application
from tests.permissions import world
from tests.permissions.asking import SUBJECTS
from tests.permissions.test_matrix import make_former

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.once]

CASES = int(os.environ.get("FUZZ_CASES", "0"))
FEW = 400
PEOPLE = SUBJECTS if CASES else ("anonymous", "force_user", "registrar")
# What OpenAPI cannot say: which values have a meaning together, or for the thing that they are sent to.
DEPENDS = (
    "/api/v1/access/",
    "/api/v1/hub/figures/",
    "/api/v1/hub/offences/",
    "/api/v1/hub/panels/",
    "/api/v1/hub/submissions/",
    "/api/v1/trials/{ref}/diff/",
    "/api/v1/trials/{ref}/analyses/",
    "/api/v1/trials/{ref}/datasets/",
    "/api/v1/trials/{ref}/enrolments/",
    "/api/v1/tactics/{slug}/money/",
    "/api/v1/tactics/{slug}/next-trial/{outcome_domain}/",
)


@contextmanager
def one_connection() -> Iterator[None]:
    """Let the real WSGI application leave the test's connection open. Django's own test client ends this."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)


def closing(environ: Any, start_response: Any) -> list[bytes]:
    """Serve one request as a server does, which closes the answer; the fuzzer's client does not."""
    answer = application(environ, start_response)
    try:
        return [b"".join(answer)]
    finally:
        answer.close()


class Fuzzer:
    """One person's requests, and what was wrong with the answers."""

    def __init__(self, headers: dict[str, str], places: list[dict[str, Any]]) -> None:
        self.headers, self.places = headers, places
        self.asked: Counter[str] = Counter()
        self.answers: Counter[int] = Counter()
        self.wrong: dict[tuple[str, str, int], str] = {}

    def ask_of(self, operation: Any, mode: GenerationMode, cases: int) -> None:
        """Make `cases` requests of one operation."""

        @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
        @hypothesis.settings(
            max_examples=cases,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[hypothesis.Phase.generate],
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        def ask(case: Any) -> None:
            self._ask(case, mode)

        ask()

    def _ask(self, case: Any, mode: GenerationMode) -> None:
        # Three of four go to something that exists, in each of its states; the fourth where the fuzzer thinks.
        place = self.places[self.asked[mode.value] % len(self.places)]
        if not case.meta.is_negative_at(ParameterLocation.PATH):
            case.path_parameters.update(
                {name: str(place[name]) for name in case.path_parameters if name in place}
            )
        if mode is GenerationMode.POSITIVE:
            case.headers.pop("If-Match", None)  # nor guesses the version of a run
        if mode is GenerationMode.POSITIVE and case.query:
            case.query.pop("page_token", None)  # no fuzzer signs one
            if case.path.endswith("/diff/"):
                case.query.update({"from": "1.0", "to": "1.0"})
        self.asked[mode.value] += 1
        with transaction.atomic():
            response = case.call(headers=self.headers)
            self.answers[response.status_code] += 1
            left_out = [positive_data_acceptance] if case.path in DEPENDS else []
            if response.status_code == 412:  # refused all the same, for a version that If-Match guessed
                left_out.append(negative_data_rejection)
            try:
                case.validate_response(response, headers=self.headers, excluded_checks=left_out)
            except (Failure, FailureGroup) as found:
                for one in getattr(found, "exceptions", [found]):
                    key = (type(one).__name__, case.operation.label, response.status_code)
                    said = f"{one}\n{case.as_curl_command()}\n{response.content[:500]!r}"
                    self.wrong.setdefault(key, said)
            transaction.set_rollback(True)


@pytest.mark.parametrize("who", PEOPLE)
def test_every_answer_is_as_the_schema_says(
    who: str, cast: Any, call_as: Any, public: Any, unlimited: None
) -> None:
    people = {**vars(cast), "reviewer": cast.reviewer, "suspended": make_former(cast)}
    headers = {} if who == "anonymous" else call_as(people[who]).headers
    if who == "suspended":
        type(people[who]).objects.filter(pk=people[who].pk).update(is_active=False)
    states = world.build(cast)
    places = [{**states["always"], **states[state]} for state in world.STATES]
    loaded = schemathesis.openapi.from_dict(public.client.get("/api/schema/").json())
    loaded.app = closing
    operations = [found.ok() for found in loaded.get_all_operations()]
    fuzzer = Fuzzer(headers, [*places, {}])
    cases = max(1, -(-(CASES or FEW) // (2 * len(operations))))
    with one_connection():
        for operation in operations:
            for mode in (GenerationMode.NEGATIVE, GenerationMode.POSITIVE):
                try:
                    fuzzer.ask_of(operation, mode, cases)
                except hypothesis.errors.Unsatisfiable:
                    # It takes nothing, so that nothing can be wrong with it.
                    assert mode is GenerationMode.NEGATIVE
        while CASES and fuzzer.asked.total() < CASES:
            fuzzer.ask_of(operations[fuzzer.asked.total() % len(operations)], GenerationMode.POSITIVE, cases)
    print(f"{who}: {fuzzer.asked.total()} requests", dict(sorted(fuzzer.answers.items())))
    said = [f"{kind} {label} {status}\n{words}" for (kind, label, status), words in fuzzer.wrong.items()]
    assert not said, f"{len(said)} kinds of wrong answer\n\n" + "\n\n".join(said)
    assert not [status for status in fuzzer.answers if status >= 500]
    assert fuzzer.asked.total() >= min(CASES or FEW, 2 * len(operations) * cases) * 0.8
