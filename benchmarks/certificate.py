"""Shell. A certificate for the local venue, made anew for each run by the `openssl` command."""

import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Certificate:
    """The server's certificate with its key, and the authority that clients have to trust."""

    server: Path
    authority: Path


def made(folder: Path) -> Certificate:
    """Make an authority and a certificate for localhost signed by it; raise if `openssl` fails."""
    folder.mkdir(parents=True, exist_ok=True)
    key, request, extensions = folder / "server.key", folder / "server.csr", folder / "san.cnf"
    authority, authority_key = folder / "authority.pem", folder / "authority.key"
    signed, server = folder / "server.crt", folder / "server.pem"
    extensions.write_text(
        "subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n"
        "extendedKeyUsage=serverAuth\n"
    )
    new_key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
    _openssl(
        f"req -x509 {new_key} -days 2 -subj /CN=benchmark-authority "
        f"-keyout {authority_key} -out {authority}"
    )
    _openssl(f"req {new_key} -subj /CN=localhost -keyout {key} -out {request}")
    _openssl(
        f"x509 -req -days 2 -in {request} -CA {authority} -CAkey {authority_key} "
        f"-CAcreateserial -extfile {extensions} -out {signed}"
    )
    server.write_text(signed.read_text() + key.read_text())
    return Certificate(server, authority)


def _openssl(arguments: str) -> None:
    subprocess.run(["openssl", *arguments.split()], check=True, capture_output=True)
