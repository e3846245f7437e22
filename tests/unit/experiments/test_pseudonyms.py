"""Pseudonyms: a code that others can check, of a key that each trial has for itself."""

import hashlib
import hmac

import pytest

from experiments.pseudonyms import SHORTEST, BadSecret, key_id, pseudonym, trial_key

SECRET = "s" * SHORTEST


def test_a_published_vector() -> None:
    # RFC 4231, test case 5: HMAC-SHA-256, truncated to 128 bits.
    assert pseudonym(b"\x0c" * 20, "Test With Truncation") == "a3b6167473100ee06e0c796c2955552b"


def test_keys_are_made_of_the_secret_as_the_page_says() -> None:
    message = b"pseudonyms of a trial\n0b0f2c9e-1111-4222-8333-444455556666"
    assert trial_key(SECRET, "0b0f2c9e-1111-4222-8333-444455556666") == hmac.digest(
        SECRET.encode(), message, "sha256"
    )


def test_a_unit_has_another_name_in_each_trial_and_under_each_secret() -> None:
    keys = [trial_key(SECRET, "one"), trial_key(SECRET, "two"), trial_key("t" * SHORTEST, "one")]
    assert len({pseudonym(key, "HS-014") for key in keys}) == len({key_id(key) for key in keys}) == 3
    assert key_id(keys[0]) not in (keys[0].hex()[:16], hashlib.sha256(keys[0]).hexdigest()[:16])


def test_units_that_look_alike_differ() -> None:
    key = trial_key(SECRET, "one")
    assert len({pseudonym(key, unit) for unit in ("7", "007", "7 ", "É", "E\u0301")}) == 5


def test_a_short_secret_is_none() -> None:
    with pytest.raises(BadSecret, match="at least 50"):
        trial_key(SECRET[1:], "one")
