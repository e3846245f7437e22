"""What each file of a package is, in one sentence: the same words in every description of it."""

# Under the licence of the software; everything else is under that of the registry.
CODE = frozenset({"engine.zip", "replicate.py", "requirements.txt"})

_WORDS = {
    "README.md": "What is here, and how to compute it again.",
    "result.json": "The result document as released: rounded, without small counts.",
    "estimates.csv": "The estimates: one row for each, and one for each term behind it.",
    "estimates.parquet": "The same estimates with their types.",
    "tidy.csv": "One row for each estimate, with the columns of the registry's table of all estimates.",
    "tidy.parquet": "The same rows with their types.",
    "plan.json": "The analysis plan that was run.",
    "codebook.csv": "Every column of the tables.",
    "codebook.md": "Every column of the tables, to read.",
    "CITATION.cff": "How to cite the results.",
    "datacite.json": "DataCite metadata of the results.",
    "datacite-protocol.json": "DataCite metadata of the registered protocol.",
    "dataset.jsonld": "schema.org description of the results.",
    "ro-crate-metadata.json": "How the results came about: plan, data, software, checks.",
    "datapackage.json": "Description of the files for programs: types, units, hashes.",
    "replication.json": "What replicate.py has to know.",
    "replicate.py": "Checks this package, and computes its numbers again from the data.",
    "engine.zip": "The statistics engine's own sources.",
    "requirements.txt": "The packages that the engine ran on.",
    "SHA256SUMS": "Checksum of every file.",
}


def described(name: str) -> str:
    """Return what a file is."""
    return _WORDS.get(name, "A figure." if name.endswith(".svg") else "A file of the release.")
