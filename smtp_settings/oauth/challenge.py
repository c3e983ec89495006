"""Read what a server says in base64 while somebody signs in: a prompt, or why a token was refused."""

import base64
import binascii
import json

MEANINGS = {
    "400": "the token is malformed or has expired",
    "401": "the token is not accepted",
    "403": "the token does not allow this",
}


def readable(text: bytes) -> bytes:
    """Return a challenge decoded, as it is where it is no base64; whoever shows it redacts it."""
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return text


def meaning_of(challenge: bytes) -> str:
    """Return in words what the answer to a refused XOAUTH2 means, "" where it says nothing known."""
    try:
        answer = json.loads(readable(challenge))
    except (RecursionError, ValueError):
        return ""
    if not isinstance(answer, dict):
        return ""
    status = str(answer.get("status", ""))
    words = [f"status {status}"] if status else []
    words += [MEANINGS[status]] if status in MEANINGS else []
    words += [f"scope {answer['scope']}"] if answer.get("scope") else []
    return f" ({', '.join(words)})" if words else ""
