"""Lay an e-mail out: as text, and as HTML whose styles are inline, because few mail programs read a stylesheet."""

import re

from django.template.loader import render_to_string

from notifications.notification import Notification

PARAGRAPHS = re.compile(r"\n[ \t]*\n\s*")
TEMPLATE = "notifications/notification"
LEADS_AWAY = re.compile(
    "[@/\uff20\uff0f]|\\w[.\u2024\u3002\uff0e\uff61]\\w{2}"
)  # what mail programs make a link of, by any dot


def as_text(notification: Notification) -> str:
    return re.sub(r"\n{3,}", "\n\n", render_to_string(f"{TEMPLATE}.txt", _context(notification))).strip() + "\n"


def as_html(notification: Notification) -> str:
    return render_to_string(f"{TEMPLATE}.html", _context(notification))


def greeting(name: str) -> str:
    """Return how somebody is greeted: without a name that leads away, as whoever invites them may have typed it."""
    name = " ".join(name.split())
    return "Hello," if not name or LEADS_AWAY.search(name) else f"Hello {name},"


def paragraphs(text: str) -> list[str]:
    return [each for each in PARAGRAPHS.split(text.strip()) if each]


def _context(notification: Notification) -> dict[str, object]:
    return {
        "it": notification,
        "greeting": greeting(notification.name),
        "text": paragraphs(notification.text),
        "quote": paragraphs(notification.quote),
        "quoted_lines": notification.quote.strip().splitlines(),
        "below": paragraphs(notification.below),
        "colours": notification.brand.palette,
    }
