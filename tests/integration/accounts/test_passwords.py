"""Which passwords are taken, as they are typed, and which are too easy to guess."""

import hashlib
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client

from centre.accounts.passwords import words
from tests.conftest import PASSWORD, ROOT

pytestmark = pytest.mark.django_db


def refusal(password: str) -> str:
    try:
        validate_password(password)
    except ValidationError as error:
        return str(error.error_list[0].code)
    return ""


@pytest.mark.parametrize(
    "password",
    [
        "  Two Spaces  and CAPITALS ",
        "ein Überraschungsei für Åse",
        "x7" * 32,
        "a phrase of many words " * 40,
        "🔑 a key of another sort",
    ],
)
def test_a_password_is_taken_as_it_is_typed(registrar: Any, sign_in: Any, password: str) -> None:
    sent = {"old_password": PASSWORD, "new_password1": password, "new_password2": password}
    assert sign_in(registrar).post("/account/password/", sent).status_code == 302

    def signs_in(typed: str) -> bool:
        return Client().post("/sign-in/", {"username": registrar.email, "password": typed}).status_code == 302

    assert signs_in(password)
    assert not any(signs_in(one) for one in (password.swapcase(), password.strip()[:-1], password[:60] + "!"))


@pytest.mark.parametrize(
    "password",
    [
        "Tactic-Registry-2026!",
        "police police police",
        "national centre 1234567",
        "West Midlands Police 1",
        "Avon and Somerset 2026",
    ],
)
def test_words_of_the_context_are_no_password(password: str) -> None:
    assert refusal(password) == "password_of_the_context"


def test_a_phrase_may_hold_such_a_word() -> None:
    assert refusal("the registry eats purple horses") == ""


def test_the_words_are_those_that_are_written_down() -> None:
    written = (ROOT / "docs" / "accounts.md").read_text(encoding="utf-8")
    [listed] = re.findall(
        r"Words of the context: (.*?), and every word of four letters or more", written, re.S
    )
    assert re.split(r",\s+", listed) == sorted(django_settings.PASSWORD_CONTEXT_WORDS)
    assert {"thames", "valley", "constabulary"} <= words()


@pytest.mark.parametrize("form", ["{}", "{}:17", "{}\r"])
def test_a_password_of_a_breach_is_refused(settings: Any, tmp_path: Path, form: str) -> None:
    known = [f"a leaked password number {number}" for number in range(2000)]
    hashes = sorted(hashlib.sha1(one.encode()).hexdigest().upper() for one in known)
    file = tmp_path / "breached.txt"
    file.write_text("".join(form.format(one) + "\n" for one in hashes), newline="")
    settings.BREACHED_PASSWORDS = str(file)
    assert {refusal(one) for one in known} == {"password_breached"}
    assert {refusal(f"{one} not") for one in known} == {""}


def test_a_file_of_breaches_that_is_not_there_is_no_silent_pass(settings: Any, tmp_path: Path) -> None:
    settings.BREACHED_PASSWORDS = str(tmp_path / "none.txt")
    with pytest.raises(FileNotFoundError):
        validate_password("quite another passphrase")


def test_fields_mask_and_let_managers_fill_them(registrar: Any, sign_in: Any) -> None:
    invitation = (ROOT / "templates" / "people" / "accept.html").read_text(encoding="utf-8")
    pages = [Client().get("/sign-in/"), sign_in(registrar).get("/account/password/")]
    fields = [
        field for page in pages for field in re.findall(r"<input[^>]*password[^>]*>", page.content.decode())
    ]
    assert len(fields) == 4
    for field in fields:
        assert 'type="password"' in field
        assert re.search(r'autocomplete="(current|new)-password"', field)
        assert not re.search(r"\b(on\w+|maxlength|readonly)=", field)
    scripts = [
        file.read_text(encoding="utf-8") for file in (ROOT / "centre" / "static" / "front").glob("*.js")
    ]
    assert not [one for one in (invitation, *scripts) if re.search(r"onpaste|[\"']paste[\"']", one)]
