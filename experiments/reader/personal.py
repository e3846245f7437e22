"""Columns that look like personal data. They are refused, and their values are never repeated."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from experiments.reader.problems import Problem

PERSON = (
    "officer|victim|suspect|offender|person|staff|witness|complainant|supervisor|nominal|detainee|subject|child|"
    "patient|customer|user|constable|sergeant|inspector|driver|owner|resident|caller"
)
# What a header may not say, after it is put into lower case with underscores. Names of places and things
# ("force_name", "beat_name") are no personal data and pass.
HEADERS = {
    "names": rf"names?|(full|first|last|middle|given|family|maiden|sur|fore|user)_?names?|nickname|initials"
    rf"|({PERSON})s?_names?",
    "dates of birth": r"(.+_)?(dob|d_o_b|date_?of_?birth|birth_?(date|day))(_.+)?",
    "postcodes or addresses": r"(.+_)?(post_?code|postal_?code|zip_?code|pcds?|address(es)?|uprn)(_line)?"
    r"(_?[0-9])?|street(_name)?|house_?(number|name)",
    "coordinates": r"(.+_)?(lat|lon|lng|latitude|longitude|easting|northing|grid_?ref(erence)?|osgr"
    r"|coord(inate)?|geom|geometry|wkt|what_?3_?words|[xy]_?coord)s?(_?[0-9]+)?|long",
    "e-mail addresses": r"(.+_)?e_?mails?(_address(es)?)?",
    "phone numbers": r"(.+_)?(phone|telephone|tel|mobile|contact)s?(_?(number|num|no))"
    r"|phone|telephone|tel|mobile",
    "personal numbers": r"(.+_)?(nino|ni_?(number|no)|national_?insurance(_?(number|no))?|nhs_?(number|no)"
    r"|pnc_?(id|number|no)?|cro_?(number|no)|passport(_?(number|no))?|custody_?(number|no|ref))",
    "collar or warrant numbers": r"(.+_)?(collar|shoulder|warrant|epaulette)_?(number|num|no|id)|collar",
    "crime references": r"(.+_)?crime_?(ref(erence)?(_?(number|no))?|number|no|id)",
    "number plates": r"(.+_)?(vrm|vrn|number_?plate|registration_?(plate|mark|number))",
}
HEADER_PATTERNS = {what: re.compile(pattern) for what, pattern in HEADERS.items()}

# What a value may not look like. One is enough where the form is unmistakable.
CERTAIN = {
    "e-mail addresses": r"^[^@\s,;]+@[^@\s,;]+\.[A-Za-z]{2,}$",
    "postcodes or addresses": r"(?i)^[A-Z]{1,2}[0-9][A-Z0-9]? [0-9][ABD-HJLNP-UW-Z]{2}$",
    "personal numbers": r"(?i)^[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] [0-9]{2} [0-9]{2} [0-9]{2} [A-D]$",
    "phone numbers": r"^(\+44 ?\(?0?\)?|0)(7[0-9]{3} ?[0-9]{3} ?[0-9]{3}"
    r"|[12][0-9]{1,3} [0-9]{3,4} ?[0-9]{3,4})$",
    "coordinates": r"^\(?-?[0-9]{1,2}\.[0-9]{3,}, ?-?[0-9]{1,3}\.[0-9]{3,}\)?$"
    r"|^[HNOST][A-Z] [0-9]{3,5} [0-9]{3,5}$",
    # The Police National Computer's: year, number, check letter.
    "personal numbers of the police": r"^(19|20)?[0-9]{2}/[0-9]{4,7}[A-Z]$",
    "crime references": r"(?i)^[0-9]{2}[A-Z]{0,2}/[0-9]{4,8}/[0-9]{2}$",
    "collar or warrant numbers": r"^(PC|PS|DC|DS|PCSO|Sgt)\.? [0-9]{3,6}$",
    "names": r"^(Mr|Mrs|Ms|Miss|Dr|PC|DC|PS|DS|Sgt|Insp|DI|PCSO)\.? [A-Z][a-z]+",
}
# Written without spaces these also fit many unit codes: only where most values of the column fit.
COMPACT = {
    "postcodes or addresses": r"(?i)^[A-Z]{1,2}[0-9][A-Z0-9]?[0-9][ABD-HJLNP-UW-Z]{2}$",
    "personal numbers": r"(?i)^[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][0-9]{6}[A-D]$",
}
MOST = 0.5


def header_problem(name: str) -> Problem | None:
    """Say what a header announces, if it announces personal data."""
    # "officerName" is two words, "DoB" is one: both readings are tried.
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    readings = {re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_") for words in (name, split)}
    for what, known in HEADER_PATTERNS.items():
        if any(known.fullmatch(reading) for reading in readings):
            return _problem(name, what)
    return None


def value_problem(name: str, values: pa.Array) -> Problem | None:
    """Say what the distinct values of a column of text look like, if they look like personal data."""
    for what, pattern in CERTAIN.items():
        if pc.any(pc.match_substring_regex(values, pattern)).as_py():
            return _problem(name, what)
    filled = len(values) - int(pc.sum(pc.equal(values, "")).as_py() or 0)
    for what, pattern in COMPACT.items():
        fitting = np.count_nonzero(pc.match_substring_regex(values, pattern).to_numpy(zero_copy_only=False))
        if filled and fitting > MOST * filled:
            return _problem(name, what)
    return None


def _problem(name: str, what: str) -> Problem:
    return Problem(
        None, name, f"Column '{name}' looks like personal data ({what}). Remove it and upload again"
    )
