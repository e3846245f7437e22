"""What may be answered to one field, and what is still missing. Pure."""

import re
from collections.abc import Mapping
from datetime import date

from centre.errors import Invalid, Problem
from centre.text import clean_text, personal_detail
from tactics.transparency.standard import Field, Standard

LONG, SHORT = 10_000, 300
NOT_APPLICABLE = "Not applicable because"
SAY_WHY = f"Say why it does not apply: “{NOT_APPLICABLE} …”"

Answer = Mapping[str, str]
Answers = Mapping[str, Answer]  # by ref: {"value": text} or {"not_applicable": reason}

_APPLIES_NOT = re.compile(r"(?:not applicable|n/?a)\b[\s.:,-]*(?P<because>because\b)?[\s.:,-]*", re.I)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_ADDRESS = re.compile(r"https?://[^\s/]+\.[^\s]+")
_SHORTEST_REASON = 10


def cleaned(field: Field, said: str) -> dict[str, str]:
    """Return the answer to one field: its text, or why it does not apply. Empty where nothing was said.

    Raises
    ------
    Invalid : it breaks the field's rule; the problem names the field.
    """
    try:
        found = clean_text(
            said, label=field.name, maximum=SHORT if field.is_short else LONG, multiline=not field.is_short
        )
    except Invalid as refusal:
        raise Invalid.field(field.key, refusal.message) from None
    if not found:
        return {}
    begins = _APPLIES_NOT.match(found)
    if begins and (begins["because"] or begins.end() == len(found)):
        return _not_applicable(field, found[begins.end() :])
    if message := _problem(field, found):
        raise Invalid.field(field.key, message)
    return {"value": found}


def _not_applicable(field: Field, reason: str) -> dict[str, str]:
    if len(reason) < _SHORTEST_REASON:
        raise Invalid.field(field.key, f"{field.name}: {SAY_WHY[0].lower()}{SAY_WHY[1:]}")
    if detail := personal_detail(reason):
        raise Invalid.field(field.key, f"This looks like personal data: remove {detail}")
    return {"not_applicable": reason}


def _problem(field: Field, found: str) -> str:
    """Return what is wrong with a text; empty where nothing is."""
    if field.attribute == "contact_email":  # the standard asks for the address of a team
        return (
            ""
            if _EMAIL.fullmatch(found)
            else "Enter the e-mail address of a team, such as data@force.example"
        )
    if field.attribute == "website_url" and not _ADDRESS.fullmatch(found):
        return "Enter a web address that begins with https://"
    if field.attribute == "phase" and field.is_ours and found.casefold() in ("pilot/beta", "pilot"):
        return "Version 4.0 has no “Pilot/beta”: write “Private beta” or “Public beta”"
    if field.kind == "integer" and not (found.isascii() and found.isdigit()):
        return f"{field.name} must be a whole number"
    if field.kind == "date" and not _is_date(found):
        return f"{field.name} must be a date such as 2026-11-27"
    detail = personal_detail(found)
    return f"This looks like personal data: remove {detail}" if detail else ""


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def typed(answer: Answer | None) -> str:
    """Return an answer as it is written in its box."""
    if not answer:
        return ""
    reason = answer.get("not_applicable")
    return f"{NOT_APPLICABLE} {reason}" if reason else answer["value"]


def missing(standard: Standard, answers: Answers) -> list[Problem]:
    """Return the required fields that have no answer yet."""
    return [
        Problem(field.key, f"Fill in “{field.name}”, or say why it does not apply")
        for field in standard.fields
        if field.is_required and not answers.get(field.ref)
    ]
