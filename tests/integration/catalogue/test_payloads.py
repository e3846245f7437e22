"""[6] [7] [8] [58] Sixty texts that would run if taken for more than text, through every way out (goal S9)."""

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.urls import reverse
from pyhanko.pdf_utils.reader import PdfFileReader

from centre import drawing, feeds
from centre.api.csv import write
from centre.spreadsheets import FORMULA_STARTS
from tactics.models import Tactic
from tactics.passport.pdf import render
from tests.integration.catalogue.payloads import PAYLOADS
from tests.integration.tactics.library import candidate, found, published, signed
from tests.permissions.asking import routes
from tests.unit.tactics.test_passport import document

EVERYTHING = "\n\n".join(PAYLOADS)
SCHEMES = ("javascript:", "vbscript:", "data:")
NEVER = {"iframe", "object", "embed", "base", "foreignobject", "marquee", "audio", "video", "math", "animate"}


class Reader(HTMLParser):
    """Reads a page as a browser would, and notes what in it could run, load or lead away."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.dangers: list[str] = []
        self.words: list[str] = []
        self.data_kind = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: (value or "") for name, value in attrs}
        is_own = said.get("src", "").startswith("/static/")
        self.data_kind = said.get("type", "") if tag == "script" and not is_own else ""
        if (
            tag == "script"
            and not is_own
            and self.data_kind not in ("application/ld+json", "application/json")
        ):
            self.dangers.append(f"script {said}")
        if tag in NEVER or (tag == "meta" and "http-equiv" in said):
            self.dangers.append(tag)
        self.dangers += [
            f"{tag} {name}" for name in said if name.startswith("on") or name in ("style", "srcdoc")
        ]
        for name in ("href", "src", "action", "formaction", "xlink:href"):
            goal = re.sub(r"\s", "", said.get(name, "")).lower()
            is_picture = tag == "img" and goal.startswith(
                "data:image/"
            )  # in which nothing runs: a code to scan
            if (goal.startswith(SCHEMES) and not is_picture) or "evil.example" in urlsplit(goal).netloc:
                self.dangers.append(f"{tag} {name} {goal}")
        self.words += [value for name, value in said.items() if name in ("value", "content", "title")]

    def handle_data(self, data: str) -> None:
        if self.data_kind:
            json.loads(data)  # what stands in it is data to the end: nothing has closed it early
            self.data_kind = ""
        self.words.append(data)


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader


def shown(reader: Reader) -> set[str]:
    """Return which of the texts the page shows, letter for letter."""
    text = "\x00".join(reader.words)
    return {one for one in PAYLOADS if one in text}


@pytest.fixture
def written(cast: SimpleNamespace) -> Tactic:
    """A rated tactic whose long texts hold every payload, and sixty more, each named by one."""
    tactic = published(
        cast.registrar,
        problem_text=EVERYTHING,
        mechanism=EVERYTHING,
        implementation=EVERYTHING,
        moderators=EVERYTHING,
        contact=PAYLOADS[0],
    )
    found(tactic, cast.publisher)
    signed(candidate(tactic), cast.reviewer, cast.second_reviewer)
    fields = [one.name for one in Tactic._meta.concrete_fields if not one.primary_key and not one.unique]
    Tactic.objects.bulk_create(
        Tactic(
            **{name: getattr(tactic, name) for name in fields} | {"name": text, "summary": text},
            slug=f"payload-{place}",
        )
        for place, text in enumerate(PAYLOADS)
    )
    return tactic


@pytest.mark.django_db
def test_no_page_of_the_library_runs_what_was_written(cast: Any, sign_in: Any, written: Tactic) -> None:
    client = sign_in(cast.registrar)
    looked, seen = 0, set()
    for name, pattern in routes():
        if set(pattern.pattern.converters) - {"slug"} or name.startswith(("api-", "sign-")):
            continue
        answer = client.get(
            reverse(name, kwargs={"slug": written.slug} if pattern.pattern.converters else {})
        )
        if answer.status_code != 200 or not answer["Content-Type"].startswith("text/html"):
            continue
        reader = read(answer.content.decode())
        assert reader.dangers == [], name
        looked, seen = looked + 1, seen | shown(reader)
    for page in range(1, 5):
        reader = read(client.get(reverse("tactic-list"), {"page": page, "q": "7331"}).content.decode())
        assert reader.dangers == []
        seen |= shown(reader)
    assert looked > 25
    assert seen == set(PAYLOADS)


@pytest.mark.django_db
def test_what_was_typed_comes_back_as_typed_and_inert(cast: Any, sign_in: Any, db: None) -> None:
    client = sign_in(cast.registrar)
    for text in PAYLOADS[::6]:
        for page in (
            client.get(reverse("tactic-list"), {"q": text}),
            client.post(reverse("tactic-propose"), {"name": text}),
        ):
            reader = read(page.content.decode())
            assert reader.dangers == []
            assert shown(reader) >= {text}


@pytest.mark.django_db
def test_the_api_says_it_as_data(client: Any, written: Tactic) -> None:
    as_json = client.get("/api/v1/tactics/?page_size=200")
    assert as_json["Content-Type"] == "application/json"
    assert {row["name"] for row in as_json.json()["results"]} >= set(PAYLOADS)
    as_csv = client.get("/api/v1/tactics/?page_size=200&format=csv").content.decode()
    cells = {cell for row in csv.reader(io.StringIO(as_csv, newline="")) for cell in row}
    assert not [cell for cell in cells if cell.startswith(FORMULA_STARTS) and not is_number(cell)]
    assert {cell.removeprefix("'") for cell in cells if "7331" in cell} >= {
        text.removeprefix("'") for text in PAYLOADS
    }


def is_number(cell: str) -> bool:
    return bool(re.fullmatch(r"-?\d+(\.\d+)?(e[-+]?\d+)?", cell))


def test_a_table_gives_back_what_was_put_in_and_no_cell_runs() -> None:
    table = write(["text"], [{"text": text} for text in PAYLOADS], header=False).decode()
    rows = [row[0] for row in csv.reader(io.StringIO(table, newline=""))]
    assert len(rows) == len(PAYLOADS)
    for text, cell in zip(PAYLOADS, rows, strict=True):
        assert not cell.startswith(FORMULA_STARTS)
        assert cell in (text, f"'{text}")


def test_a_feed_says_it_as_words() -> None:
    items = [
        feeds.Item(
            f"urn:{place}", feeds._BEFORE_ALL, text, f"https://registry.example/{place}/", text, (text,)
        )
        for place, text in enumerate(PAYLOADS)
    ]
    root = ET.fromstring(
        feeds.atom(title=PAYLOADS[0], home="https://x/", address="https://x/f/", items=items)
    )
    atom = "{http://www.w3.org/2005/Atom}"
    entries = root.findall(f"{atom}entry")
    assert [entry.findtext(f"{atom}title") for entry in entries] == list(PAYLOADS)
    known = {
        f"{atom}{name}" for name in ("id", "title", "link", "updated", "published", "summary", "category")
    }
    for text, entry in zip(PAYLOADS, entries, strict=True):
        assert {part.tag for part in entry} <= known
        summary = read(entry.findtext(f"{atom}summary") or "")  # a reader takes it for HTML
        assert (summary.dangers, "".join(summary.words)) == ([], text)


def test_a_drawing_holds_words_and_shapes_alone() -> None:
    parts = [drawing.words_at(8, 16, text) for text in PAYLOADS]
    root = ET.fromstring(drawing.svg(100, "estimates", PAYLOADS[0], PAYLOADS[-1], parts))
    svg = "{http://www.w3.org/2000/svg}"
    assert {part.tag for part in root.iter()} == {f"{svg}{name}" for name in ("svg", "title", "desc", "text")}
    assert [part.text for part in root.findall(f"{svg}text")] == list(PAYLOADS)


@pytest.mark.slow
def test_a_passport_is_words_on_paper() -> None:
    assert actions({"/Kids": [{"/A": {"/S": "/JavaScript"}}]}) == ["/JavaScript"]
    for text in PAYLOADS:
        made = document(tactic={"name": text, "summary": text})
        reader = PdfFileReader(io.BytesIO(render(made, sha256="0" * 64)))
        kinds = {str(said) for said in actions(reader.root)}
        assert kinds <= {"/URI"}, text  # the addresses of our own pages
        assert "/OpenAction" not in reader.root
        assert "/AA" not in reader.root


def actions(part: Any, depth: int = 0) -> list[Any]:
    """Return the kinds of all actions below a part of a PDF."""
    part = part.get_object() if hasattr(part, "get_object") else part
    if depth > 12:
        return []
    if isinstance(part, dict):
        here = [part["/S"]] if "/S" in part and part.get("/Type", "/Action") == "/Action" else []
        below = [inner for key, inner in part.items() if key not in ("/Parent", "/P", "/Dest")]
        return here + [one for inner in below for one in actions(inner, depth + 1)]
    return [one for inner in part for one in actions(inner, depth + 1)] if isinstance(part, list) else []
