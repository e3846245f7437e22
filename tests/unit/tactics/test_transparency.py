"""The fields of the transparency standard, what an answer may be, and the document that comes of it."""

import pytest

from centre.errors import Invalid
from tactics.transparency import STANDARDS, cleaned, differences, document, groups, missing, typed

V3, V4 = STANDARDS["3.0"], STANDARDS["4.0"]


def test_version_3_has_its_65_fields_by_ref() -> None:
    assert len(V3.fields) == len(V3.by_ref) == 65
    assert V3.by_ref["0.1"].attribute == "id"
    assert V3.by_ref["0.10"].attribute == "date_archived"
    assert [field.ref for field in V3.fields if field.attribute == "phase"] == ["0.13", "2.4.1.2"]
    assert [section.title for section in V3.sections][:3] == [
        "Metadata",
        "Title Information",
        "Tier 1 Information",
    ]
    assert not any(field.is_ours for field in V3.fields)
    assert not any("\\*" in field.prompt or "\r" in field.prompt for field in V3.fields)


def test_version_4_is_version_3_with_the_changes_of_its_log() -> None:
    attributes = {field.attribute for field in V4.fields}
    titles = [section.title for section in V4.sections]
    assert (
        not {"id", "standard_version", "organisation_type", "function", "capability", "task", "tags"}
        & attributes
    )
    assert (
        not {"date_of_completion", "date_updated", "date_archived", "scope", "provided_information"}
        & attributes
    )
    assert not any("external" in field.attribute or "External" in field.name for field in V4.fields)
    assert "Deployment Context" in titles
    assert "Decision-making Process" not in titles
    assert titles.index("Development Data") + 1 == titles.index("Operational Data")
    assert "Data Specification" not in titles
    names = {field.name for field in V4.fields}
    assert {"Integration into broader operational process", "Human review"} <= names
    assert {"System-level input", "System-level output"} <= names
    assert [field.ref for field in V4.fields if field.attribute == "phase"] == ["0.13"]
    assert len({field.key for field in V4.fields}) == len(V4.fields)


def test_what_version_4_does_not_share_with_version_3_is_marked_as_ours() -> None:
    for field in V4.fields:
        old = V3.by_ref.get(field.ref)
        same = old is not None and (old.name, old.prompt, old.section, old.attribute, old.is_required) == (
            field.name,
            field.prompt,
            field.section,
            field.attribute,
            field.is_required,
        )
        assert field.is_ours != same, field.ref


def test_an_answer_is_a_text_or_a_reason_why_there_is_none() -> None:
    field = V4.by_ref["2.2.4"]
    assert cleaned(field, "  People read each page.\r\n ") == {"value": "People read each page."}
    assert cleaned(field, " \u200b ") == {}
    said = "Not applicable because nobody did this before."
    assert cleaned(field, said) == {"not_applicable": "nobody did this before."}
    assert typed(cleaned(field, said)) == said
    assert cleaned(field, "N/A because: there was no process") == {"not_applicable": "there was no process"}
    assert cleaned(field, "Not applicable rules were dropped") == {
        "value": "Not applicable rules were dropped"
    }


@pytest.mark.parametrize(
    ("ref", "said", "message"),
    [
        ("2.2.4", "Not applicable", "say why it does not apply: “Not applicable because …”"),
        ("2.2.4", "n/a.", "say why it does not apply"),
        ("2.2.4", "Not applicable because no", "say why it does not apply"),
        ("2.2.4", "Call 07700 900123", "This looks like personal data: remove a phone number"),
        ("2.2.4", "Not applicable because J. Smith, a@b.example, said so", "remove an e-mail address"),
        ("2.2.4", "x" * 10_001, "Previous process must be 10,000 characters or fewer"),
        ("0.11", "two\nlines", "Title must be on one line"),
        ("1.3", "ftp://a.example", "Enter a web address that begins with https://"),
        ("1.4", "the data team", "Enter the e-mail address of a team"),
        ("0.13", "Pilot/beta", "Version 4.0 has no “Pilot/beta”"),
    ],
)
def test_each_bad_answer_has_its_message(ref: str, said: str, message: str) -> None:
    field = V4.by_ref[ref]
    with pytest.raises(Invalid) as refused:
        cleaned(field, said)
    assert message in refused.value.message
    assert [problem.pointer for problem in refused.value.problems] == [field.key]


def test_dates_and_numbers_of_version_3() -> None:
    assert cleaned(V3.by_ref["0.8"], "2026-11-27") == {"value": "2026-11-27"}
    for ref, said in (("0.8", "27/11/2026"), ("0.1", "seven")):
        with pytest.raises(Invalid):
            cleaned(V3.by_ref[ref], said)
    assert cleaned(V3.by_ref["0.13"], "Pilot/beta") == {"value": "Pilot/beta"}


def test_missing_counts_required_fields_alone() -> None:
    required = [field for field in V4.fields if field.is_required]
    assert len(missing(V4, {})) == len(required) < len(V4.fields)
    assert missing(V4, {field.ref: {"not_applicable": "a good reason"} for field in required}) == []


def test_a_document_holds_every_field_and_compares_across_versions() -> None:
    answers = {"0.11": {"value": "Tool"}, "2.2.2": {"value": "Scope text"}, "new.1": {"value": "Files"}}
    old, new = document(V3, answers), document(V4, {**answers, "0.11": {"value": "Tool 2"}})
    assert (len(old["fields"]), len(new["fields"])) == (65, len(V4.fields))
    assert old["standard_version"] == "3.0"
    assert {row["ref"]: row for row in new["fields"]}["new.1"]["attribute"] == "system_level_input"
    assert [(one["name"], one["before"], one["after"]) for one in differences(old, new)] == [
        ("Title", "Tool", "Tool 2"),
        ("System-level input", "No field of version 3.0", "Files"),
        ("Scope", "Scope text", "No field of version 4.0"),
    ]
    assert differences(new, new) == []
    assert [title for title, _ in groups(new)] == [section.title for section in V4.sections]
