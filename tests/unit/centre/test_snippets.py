"""Code that a page gives: nothing that a reader typed gets out of its quotes."""

import ast
import shlex
from urllib.parse import parse_qs, urlsplit

import pytest

from centre.snippets import snippets

NASTY = "a\"b'c\\d\n$(rm -rf /)`x`{y}&z=1#é%"


@pytest.mark.parametrize("text", ["burglary", NASTY])
def test_what_was_typed_stays_in_the_address(text: str) -> None:
    by_language = {
        one.language: one.code
        for one in snippets("https://r.example/api/v1/trials/", {"search": text}, "trials")
    }
    tree = ast.parse(by_language["Python"])
    (address,) = (
        node.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "address"
    )
    words = shlex.split(by_language["Command line"])
    assert words[:4] == ["curl", "--fail", "--output", "trials.csv"]
    assert len(words) == 5
    in_r = by_language["R"].split('address <- "')[1].split('"\n')[0]
    for asked in (address, words[4], in_r):
        assert parse_qs(urlsplit(asked).query)["search"] == [text]
    assert '"' not in in_r
    assert "\\" not in in_r


def test_the_name_of_the_rows_is_the_name_of_the_table() -> None:
    found = snippets("https://r.example/api/v1/tactics/", {}, "tactics")
    assert [one.language for one in found] == ["R", "Python", "Command line"]
    assert all("tactics" in one.code.splitlines()[-1] for one in found)
    assert all("page_size=1000" in one.code for one in found)
