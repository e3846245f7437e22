"""Invented street files and a small lookup of areas: whole, and with one fault each."""

import gzip
import hashlib
import io
import tarfile
import zipfile
from pathlib import Path

from centre.hub import outcomes, stops
from centre.hub.areas import Areas, read
from centre.hub.street.labels import COLUMNS

HERE, THERE = "E23000099", "E23000098"
AREAS = read(
    b"LSOA11CD,LSOA21CD,CHGIND,LAD22CD,LAD22NM\n"
    + b"".join(b"E0100000%d,E0100000%d,U,E09999991,Hereby\n" % (n, n) for n in range(1, 7))
    + b"E01000007,E01000017,S,E09999991,Hereby\nE01000009,E01000009,U,E09999992,Thereby\n",
    b"la_code,pfa_code\nE09999991,E23000099\nE09999992,E23000098\n,E23000099\n",
)
Row = dict[str, str]


def rows(month: str, n: int = 40) -> list[Row]:
    """Return rows of one month: every tenth without a place, every fifth an incident, as real files have them."""
    found = []
    for at in range(n):
        is_incident, has_place = at % 5 == 4, at % 20 != 19
        crime = hashlib.sha256(f"{month}{at}".encode()).hexdigest()
        found.append(
            {
                "Crime ID": "" if is_incident else crime,
                "Month": month,
                "Reported by": "Testshire Police",
                "Falls within": "Testshire Police",
                "Longitude": f"{-0.5 + at % 6 * 0.01:.6f}" if has_place else "",
                "Latitude": "51.240000" if has_place else "",
                "Location": f"On or near Street {at % 6}" if has_place else "No Location",
                "LSOA code": f"E0100000{at % 6 + 1}" if has_place else "",
                "LSOA name": "Hereby 001A" if has_place else "",
                "Crime type": "Anti-social behaviour" if is_incident else "Burglary",
                "Last outcome category": "" if is_incident else "Unable to prosecute suspect",
                "Context": "",
            }
        )
    return found


def outcome_rows(month: str, n: int = 20) -> list[Row]:
    """Return what became of crimes of `rows` of the same month, in a file of outcomes."""
    said = ("Unable to prosecute suspect", "Investigation complete; no suspect identified")
    crimes = [row for row in rows(month, 2 * n) if row["Crime ID"]][:n]
    return [
        {name: row[name] for name in outcomes.LAYOUT.columns if name in row} | {"Outcome type": said[at % 2]}
        for at, row in enumerate(crimes)
    ]


def stop_rows(month: str, n: int = 30) -> list[Row]:
    """Return stops and searches of one month: every tenth without a place, every sixth ends in an arrest."""
    return [
        {
            "Type": "Person search",
            "Date": f"{month}-{at % 28 + 1:02d}T12:30:00+00:00",
            "Part of a policing operation": "False",
            "Policing operation": "",
            "Latitude": "51.240000" if at % 10 else "",
            "Longitude": "-0.500000" if at % 10 else "",
            "Gender": "Male",
            "Age range": "18-24",
            "Self-defined ethnicity": "",
            "Officer-defined ethnicity": "White",
            "Legislation": "Misuse of Drugs Act 1971 (section 23)",
            "Object of search": "Controlled drugs",
            "Outcome": "A no further action disposal" if at % 6 else "Arrest",
            "Outcome linked to object of search": "",
            "Removal of more than just outer clothing": "False",
        }
        for at in range(n)
    ]


def text(
    given: list[Row], columns: tuple[str, ...] = COLUMNS, *, fields: tuple[str, ...] | None = None
) -> bytes:
    """Return rows as the file that holds them; `fields` are what each row is read by where they are not `COLUMNS`."""
    lines = [",".join(columns), *(",".join(row[name] for name in fields or COLUMNS) for row in given)]
    return ("\n".join(lines) + "\n").encode()


def outcomes_text(given: list[Row]) -> bytes:
    """Return a file of outcomes."""
    return text(given, outcomes.LAYOUT.columns, fields=outcomes.LAYOUT.columns)


def stops_text(given: list[Row]) -> bytes:
    """Return a file of stops and searches."""
    return text(given, stops.LAYOUT.columns, fields=stops.LAYOUT.columns)


def name_of(month: str, force: str = "testshire", kind: str = "street") -> str:
    """Return the path of a file in an archive."""
    return f"{month}/{month}-{force}-{kind}.csv"


def tar(path: Path, files: dict[str, bytes]) -> Path:
    """Write a tar in gzip, the same bytes at any moment."""
    with gzip.GzipFile(path, "wb", mtime=0) as packed, tarfile.open(fileobj=packed, mode="w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return path


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    """Write a zip."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def folder(path: Path, files: dict[str, bytes]) -> Path:
    """Write plain files."""
    for name, content in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return path


__all__ = ["AREAS", "HERE", "THERE", "Areas", "folder", "name_of", "rows", "tar", "text", "zipped"]
