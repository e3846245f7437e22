"""A passport to print: drawn from the same document as the data, with selectable text and nothing from outside."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import reportlab
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from tactics.money import PAYERS

Json = Mapping[str, Any]
PLAIN, BOLD = (
    "Vera",
    "VeraBd",
)  # Bitstream Vera, which ReportLab brings: embedded, so that it looks alike everywhere
UNKNOWN = "Not known"
_FONTS = Path(reportlab.__file__).parent / "fonts"


def _style(name: str, size: int, font: str = PLAIN, before: int = 0) -> ParagraphStyle:
    return ParagraphStyle(
        name, fontName=font, fontSize=size, leading=size * 1.35, spaceBefore=before, spaceAfter=4
    )


BODY, SMALL = _style("body", 10), _style("small", 8)
TITLE, HEAD = _style("title", 20, BOLD), _style("head", 13, BOLD, before=10)
LARGE = _style("large", 12)


def render(document: Json, *, sha256: str) -> bytes:
    """Return the PDF of a passport, unsigned. The same document gives the same bytes.

    Parameters
    ----------
    document : the passport.
    sha256 : of its JSON file, which the PDF names.
    """
    for name in (PLAIN, BOLD):
        if name not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(name, str(_FONTS / f"{name}.ttf")))
    target = io.BytesIO()
    title = f"Evidence passport: {document['tactic']['name']}, {document['issued_on']}"
    page = SimpleDocTemplate(
        target,
        pagesize=A4,
        title=_shown(title),
        author="Tactic Registry",
        subject="A tactic as rated on a date",
        lang="en-GB",
        invariant=1,
        leftMargin=20 * mm,
        rightMargin=20 * mm,
        topMargin=18 * mm,
        bottomMargin=20 * mm,
    )

    def foot(canvas: Any, _: Any) -> None:
        canvas.setViewerPreference("DisplayDocTitle", "true")
        canvas.setFont(PLAIN, 7)
        simulated = "SIMULATED: no evidence. " if document["is_simulated"] else ""
        canvas.drawString(
            20 * mm, 12 * mm, _shown(f"{simulated}{title}. Page {canvas.getPageNumber()}")[:130]
        )

    page.build(_story(document, sha256), onFirstPage=foot, onLaterPages=foot)
    return target.getvalue()


def _shown(text: str) -> str:
    """Return the text with a question mark for what the font has no shape for: the JSON has it in full."""
    known = pdfmetrics.getFont(PLAIN).face.charToGlyph
    return "".join(letter if ord(letter) in known or letter == "\n" else "?" for letter in text)


def _text(text: Any, style: ParagraphStyle = BODY) -> Paragraph:
    return Paragraph(escape(_shown(UNKNOWN if text in (None, "") else str(text))), style)


def _facts(rows: Sequence[tuple[str, Any]]) -> Table:
    table = Table(
        [[_text(name, _style("key", 10, BOLD)), _text(value)] for name, value in rows],
        colWidths=[48 * mm, 122 * mm],
    )
    table.setStyle(
        TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("LINEBELOW", (0, 0), (-1, -1), 0.4, colors.grey)])
    )
    return table


def _list(lines: Sequence[str], empty: str) -> list[Any]:
    return [_text(f"• {line}") for line in lines] or [_text(empty)]


def _story(document: Json, sha256: str) -> list[Any]:
    tactic, rating, effect, cost = (document[name] for name in ("tactic", "rating", "effect", "cost"))
    warning = "SIMULATED. Everything here is invented to show how the registry works. It is no evidence."
    return [
        _text("Evidence passport", SMALL),
        _text(tactic["name"], TITLE),
        *([_text(warning, LARGE)] if document["is_simulated"] else []),
        _text(tactic["summary"]),
        _text(f"{rating['label_name']} for {rating['outcome_name']}", HEAD),
        _text(rating["headline"], LARGE),
        _facts(
            [
                ("Issued on", document["issued_on"]),
                ("Strength of evidence", f"{rating['strength']} of 5, {rating['strength_words']}"),
                ("Effect", effect["in_words"]),
                ("In 100 cases", effect["frequencies"]),
                ("In a new place", effect["new_place"]),
                ("Keep in mind", effect["caution"] or "–"),
                ("Method", effect["method"]),
                ("Rated by", f"{rating['rules_version']}, published {rating['published_on'] or UNKNOWN}"),
                ("Rating signed by", ", ".join(rating["signed_by"]) or "Nobody: this label claims nothing"),
            ]
        ),
        _text("The trials", HEAD),
        *_trials(document["evidence"]),
        _text("Harms and other outcomes", HEAD),
        *_list(
            [_outcome(one) for one in (*document["harms"], *document["other_outcomes"])],
            "No other outcome has been rated.",
        ),
        *([_text(document["possible_harms"])] if document["possible_harms"] else []),
        _text("Cost", HEAD),
        _facts(_cost(cost)),
        _text("How well the page is founded", HEAD),
        *_list([f"{one['part'].capitalize()}: {one['words']}" for one in document["quality"]], UNKNOWN),
        _text("What is not known", HEAD),
        *_list(document["not_known"], "Nothing that a passport asks about."),
        _text("How the rating came about", HEAD),
        *_list([_step(step) for step in rating["trace"]], "No rule was needed."),
        _text("How to check this", HEAD),
        _facts(
            [
                ("Live page", document["live_page"]),
                ("This rating", document["rating_page"]),
                ("Keys", f"{document['keys_page']} (key {document['key_id']})"),
                ("The same as data", f"JSON with SHA-256 {sha256}"),
                ("Trace", f"SHA-256 {rating['trace_sha256']}"),
                (
                    "Pooled numbers",
                    f"SHA-256 {effect['inputs_sha256']}" if effect["inputs_sha256"] else UNKNOWN,
                ),
            ]
        ),
        Spacer(1, 4 * mm),
        _text("A newer rating may exist: the live page says so.", SMALL),
    ]


def _trials(evidence: Sequence[Json]) -> list[Any]:
    if not evidence:
        return [_text("No trial stands behind this rating.")]
    lines: list[Any] = []
    for one in evidence:
        simulated = " (simulated)" if one["is_simulated"] else ""
        security = UNKNOWN if one["security"] is None else f"{one['security']} of 5"
        pooled = "pooled" if one["is_pooled"] else f"not pooled: {one['not_pooled_because'] or UNKNOWN}"
        where = one["trial_number"] or one["citation"] or UNKNOWN
        lines.append(_text(f"• {one['study']}{simulated}: {one['effect']}. Security {security}; {pooled}."))
        lines.append(_text(f"{where}. {', '.join(one['forces']) or UNKNOWN}. SHA-256 {one['sha256']}", SMALL))
    return lines


def _outcome(one: Json) -> str:
    effect = f": {one['effect']}" if one["effect"] else ""
    return f"{one['outcome_name']}: {one['label_name']}, strength {one['strength']} of 5{effect}"


def _cost(cost: Json) -> list[tuple[str, Any]]:
    hours = cost["hours_per_100_incidents"]
    spent = None if hours is None else f"{abs(hours):g} hours {'saved' if hours > 0 else 'spent'}"
    stated = "; ".join(
        f"{PAYERS[line['payer']]}: set-up £{line['set_up'][1]:,.0f}, each year £{line['per_year'][1]:,.0f}"
        f" for {line['incidents']:,.0f} incidents, prices of {line['price_year']} ({line['source']})"
        for line in cost["stated"]
    )
    places = {"new": "A new place", "average": "The average place"}
    worth = " ".join(f"{places[one['place']]}: {one['headline']}" for one in cost["appraisals"])
    return [
        ("Cost band", cost["band"]),
        ("In pounds", stated),
        ("Is it worth it?", worth),
        ("Officer time for 100 incidents", f"{spent} ({cost['hours_basis']})" if spent else None),
    ]


def _step(step: Json) -> str:
    return f"{step['rule']}: {step['text']}"
