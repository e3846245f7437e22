"""Personal data is refused by header and by value; [65] of the bad-input catalogue."""

from __future__ import annotations

import pytest

from experiments.reader import read_upload
from tests.unit.experiments.reader.refusals import SCHEMA, messages, problems


class TestPersonalData:
    """[65]: refused by header and by value; the values are not repeated."""

    @pytest.mark.parametrize(
        "header",
        [
            "name", "Officer Name", "victimName", "surname", "DoB", "date_of_birth", "suspect_dob",
            "postcode", "Post Code", "lat", "longitude", "easting", "home_address", "e-mail", "mobile",
            "phone_number", "NI number", "pnc_id", "collar_no", "warrant number", "crime_ref",
            "Crime Reference Number", "vrm",
        ],
    )  # fmt: skip
    def test_header(self, header: str) -> None:
        text = f"unit,week,calls,{header}\nsecretive,1,1,secretive\n"
        [message] = messages(text)
        assert message.startswith(f"Column '{header}' looks like personal data (")
        assert message.endswith("Remove it and upload again")
        assert "secretive" not in message

    @pytest.mark.parametrize(
        "header",
        [
            "force", "force_name", "beat_name", "street_robbery", "emails_sent", "search_warrants",
            "long_term_sick", "birth_year", "mobile_patrol_hours", "latency", "crime_count",
            "phones_seized", "telematics", "ethnicity", "appointed", "contact_hours", "platform",
            "renamed",
        ],
    )  # fmt: skip
    def test_headers_that_only_sound_alike(self, header: str) -> None:
        read_upload(f"unit,week,calls,{header}\na,1,1,1\n".encode(), SCHEMA)

    @pytest.mark.parametrize(
        "value",
        [
            "jo.bloggs@example.police.uk", "SW1A 1AA", "m1 1ae", "AB 12 34 56 C", "07700 900123",
            "+44 7700 900123", "020 7946 0018", '"51.50740, -0.12780"', "TQ 30010 80447", "PC Bloggs",
            "Mrs Bloggs", "2008/1234567X", "99/123456X", "42/123456/24", "01CA/12345/26", "PC 1234", "Sgt. 445",
        ],
    )  # fmt: skip
    def test_value(self, value: str) -> None:
        for column in ("unit", "note"):
            row = {"unit": "a", "note": "b", column: value}
            text = f"unit,week,calls,note\n{row['unit']},1,1,{row['note']}\n"
            [problem] = problems(text)
            assert (problem.line, problem.column) == (None, column)
            assert value.strip('"') not in problem.message

    @pytest.mark.parametrize(
        "value", ["SE1", "PC12", "CPP-2026-0001", "2026/11", "11/2026", "12/26A", "Ward 1234"]
    )
    def test_codes_that_only_look_alike(self, value: str) -> None:
        read_upload(f"unit,week,calls\n{value},1,1\n".encode(), SCHEMA)

    def test_unit_codes_that_look_like_a_postcode_without_its_space(self) -> None:
        read_upload(b"unit,week,calls\nW12AB,1,1\nW-17,1,1\nW-18,1,1\n", SCHEMA)
        [message] = messages("unit,week,calls\nW12AB,1,1\nSW1A1AA,1,1\nW-18,1,1\n")
        assert "postcodes" in message
