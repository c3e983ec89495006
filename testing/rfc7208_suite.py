"""The test suite of RFC 7208 as pyspf ships it: only its source package has the file, so that is fetched, once."""

import importlib.metadata
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import dns.reversename
import yaml

from whitelabel.dns.answers import Answer, absent, answered, unknown
from whitelabel.dns.spf.check import Result, Sender
from whitelabel.domain_names import is_within

VAR = Path(__file__).resolve().parent.parent / "var"
FETCH_SECONDS = 120
FAILS = "TIMEOUT"


@dataclass(frozen=True)
class Case:
    """A mail, the zones it meets, and the results that are right."""

    name: str
    domain: str
    sender: Sender
    zones: "Zones"
    results: tuple[Result, ...]

    def __str__(self) -> str:
        return self.name


class Zones:
    """Answers from a scenario of the suite; `Zones(...)` is a `Lookup`. Names that DNS cannot hold have no records."""

    def __init__(self, zonedata: Mapping[str, Any]) -> None:
        self._zones = {name.lower(): list(map(_entry, entries)) for name, entries in zonedata.items()}

    def __call__(self, name: str, kind: str) -> Answer:
        entries = self._zones.get(name.lower(), [])
        kinds = {type_ for type_, _ in entries}
        meant = "SPF" if kind == "TXT" and "TXT" not in kinds else kind  # a type that RFC 7208 3.1 gave up
        values = [text for type_, value in entries if type_ == meant and (text := _spelled(kind, value)) is not None]
        if values:
            return answered(*values)
        if (FAILS, FAILS) in entries:
            return unknown("It timed out.")
        target = next((value for type_, value in entries if type_ == "CNAME"), None)
        return self(target, kind) if target else absent()


def cases() -> Iterator[Case]:
    """Give the cases of the suite, in order."""
    for scenario in yaml.safe_load_all(file().read_bytes()):
        zones = Zones(scenario["zonedata"])
        for name, test in scenario["tests"].items():
            results = [test["result"]] if isinstance(test["result"], str) else test["result"]
            yield _case(name, test, zones, tuple(Result(one) for one in results))


def file() -> Path:
    """Return the suite's file; raises `CalledProcessError` where it has to be fetched and cannot be."""
    version = importlib.metadata.version("pyspf")
    path = VAR / f"rfc7208-tests-{version}.yml"
    if not path.exists():
        VAR.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=VAR) as folder:
            shutil.move(_fetched(Path(folder), version), path)
    return path


def _fetched(folder: Path, version: str) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-binary", "pyspf", "--dest", str(folder)]
    quiet = ["--quiet", "--quiet", "--disable-pip-version-check", f"pyspf=={version}"]
    subprocess.run([*command, *quiet], check=True, timeout=FETCH_SECONDS)
    with tarfile.open(next(folder.glob("*.tar.gz"))) as archive:
        archive.extractall(folder, filter="data")
    return next(folder.glob("*/test/rfc7208-tests.yml"))


def _entry(entry: Any) -> tuple[str, Any]:
    return (FAILS, FAILS) if entry == FAILS else next(iter(entry.items()))


def _spelled(kind: str, value: Any) -> str | None:
    """Return a value as the product's answers have it, None where the name has none of this type."""
    if value == "NONE":
        return None
    if kind == "TXT":
        return "".join([value] if isinstance(value, str) else value)
    return f"{value[0]} {value[1].rstrip('.') or '.'}" if kind == "MX" else str(value).rstrip(".")


def _case(name: str, test: Mapping[str, Any], zones: Zones, results: tuple[Result, ...]) -> Case:
    helo = str(test["helo"])
    mailbox = test["mailfrom"] or f"postmaster@{helo}"
    local, _, domain = mailbox.rpartition("@")
    client = ip_address(test["host"])
    client = getattr(client, "ipv4_mapped", None) or client
    names = tuple(_validated(client, zones))
    nibbles = ".".join(client.exploded.replace(":", "")) if client.version == 6 else str(client)
    macros = {
        "s": mailbox if local else f"postmaster@{domain}",
        "l": local or "postmaster",
        "o": domain,
        "i": nibbles,
        "v": "in-addr" if client.version == 4 else "ip6",
        "h": helo,
        "p": next((one for one in names if is_within(one, domain.lower())), "unknown"),
    }
    return Case(name, domain.lower(), Sender(ip_network(client), names, macros=macros), zones, results)


def _validated(client: Any, zones: Zones) -> Iterator[str]:
    """Give the names of a client that lead back to it (RFC 7208 5.5)."""
    kind = "A" if client.version == 4 else "AAAA"
    pointer = dns.reversename.from_address(str(client)).to_text().rstrip(".")
    for name in zones(pointer, "PTR").values[:10]:
        if any(ip_address(address) == client for address in zones(name, kind).values):
            yield name.lower()
