"""Write what the registry is made of as CycloneDX: every package of uv.lock, and every one of package-lock.json.

uv knows how to say the Python half; the other half is read from npm's lock, whose form is as plain.
"""

import base64
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
_EXPORT = ("export", "--frozen", "--all-groups", "--all-extras", "--quiet", "--format", "cyclonedx1.5")
_SRI = {"sha512": "SHA-512", "sha384": "SHA-384", "sha256": "SHA-256"}


def sbom() -> dict[str, Any]:
    """Return the bill of materials as a document."""
    command = [str(ROOT / ".venv" / "bin" / "uv"), *_EXPORT, "--preview-features", "sbom-export"]
    said = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    document: dict[str, Any] = json.loads(said)
    document["components"] += [*front()]
    return document


def front() -> list[dict[str, Any]]:
    """Return the packages that the front end is built with."""
    locked = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    return [_component(path, one) for path, one in sorted(locked.items()) if path]


def _component(path: str, one: dict[str, Any]) -> dict[str, Any]:
    name = path.rpartition("node_modules/")[2]
    kind, _, code = one["integrity"].partition("-")
    purl = f"pkg:npm/{name.replace('@', '%40', 1)}@{one['version']}"
    found = {"url": one["resolved"], "type": "distribution"}
    found["hashes"] = [{"alg": _SRI[kind], "content": base64.b64decode(code).hex()}]
    return {
        "type": "library",
        "bom-ref": f"npm-{name}@{one['version']}",
        "name": name,
        "version": one["version"],
        "purl": purl,
        "licenses": [{"license": {"name": one["license"]}}] if "license" in one else [],
        "externalReferences": [found],
    }


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.parent.mkdir(parents=True, exist_ok=True)
    document = sbom()
    target.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    print(f"sbom: {len(document['components'])} components in {target}")
