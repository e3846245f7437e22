"""A list of the API as code: the filter of a page, in the languages that its readers work in.

Every value is part of an address that is encoded whole, so that nothing a reader typed can end a quote or a line.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

LARGEST_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Snippet:
    """The code in one language. `needs` is what must be installed."""

    language: str
    needs: str
    code: str


def snippets(address: str, filters: Mapping[str, str], name: str) -> list[Snippet]:
    """Return what reads a list of the API whole.

    Parameters
    ----------
    address : of the list, such as ``https://registry.example/api/v1/trials/``.
    filters : its parameters as the API names them.
    name : what the rows are called, a word.
    """
    asked = f"{address}?{urlencode({**filters, 'page_size': LARGEST_PAGE})}"
    return [
        Snippet("R", "the package jsonlite", _R.format(asked=asked, name=name)),
        Snippet("Python", "requests and pandas", _PYTHON.format(asked=asked, name=name)),
        Snippet("Command line", f"curl; at most {LARGEST_PAGE:,} rows", _CURL.format(asked=asked, name=name)),
    ]


_R = """library(jsonlite)
address <- "{asked}"
pages <- list()
token <- NULL
repeat {{
  more <- if (is.null(token)) "" else paste0("&page_token=", URLencode(token, reserved = TRUE))
  page <- fromJSON(paste0(address, more), flatten = TRUE)
  if (length(page$results) > 0) pages[[length(pages) + 1]] <- page$results
  token <- page$next_page_token
  if (is.null(token)) break
}}
joined <- function(a, b) {{ # a page on which something is always null has fewer columns
  a[setdiff(names(b), names(a))] <- NA
  b[setdiff(names(a), names(b))] <- NA
  rbind(a, b[names(a)])
}}
{name} <- Reduce(joined, pages)
"""
_PYTHON = """import pandas as pd
import requests

address = "{asked}"
rows, token = [], None
while True:
    more = {{"page_token": token}} if token else {{}}
    answer = requests.get(address, params=more, timeout=60)
    answer.raise_for_status()
    page = answer.json()
    rows += page["results"]
    token = page.get("next_page_token")
    if not token:
        break
{name} = pd.json_normalize(rows)
"""
_CURL = """curl --fail --output {name}.csv '{asked}&format=csv'
"""
