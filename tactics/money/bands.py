"""The cost bands' edges: pounds for one force in one year. The project's own rule; no published scale is claimed."""

BAND_EDGES = (20_000, 100_000, 500_000, 2_000_000)  # up to and including, for bands 1 to 4


def band(pounds_a_year: float) -> int:
    """Return the band, 1 to 5, of what a tactic costs one force in a year, its set-up spread over the years it runs."""
    return 1 + sum(pounds_a_year > edge for edge in BAND_EDGES)


def band_words(number: int) -> str:
    """Return the edges of a band in words: "from £20,000 to £100,000"."""
    if number == 1:
        return f"up to £{BAND_EDGES[0]:,}"
    if number > len(BAND_EDGES):
        return f"over £{BAND_EDGES[-1]:,}"
    return f"over £{BAND_EDGES[number - 2]:,} and up to £{BAND_EDGES[number - 1]:,}"
