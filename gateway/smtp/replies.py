"""What the door answers, with enhanced status codes (RFC 2034, RFC 3463)."""

import re

CODED = re.compile(r"\d{3}[ -][245]\.\d{1,3}\.\d{1,3}(?: |\Z)")
WITHOUT = ("220", "334", "354")  # greeting and what is in between: they have none (RFC 2034 4)
USUAL = {
    "421": "4.3.0", "451": "4.3.0", "452": "4.3.1", "454": "4.7.0", "500": "5.5.2", "501": "5.5.4", "502": "5.5.1",
    "503": "5.5.1", "504": "5.5.4", "530": "5.7.0", "535": "5.7.8", "538": "5.7.11", "552": "5.3.4", "554": "5.0.0",
    "555": "5.5.4",
}  # fmt: skip

AWAY = "451 4.3.0 The outbox is away; try again later"
SIGN_IN_AWAY = "454 4.7.0 Keys cannot be looked up now; try again later"
SIGN_IN_FIRST = "530 5.7.0 Sign in first: any user name, and the secret of a key as the password"
WRONG_KEY = "535 5.7.8 Wrong key: the password must be the secret of a key that works from here"
TOO_MANY_WRONG = "421 4.7.0 Too many wrong keys; try again in a minute"
TOO_MANY_FROM_ADDRESS = "421 4.7.0 Too many connections from your address; try again later"
TOO_MANY_WITH_KEY = "421 4.7.0 Too many connections with this key; try again later"
TOO_MANY_HERE = "421 4.3.2 Too many connections; try again later"
TOO_MANY_ERRORS = "421 4.7.0 Too many errors"
ECHO = "500 5.5.2 Error: command"  # how aiosmtpd begins a reply that repeats what it does not know
UNKNOWN_COMMAND = "500 5.5.2 This command is not known here"
UNKNOWN_COMMANDS = "421 4.7.0 Too many unknown commands: are dots at the beginning of a line doubled?"
TIMED_OUT = "421 4.4.2 Nothing came in time"
STOPPING = "421 4.3.2 Stopping; connect again"
NOT_FOR_THIS_KEY = "550 5.7.1 This key may not send"
STOPPED_KEY = "550 5.7.1 This key does not work any more"
TOO_MANY_RECIPIENTS = "452 4.5.3 At most {most} recipients; send to the others in another message"
TOO_LARGE = "552 5.3.4 At most {most} octets are taken"
FULL = "452 4.3.1 Too many messages come in at once; try again later"
EMPTY = "550 5.6.0 The message is empty"
BARE_LINE_END = (
    "550 5.6.0 A line ends with LF or CR alone: every line of a message ends with CRLF (RFC 5321 2.3.8). "
    "Convert the message, for example with curl --crlf or unix2dos"
)


def coded(reply: str) -> str:
    """Return `reply` with an enhanced status code, where one belongs and there is none."""
    if CODED.match(reply) or reply[:3] in WITHOUT:
        return reply
    enhanced = USUAL.get(reply[:3], f"{reply[:1]}.0.0")
    return f"{reply[:4]}{enhanced} {reply[4:]}"
