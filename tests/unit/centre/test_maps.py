"""Maps by force: where tiles stand, what they say, and what is made of a file of boundaries."""

import json
import math
import re
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from centre import boundaries, maps
from centre.errors import Invalid
from centre.models import AuditEvent, Force, ForceBoundaries
from tests import shared_data

DONE, GONE = maps.Legend("disc", "Adopted"), maps.Legend("cross", "Stopped")
LEGEND = [DONE, GONE]


@dataclass(frozen=True)
class Place:
    slug: str
    name: str
    ons_code: str = ""


KENT = Place("kent", "Kent Police", "E23000032")
DEVON = Place("devon-and-cornwall", "Devon & Cornwall Police", "E23000035")
CITY = Place("city-of-london", "City of London Police", "E23000034")
BTP = Place("btp", "British Transport Police")
INVENTED = [Place(f"force-{n}", f"Force {n} (invented)") for n in range(11)]


def tiles(forces: list[Any], said: dict[str, maps.Said] | None = None) -> maps.Drawing:
    return maps.tiles(forces, said or {}, legend=LEGEND, silent="Has not said")


@pytest.mark.django_db
def test_every_territorial_force_has_a_tile_of_its_own() -> None:
    drawing = tiles(list(Force.objects.official()))
    corners = {(shape.left, shape.top) for shape in drawing.shapes}
    assert len(drawing.shapes) == len(corners) == 44
    assert len({shape.code for shape in drawing.shapes}) == 44
    assert all(0 < shape.left <= drawing.width - drawing.tile for shape in drawing.shapes)
    assert all(0 < shape.top <= drawing.height - drawing.tile for shape in drawing.shapes)


@pytest.mark.django_db
def test_neighbours_on_the_ground_are_roughly_neighbours_on_the_tiles() -> None:
    at = {shape.name: (shape.left, shape.top) for shape in tiles(list(Force.objects.territorial())).shapes}
    north, south = at["Northumbria Police"], at["Kent Police"]
    west, east = at["Devon & Cornwall Police"], at["Norfolk Constabulary"]
    assert (north[1] < south[1], west[0] < east[0]) == (True, True)
    for one, other in (("Surrey Police", "Sussex Police"), ("Norfolk Constabulary", "Suffolk Constabulary")):
        assert math.dist(at[one], at[other]) < 50


def test_a_force_says_its_mark_and_a_silent_one_has_none() -> None:
    drawing = tiles([KENT, BTP], {"kent": maps.Said(DONE, "/forces/kent/")})
    kent = next(shape for shape in drawing.shapes if shape.name == "Kent Police")
    btp = next(shape for shape in drawing.shapes if shape.name == "British Transport Police")
    assert (kent.code, kent.mark, kent.words, kent.url) == ("KEN", "disc", "Adopted", "/forces/kent/")
    assert (btp.code, btp.mark, btp.words, btp.url) == ("BTP", "", "Has not said", "")
    assert drawing.n_silent == 1


def test_forces_without_a_place_stand_in_rows_of_their_own() -> None:
    drawing = tiles(INVENTED)
    assert len({(shape.left, shape.top) for shape in drawing.shapes}) == 11
    assert drawing.height < 100
    assert tiles([]).shapes == ()


def test_the_order_of_forces_changes_nothing() -> None:
    assert tiles([KENT, BTP, CITY]) == tiles([CITY, KENT, BTP])


# --- boundaries ---------------------------------------------------------------------------------------


def feature(
    name: str, code: str, west: float, south: float, size: float = 1.0, *extra: Any
) -> dict[str, Any]:
    """Return an invented square area with a wobbly northern edge."""
    edge = [[west + size * (1 - k / 50), south + size + 0.001 * (k % 2)] for k in range(51)]
    ring = [[west, south], [west + size, south], *edge, [west, south]]
    return {
        "type": "Feature",
        "properties": {"PFA23CD": code, "PFA23NM": name},
        "geometry": {"type": "MultiPolygon", "coordinates": [[ring], *extra]},
    }


def collection(*features: dict[str, Any]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}


THREE = [KENT, DEVON, CITY]
FILE = collection(
    feature("Kent", "E23000032", 0.0, 51.0),
    feature(
        "Devon & Cornwall", "", -5.0, 50.0, 1.0, [[[-6.3, 49.9], [-6.29, 49.9], [-6.29, 49.91], [-6.3, 49.9]]]
    ),
    feature("London, City of", "", -0.1, 51.5, 0.01),
)


def numbers(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"(-?[\d.]+),(-?[\d.]+)", path)]


def test_areas_are_matched_by_code_and_by_every_known_spelling() -> None:
    document = maps.read(FILE, THREE)
    assert set(document["areas"]) == {"kent", "devon-and-cornwall", "city-of-london"}
    assert "Contains OS data © Crown copyright and database right 2023" in document["attribution"]
    json.dumps(document)


def test_lines_are_simplified_and_islands_too_small_to_see_are_left_out() -> None:
    areas = maps.read(FILE, THREE)["areas"]
    assert len(numbers(areas["kent"]["path"])) <= 6
    assert areas["devon-and-cornwall"]["path"].count("M") == 1
    assert areas["city-of-london"]["path"].count("M") == 1  # small, and all that it has


def test_north_is_up_and_a_mark_stands_inside_its_area() -> None:
    document = maps.read(FILE, THREE)
    kent, devon = document["areas"]["kent"], document["areas"]["devon-and-cornwall"]
    assert (kent["y"] < devon["y"], kent["x"] > devon["x"]) == (True, True)
    xs, ys = zip(*numbers(kent["path"]), strict=True)
    assert (min(xs) < kent["x"] < max(xs), min(ys) < kent["y"] < max(ys)) == (True, True)
    # A degree of longitude is shorter than one of latitude here: a square of degrees stands upright.
    width, height = max(xs) - min(xs), max(ys) - min(ys)
    assert width / height == pytest.approx(math.cos(math.radians(50.95)), rel=0.02)


def test_no_mark_covers_another() -> None:
    around = collection(*FILE["features"], feature("Metropolitan Police", "E23000001", -0.6, 51.0, 1.0))
    areas = maps.read(around, [*THREE, Place("metropolitan", "Metropolitan Police Service", "E23000001")])[
        "areas"
    ]
    city, all_london = areas["city-of-london"], areas["metropolitan"]
    assert math.dist((city["x"], city["y"]), (all_london["x"], all_london["y"])) >= 16


def test_the_order_of_features_changes_nothing() -> None:
    turned = collection(*reversed(FILE["features"]))
    assert json.dumps(maps.read(turned, THREE)) == json.dumps(maps.read(FILE, THREE))


def test_a_map_of_areas_has_its_source_and_leaves_forces_without_one_out() -> None:
    drawing = maps.boundaries(
        [*THREE, BTP],
        {"kent": maps.Said(GONE, "/k/")},
        legend=LEGEND,
        silent="Has not said",
        document=maps.read(FILE, THREE),
    )
    marks = {shape.name: shape.mark for shape in drawing.shapes}
    assert marks == {"City of London Police": "", "Devon & Cornwall Police": "", "Kent Police": "cross"}
    assert (
        drawing.shapes[-1].name == "City of London Police"
    )  # the smallest is drawn last, over what surrounds it
    assert drawing.attribution[0].startswith("Source: Office for National Statistics")


ODD = {
    "type": "Feature",
    "properties": {"PFA23NM": "Kent"},
    "geometry": {"type": "Point", "coordinates": [0, 51]},
}
GRID = {
    "type": "Feature",
    "properties": {"PFA23NM": "Kent"},
    "geometry": {"type": "Polygon", "coordinates": [[[5e5, 1e5], [6e5, 1e5], [6e5, 2e5], [5e5, 1e5]]]},
}


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ([], "This is no GeoJSON FeatureCollection."),
        ({"type": "FeatureCollection", "features": []}, "This is no GeoJSON FeatureCollection."),
        (collection(feature("Rutland", "E1", 0, 51)), "Feature 1 (Rutland) is no police force area"),
        (collection(*FILE["features"], feature("Kent", "", 0, 51)), "Feature 4: a second area for kent."),
        (collection(FILE["features"][0]), "no area for City of London Police, Devon & Cornwall Police."),
        (collection(ODD), "Feature 1 is no Polygon or MultiPolygon."),
        (collection(GRID), "Download the boundaries in WGS 84, not in the British National Grid."),
        (collection({**GRID, "geometry": {"type": "Polygon", "coordinates": [["a"]]}}), "cannot be read."),
        (collection({**GRID, "geometry": {"type": "Polygon", "coordinates": []}}), "fewer than four points."),
        (collection({**GRID, "properties": None}), "Feature 1 (without a name)"),
    ],
)
def test_a_file_that_is_something_else_is_refused_by_name(document: Any, message: str) -> None:
    with pytest.raises(Invalid) as refused:
        maps.read(document, THREE)
    assert message in refused.value.message


def whole() -> bytes:
    """Return an invented file with a square for each of the 43 forces, by code."""
    forces = Force.objects.territorial()
    squares = [
        feature("", force.ons_code, -5 + n % 7, 50 + 0.9 * (n // 7), 0.9) for n, force in enumerate(forces)
    ]
    return json.dumps(collection(*squares)).encode()


@pytest.mark.django_db
def test_the_command_loads_a_version_once_and_says_so(tmp_path: Any, capsys: Any) -> None:
    assert ForceBoundaries.in_use() is None
    path = tmp_path / "areas.geojson"
    path.write_bytes(whole())
    call_command("load_boundaries", str(path), vintage="December 2023")
    assert "the 43 areas of December 2023" in capsys.readouterr().out
    first = ForceBoundaries.in_use()
    assert first is not None
    assert AuditEvent.objects.get(event="boundaries.loaded").detail["areas"] == 43
    with pytest.raises(CommandError, match="This file was loaded on"):
        call_command("load_boundaries", str(path), vintage="December 2023")
    boundaries.load(content=whole() + b" ", vintage="December 2024")
    newest = ForceBoundaries.in_use()
    assert newest is not None
    assert (newest.vintage, ForceBoundaries.objects.count()) == ("December 2024", 2)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "vintage", "message"),
    [
        (b"\xff", "2023", "This is no JSON."),
        (b"[" * 100_000, "2023", "This is no JSON."),
        (b"{}", "", "Say of when the boundaries are"),
    ],
)
def test_the_command_says_what_is_wrong(tmp_path: Any, content: bytes, vintage: str, message: str) -> None:
    path = tmp_path / "areas.geojson"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=message):
        call_command("load_boundaries", str(path), vintage=vintage)
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("load_boundaries", str(tmp_path / "nothing"), vintage="2023")
    assert not ForceBoundaries.objects.exists()


OFFICIAL = "real/pfa_2023_boundaries_bgc.geojson"


@pytest.mark.django_db
@pytest.mark.skipif(shared_data.find(OFFICIAL) is None, reason="the official file is not here")
def test_the_official_file_is_read_whole_and_light() -> None:
    path = shared_data.find(OFFICIAL)
    assert path is not None
    made = boundaries.load(content=path.read_bytes(), vintage="December 2023")
    areas = made.document["areas"]
    assert len(areas) == 43
    assert sum(len(area["path"]) for area in areas.values()) < 40_000
    for slug, area in areas.items():
        xs, ys = zip(*numbers(area["path"]), strict=True)
        assert min(xs) <= area["x"] <= max(xs), slug
        assert min(ys) <= area["y"] <= max(ys), slug
    marks = [(area["x"], area["y"]) for area in areas.values()]
    assert min(math.dist(one, other) for n, one in enumerate(marks) for other in marks[:n]) > 12
    assert areas["northumbria"]["y"] < areas["kent"]["y"]
    assert areas["devon-and-cornwall"]["x"] < areas["norfolk"]["x"]
