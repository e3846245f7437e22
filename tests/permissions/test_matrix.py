"""Every address × method × state of its object × kind of person, against the table in matrix.txt.

An address that the table does not list fails the test: nobody adds a door without saying who may use it.
To see the table as it is, run with `MATRIX_OUT=FILE`; then read every changed line before it is committed.
"""

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.permissions import world
from tests.permissions.asking import COMMITTED, SUBJECTS, Asker, methods, questions, routes

pytestmark = COMMITTED

# A read changes nothing; but of recovery codes that were shown hashes alone are left.
WRITTEN_BY_READING = {"mfa_view_recovery_codes: mfa_authenticator"}
TABLE = Path(__file__).with_name("matrix.txt")


def listed() -> dict[str, str]:
    """Return the table: a row's name and its letters."""
    rows = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            *name, letters = line.split()
            rows[" ".join(name)] = letters
    return rows


@pytest.fixture
def askers(cast: SimpleNamespace, unlimited: None) -> dict[str, Asker]:
    people = {**vars(cast), "suspended": None}
    former = make_former(cast)
    people["suspended"] = former
    found = {name: Asker(people[name]) for name in SUBJECTS}
    type(former).objects.filter(pk=former.pk).update(is_active=False)
    return found


def make_former(cast: SimpleNamespace) -> Any:
    """Return somebody who held the registrar's post and is about to be suspended."""
    from centre.models import Membership, User

    user = User.objects.create_user("former@test.example", "a-password-for-the-cast", name="Fay Former")
    Membership.objects.create(user=user, role="registrar")
    return user


@pytest.mark.slow
@pytest.mark.once
def test_every_address_answers_every_person_as_listed(
    cast: SimpleNamespace, askers: dict[str, Asker]
) -> None:
    found = {
        row: "".join(askers[name].ask(method, address) for name in SUBJECTS)
        for row, method, _, address in questions(world.build(cast))
    }
    if out := os.environ.get("MATRIX_OUT"):
        Path(out).write_text(
            "\n".join(f"{row:44} {letters}" for row, letters in found.items()), encoding="utf-8"
        )
    expected = listed()
    wrong = [
        f"{row}: expected {expected.get(row, 'a line in matrix.txt')}, found {letters}"
        for row, letters in found.items()
        if expected.get(row) != letters
    ]
    assert not wrong, "\n".join(wrong)
    assert set(expected) == set(found), "matrix.txt lists addresses that are gone"
    lacking = sorted(set().union(*(asker.lacking for asker in askers.values())))
    assert not lacking, "\n".join(lacking)
    written = sorted(set().union(*(asker.written for asker in askers.values())))
    assert written == sorted(WRITTEN_BY_READING), "\n".join(written)


def test_every_address_has_a_name_of_its_own() -> None:
    names = [name for name, _ in routes()]
    assert len(names) == len(set(names))


@pytest.mark.slow
@pytest.mark.once
def test_no_other_method_does_anything(cast: SimpleNamespace, askers: dict[str, Asker]) -> None:
    by_name = dict(routes())
    asked: set[str] = set()
    odd = []
    for row, _, name, address in questions(world.build(cast)):
        if ("public" not in row and "always" not in row) or name in asked:
            continue
        if name in ("sign-in", "mfa_authenticate"):
            continue  # who is signed in is sent on, whatever the method
        asked.add(name)
        others = {"PUT", "PATCH", "DELETE"} | ({"GET", "POST"} - set(methods(by_name[name])))
        for method in sorted(others):
            letter = askers["registrar"].ask(method, address)
            if letter not in "1345":
                odd.append(f"{method} {name}: {letter}")
    assert not odd, "\n".join(odd)
