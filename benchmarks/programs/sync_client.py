"""Provision N applications in one request: `python -m benchmarks.programs.sync_client PORT N`.

They belong to a fifth as many people, and to a twentieth as many white-labels with one admin each. The key is in the
environment, as SECRET. Finds the seconds that it took, and how many of each kind were created, changed and unchanged.
"""

import http.client
import json
import os
import sys
import time
from typing import Any

from benchmarks.processes import Failed
from benchmarks.programs import take_part

PATH = "/api/sync"
TIMEOUT_SECONDS = 600
KINDS = ("people", "white_labels", "applications")


def lists(count: int) -> dict[str, list[dict[str, Any]]]:
    people, white_labels = max(1, count // 5), max(1, count // 20)
    return {
        "people": [
            {"ref": f"person-{number}", "email": f"person{number}@owners.test", "name": f"Person {number}"}
            for number in range(people)
        ],
        "white_labels": [
            {
                "ref": f"label-{number}",
                "name": f"Label {number}",
                "brand_name": f"Brand {number}",
                "admins": [f"person-{number % people}"],
            }
            for number in range(white_labels)
        ],
        "applications": [
            {
                "ref": f"app-{number}",
                "name": f"Application {number}",
                "owner": f"person-{number % people}",
                "white_label": f"label-{number % white_labels}",
            }
            for number in range(count)
        ],
    }


def synchronize(port: int, body: bytes) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {os.environ['SECRET']}", "Content-Type": "application/json"}
    connection = http.client.HTTPConnection("localhost", port, timeout=TIMEOUT_SECONDS)
    started = time.perf_counter()
    connection.request("POST", PATH, body, headers)
    answer = connection.getresponse()
    words = answer.read()
    seconds = time.perf_counter() - started
    if answer.status != 200:
        raise Failed(f"{answer.status} {words.decode(errors='replace')[:2000]}")
    return {"seconds": seconds, "answer": {kind: said for kind, said in json.loads(words).items() if kind in KINDS}}


def main() -> None:
    _, port, count = sys.argv
    body = json.dumps(lists(int(count))).encode()
    take_part(lambda: synchronize(int(port), body))


if __name__ == "__main__":
    main()
