"""Audit the locked packages for known vulnerabilities, with advisories on this disk; needs no network.

python deploy/audit_packages.py    exit status 1 when a locked package has a vulnerability that is not accepted

HOTLINE_ADVISORIES names a folder with advisories in OSV's format, ZIP or JSON files; CONTRIBUTING.md describes how to
fetch them. Without it nothing is checked, and the output says so.
"""

from __future__ import annotations

import json
import os
import re
import sys
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

ROOT = Path(__file__).resolve().parents[1]
ACCEPTED = ROOT / "deploy/accepted-vulnerabilities.txt"


@dataclass(frozen=True, order=True)
class Package:
    ecosystem: str
    name: str
    version: str


@dataclass(frozen=True)
class Vulnerability:
    package: Package
    id: str
    ids: frozenset[str]
    """`id` and its aliases, such as the CVE."""
    summary: str


def locked_python(files: Iterable[Path]) -> set[Package]:
    """The packages pinned by requirements files."""
    pinned = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)
    return {
        Package("PyPI", canonicalize_name(name), version)
        for file in files
        for name, version in pinned.findall(file.read_text())
    }


def locked_npm(lock: Path) -> set[Package]:
    """The packages in a package-lock.json of version 3, nested ones too."""
    packages: dict[str, Any] = json.loads(lock.read_text())["packages"]
    return {
        Package("npm", entry.get("name", where.rpartition("node_modules/")[2]), entry["version"])
        for where, entry in packages.items()
        if where and "version" in entry
    }


def affects(affected: Mapping[str, Any], version: str) -> bool:
    """Whether one `affected` entry of an advisory covers the version, by OSV's evaluation rule.

    A range that cannot be compared counts as affected, unless the advisory also lists its versions.
    """
    versions = affected.get("versions", ())
    if version in versions:
        return True
    ranges = [one["events"] for one in affected.get("ranges", ()) if one["type"] != "GIT"]
    try:
        return any(_in_range(events, Version(version)) for events in ranges)
    except InvalidVersion:
        return not versions


def _in_range(events: list[Mapping[str, str]], version: Version) -> bool:
    inside = False
    for at, kind in sorted((_parse(at), kind) for event in events for kind, at in event.items() if kind != "limit"):
        match kind:
            case "introduced" if version >= at:
                inside = True
            case "fixed" if version >= at:
                inside = False
            case "last_affected" if version > at:
                inside = False
    return inside


def _parse(version: str) -> Version:
    """A Python version, or an npm version close enough: 1.2.3-beta.4 reads as 1.2.3b4. "0" sorts before everything."""
    return Version("0.dev0" if version == "0" else version)


def vulnerabilities(
    packages: Iterable[Package], advisories: Iterable[Mapping[str, Any]]
) -> tuple[list[Vulnerability], int, str]:
    """Those found, the number of advisories read, and the date of the newest."""
    wanted: dict[tuple[str, str], list[Package]] = defaultdict(list)
    for package in packages:
        wanted[package.ecosystem, package.name].append(package)
    found: dict[tuple[Package, str], Vulnerability] = {}
    count, latest = 0, ""
    for advisory in advisories:
        count += 1
        latest = max(latest, advisory.get("modified", "")[:10])
        if "withdrawn" in advisory:
            continue
        for affected in advisory.get("affected", ()):
            of = affected.get("package", {})
            name = of.get("name", "")
            key = of.get("ecosystem", ""), canonicalize_name(name) if of.get("ecosystem") == "PyPI" else name
            for package in wanted.get(key, ()):
                if affects(affected, package.version):
                    id, aliases = advisory["id"], advisory.get("aliases", ())
                    summary = advisory.get("summary") or advisory.get("details", "").partition("\n")[0]
                    found[package, id] = Vulnerability(package, id, frozenset((id, *aliases)), summary)
    return sorted(found.values(), key=lambda one: (one.package, one.id)), count, latest


def advisories_in(folder: Path) -> Iterator[Mapping[str, Any]]:
    """Every advisory in the folder's ZIP and JSON files."""
    for file in sorted(folder.rglob("*.zip")):
        with zipfile.ZipFile(file) as archive:
            for name in archive.namelist():
                if name.endswith(".json"):
                    yield json.loads(archive.read(name))
    for file in sorted(folder.rglob("*.json")):
        yield json.loads(file.read_bytes())


def accepted_ids(text: str) -> set[str]:
    """The first word of each line that is not a comment; the rest is the reason."""
    return {line.split()[0] for line in text.splitlines() if line.strip() and not line.startswith("#")}


def main() -> int:
    packages = locked_python((ROOT / "deploy/requirements").glob("*.txt")) | locked_npm(ROOT / "web/package-lock.json")
    counts = ", ".join(f"{sum(one.ecosystem == name for one in packages)} {name} packages" for name in ("PyPI", "npm"))
    folder = os.environ.get("HOTLINE_ADVISORIES", "")
    if not folder:
        print(f"audit-packages: no advisory database (set HOTLINE_ADVISORIES): {counts} NOT CHECKED")
        return 0
    found, count, newest = vulnerabilities(packages, advisories_in(Path(folder)))
    if not count:
        print(f"audit-packages: no advisory in {folder} (HOTLINE_ADVISORIES); CONTRIBUTING.md says how to fetch them")
        return 1
    accepted = accepted_ids(ACCEPTED.read_text())
    new = [one for one in found if not one.ids & accepted]
    for one in new:
        print(f"{one.package.ecosystem} {one.package.name} {one.package.version}: {one.id} {one.summary}")
    print(
        f"audit-packages: {counts} checked against {count} advisories, the newest of {newest}: "
        f"{len(new)} vulnerable, {len(found) - len(new)} accepted"
    )
    if new:
        print(f"Lock a fixed version (make lock), or add the id and the reason to {ACCEPTED.relative_to(ROOT)}")
    return 1 if new else 0


if __name__ == "__main__":
    sys.exit(main())
