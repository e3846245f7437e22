"""`README.md` of a package: what it is, in plain words."""

from collections.abc import Sequence

from experiments.packages.facts import CODE_LICENCE, INVENTED, LICENCE, LICENCE_URL, Facts
from experiments.packages.words import described


def readme(facts: Facts, names: Sequence[str]) -> bytes:
    """Return the text."""
    kind = (
        "The analysis is the one that was registered before the data were seen."
        if facts.is_registered
        else "POST HOC: this analysis was not in the registered plan."
    )
    lines = [
        f"# {facts.heading}",
        "",
        *([f"**{INVENTED}**", ""] if facts.is_simulated else []),
        f"Published {facts.published_at[:10]}. {kind}",
        "",
        *([facts.note, ""] if facts.note else []),
        f"- Results: <{facts.release_url}>",
        f"- Trial: <{facts.trial_url}>",
        f"- Registered protocol {facts.protocol_version}: <{facts.protocol_url}>",
        f"  (SHA-256 `{facts.registration_sha256}`)",
        f"- Data: not in this package (SHA-256 `{facts.data_sha256}`)",
        "",
        "## Cite this",
        "",
        facts.citation,
        "",
        "There is no DOI: the registry has not registered one. `CITATION.cff` and `datacite.json` say the same for "
        "programs.",
        "",
        "## Files",
        "",
        "| file | what it is |",
        "|---|---|",
        *(f"| `{name}` | {described(name)} |" for name in names),
        "",
        "Two output checkers cleared the results. What describes them was written by code from the cleared files "
        "when they were published.",
        "",
        "## Check it and compute it again",
        "",
        "```",
        "sha256sum -c SHA256SUMS",
        "python -m venv env && env/bin/pip install -r requirements.txt",
        "env/bin/python replicate.py                    # hashes, and what the public numbers say of each other",
        "env/bin/python replicate.py --data data.csv    # every number again, from the data",
        "```",
        "",
        "The data are for those who were granted access. A test by draws and the checks of the draw also need "
        "`--registered registered.json`, which comes with them.",
        "",
        "## Read the estimates",
        "",
        "```",
        'import pandas; pandas.read_csv("tidy.csv")',
        'read.csv("tidy.csv")                           # R; metafor::rma(yi, vi) takes yi and vi as they are',
        "```",
        "",
        "Numbers are rounded for release: see `disclosure` in `result.json`.",
        "",
        "## Licence",
        "",
        f"Results: [{LICENCE[1]}]({LICENCE_URL}). Code (`replicate.py`, `engine.zip`): {CODE_LICENCE[1]}.",
        "",
    ]
    return "\n".join(lines).encode()
