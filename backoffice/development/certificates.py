"""Certificates of the mail catcher for "localhost", made once, with an authority that only this stack trusts."""

import ssl
from pathlib import Path

import trustme

AUTHORITY_FILE = "authority.pem"
SERVER_FILE = "catcher.pem"


def make(folder: Path) -> Path:
    """Return the file of the authority's certificate; beside it is the catcher's. The authority's key is not kept."""
    authority_file, server_file = folder / AUTHORITY_FILE, folder / SERVER_FILE
    if not authority_file.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        authority = trustme.CA()
        server = authority.issue_cert("localhost", "127.0.0.1", "::1")
        server_file.touch(mode=0o600)
        server.private_key_and_cert_chain_pem.write_to_path(str(server_file))
        authority.cert_pem.write_to_path(str(authority_file))
    return authority_file


def catcher_context(authority_file: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(authority_file.with_name(SERVER_FILE))
    return context
