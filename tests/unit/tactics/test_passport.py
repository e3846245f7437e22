"""A passport: the same bytes for the same content, and one changed byte makes it false."""

import asyncio
import base64
import json
import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from centre import signing
from centre.canonical import canonical_json
from tactics.passport import Key, open_sealed, sealed
from tactics.passport.pdf import render
from tactics.passport.pdf_seal import open_pdf, signed_pdf

SECRET = "a secret of the tests that is long enough to be one, and no other"
KEY = signing.private_key(SECRET)
CERTIFICATE = signing.certificate(KEY, "The tests")
PUBLIC = Key(signing.public_bytes(KEY), CERTIFICATE)
KEYS = {PUBLIC.id: PUBLIC}
OTHER = signing.private_key(SECRET[::-1])


def document(**changes: Any) -> dict[str, Any]:
    """Return the smallest document that has every part."""
    base: dict[str, Any] = {
        "issued_on": "2026-11-27",
        "is_simulated": True,
        "live_page": "https://registry.example/tactics/x/",
        "rating_page": "https://registry.example/ratings/1/",
        "keys_page": "https://registry.example/passport-keys/",
        "key_id": PUBLIC.id,
        "tactic": {"name": "Visits <after> a burglary & “more”", "summary": "Łódź, 漢字, 5 %"},
        "rating": {
            "label_name": "Promising",
            "outcome_name": "Burglary of homes",
            "headline": "One trial found that it reduces burglary of homes.",
            "strength": 3,
            "strength_words": "moderate",
            "rules_version": "RULES-1.0",
            "published_on": "2026-11-01",
            "signed_by": ["A", "B"],
            "trace": [{"rule": "ST", "text": "Start at 5"}],
            "trace_sha256": "0" * 64,
        },
        "effect": {
            "in_words": "16% lower",
            "frequencies": None,
            "new_place": None,
            "caution": "One trial.",
            "method": "The trial",
            "inputs_sha256": None,
        },
        "evidence": [
            {
                "study": "Trial 1",
                "is_simulated": True,
                "effect": "16% lower",
                "security": 4,
                "is_pooled": True,
                "not_pooled_because": None,
                "trial_number": "CPP-2026-0001-5",
                "citation": None,
                "forces": ["Testshire"],
                "sha256": "1" * 64,
            }
        ],
        "possible_harms": "None that is known.",
        "quality": [{"part": "mechanism", "words": "Written, not scored yet"}],
        "harms": [],
        "other_outcomes": [],
        "cost": {
            "band": None,
            "stated": [],
            "appraisals": [],
            "hours_per_100_incidents": None,
            "hours_basis": None,
        },
        "not_known": ["What it costs in pounds: nobody has stated it"],
    }
    return {**base, **changes}


@pytest.fixture(scope="module")
def pdf() -> bytes:
    drawn = render(document(), sha256="2" * 64)
    return signed_pdf(drawn, KEY, CERTIFICATE, by="The tests", reason="A test")


def flipped(raw: bytes, draws: random.Random) -> bytes:
    """Return the bytes with one of them changed, lost or added."""
    at = draws.randrange(len(raw))
    kind = draws.randrange(10)
    if kind == 0:
        return raw[:at] + raw[at + 1 :]
    if kind == 1:
        return raw[:at] + bytes([draws.randrange(256)]) + raw[at:]
    return raw[:at] + bytes([raw[at] ^ draws.randrange(1, 256)]) + raw[at + 1 :]


# --- the data ------------------------------------------------------------------------------------------


def test_the_same_content_has_the_same_bytes_and_holds() -> None:
    raw = sealed(document(), KEY)
    again = sealed(dict(reversed(document().items())), KEY)
    found = open_sealed(raw, KEYS)

    assert raw == again
    assert found.holds
    assert found.document == json.loads(raw)["passport"]


def test_a_stranger_checks_it_with_a_few_lines() -> None:
    # What the page of the keys says: Ed25519 over the canonical form of the part “passport”.
    parts = json.loads(sealed(document(), KEY))
    message = canonical_json(parts["passport"])
    public = KEY.public_key()

    public.verify(base64.b64decode(parts["signature"]["value"]), message)


def test_two_hundred_tamperings_of_the_data_fail() -> None:
    raw, draws = sealed(document(), KEY), random.Random(200)
    changed = [one for _ in range(200) if (one := flipped(raw, draws)) != raw]

    assert len(changed) >= 195
    assert [one for one in changed if open_sealed(one, KEYS).holds] == []


@pytest.mark.parametrize("extra", [b" ", b"\n", b"\x00", b"{}"])
def test_what_is_added_to_the_data_fails(extra: bytes) -> None:
    assert not open_sealed(sealed(document(), KEY) + extra, KEYS).holds


def test_re_saved_data_fail_and_say_why() -> None:
    pretty = json.dumps(json.loads(sealed(document(), KEY)), indent=2).encode()
    assert "not as it was written" in open_sealed(pretty, KEYS).why


def test_another_key_is_named_as_such() -> None:
    assert "not published" in open_sealed(sealed(document(), OTHER), KEYS).why


def test_a_key_id_that_was_put_over_a_strangers_signature_fails() -> None:
    parts = json.loads(sealed(document(), OTHER))
    parts["signature"]["key_id"] = PUBLIC.id
    assert "does not belong" in open_sealed(canonical_json(parts), KEYS).why


@pytest.mark.parametrize(
    "raw",
    [b"", b"[]", b"{}", b"\xff", b"1", b"[" * 100_000, b'{"passport":1,"signature":2}', b"x" * 6_000_000],
)
def test_what_is_no_passport_is_said_to_be_none(raw: bytes) -> None:
    assert "no passport" in open_sealed(raw, KEYS).why


# --- the PDF -------------------------------------------------------------------------------------------


def test_the_same_document_is_drawn_alike() -> None:
    assert render(document(), sha256="2" * 64) == render(document(), sha256="2" * 64)


def test_the_pdf_has_title_language_text_and_nothing_from_outside(pdf: bytes) -> None:
    import io

    from pyhanko.pdf_utils.reader import PdfFileReader

    reader = PdfFileReader(io.BytesIO(pdf))
    assert str(reader.root["/Lang"]) == "en-GB"
    assert bool(reader.root["/ViewerPreferences"]["/DisplayDocTitle"])
    assert str(reader.trailer["/Info"]["/Title"]).startswith("Evidence passport: Visits <after> a burglary")
    assert b"/URI" not in pdf
    assert b"/JavaScript" not in pdf
    assert b"/FontFile2" in pdf  # the font lies in the file


def test_the_signed_pdf_holds(pdf: bytes) -> None:
    found = open_pdf(pdf, KEYS)
    assert found.holds, found.why
    assert found.key_id == PUBLIC.id


@pytest.mark.slow
def test_two_hundred_tamperings_of_the_pdf_fail(pdf: bytes) -> None:
    draws = random.Random(201)
    changed = [one for _ in range(200) if (one := flipped(pdf, draws)) != pdf]

    assert len(changed) >= 195
    assert [one for one in changed if open_pdf(one, KEYS).holds] == []


@pytest.mark.slow
def test_no_byte_of_the_signatures_own_field_is_free(pdf: bytes) -> None:
    # The signature does not cover its own field: there every byte is held by other means.
    start = pdf.index(b"/Contents <") + len(b"/Contents ")
    end = pdf.index(b">", start) + 1
    places = [*range(start, start + 40), *range(end - 20, end), *range(start, end, 29)]

    held = [at for at in places if open_pdf(pdf[:at] + bytes([pdf[at] ^ 0x20]) + pdf[at + 1 :], KEYS).holds]
    assert held == []


@pytest.mark.parametrize("extra", [b" ", b"\n", b"%%EOF\n"])
def test_what_is_added_to_the_pdf_fails(pdf: bytes, extra: bytes) -> None:
    assert not open_pdf(pdf + extra, KEYS).holds


def test_a_pdf_of_another_key_and_an_unsigned_one_fail() -> None:
    drawn = render(document(), sha256="2" * 64)
    strange = signed_pdf(drawn, OTHER, signing.certificate(OTHER, "The tests"), by="X", reason="Y")

    assert "not published" in open_pdf(strange, KEYS).why
    assert "no passport" in open_pdf(drawn, KEYS).why
    assert "no passport" in open_pdf(b"%PDF-1.4 and no more", KEYS).why


def test_a_second_signature_on_top_fails(pdf: bytes) -> None:
    from pyhanko.sign.general import SigningError

    try:
        twice = signed_pdf(pdf, OTHER, signing.certificate(OTHER, "Z"), by="X", reason="Y")
    except SigningError:
        return  # there is one field, and it is filled
    assert not open_pdf(twice, KEYS).holds


# --- the key -------------------------------------------------------------------------------------------


def test_a_secret_makes_one_key_and_one_certificate() -> None:
    assert signing.public_bytes(signing.private_key(SECRET)) == PUBLIC.public
    assert signing.certificate(KEY, "The tests") == CERTIFICATE
    assert signing.key_id(PUBLIC.public) == signing.fingerprint(PUBLIC.public)[:16]
    with pytest.raises(signing.BadSecret):
        signing.private_key("short")


@pytest.mark.parametrize("value", ["", "!", "AAAA", base64.b64encode(b"\x00" * 64).decode()])
def test_what_is_no_signature_does_not_hold(value: str) -> None:
    assert not signing.holds(PUBLIC.public, b"message", value)


def test_it_is_signed_and_checked_where_an_event_loop_runs(pdf: bytes) -> None:
    async def within_a_loop() -> bool:
        made = signed_pdf(
            render(document(), sha256="3" * 64), KEY, CERTIFICATE, by="The tests", reason="A test"
        )
        return open_pdf(made, KEYS).holds and open_pdf(pdf, KEYS).holds

    # In a thread of its own: a browser test in the same process leaves its loop running in this one.
    with ThreadPoolExecutor(max_workers=1) as pool:
        assert pool.submit(asyncio.run, within_a_loop()).result()
