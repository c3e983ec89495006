"""What a delivery carries: its headers, its text, its HTML in a sandbox, and the message to download.

Mail of the platform itself and urgent mail hold links and codes that let people in: nobody is shown them.
"""

import re
from email.parser import BytesHeaderParser
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_sameorigin

from backoffice.console.site import Console
from delivery.message import stored
from delivery.message.rendering import reply_to, sender_lines, with_sender
from delivery.models import Attempt, Delivery, Email
from smtp_settings.mailboxes import mailbox
from whitelabel.routing import Address, route_for

# The document may neither run nor load anything, nor be shown elsewhere.
HTML_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox"
# Browsers connect ahead to what these name, though the policy then loads nothing: the sender would learn of the reader.
CONNECTS = re.compile("<(iframe|frame|object|embed|link|base|portal|fencedframe)", re.IGNORECASE)
TEXT_CHARS, HEADERS_SHOWN, HEADER_CHARS = 20_000, 100, 2_000


def why_hidden(delivery: Delivery) -> str:
    """Return why nobody is shown the content, "" where whoever has the right may see it."""
    if delivery.email.application_id is None:
        return "It is the platform's own mail, which may hold links that sign people in."
    if delivery.priority == Delivery.Priority.URGENT:
        return "It is urgent mail, which may hold codes and links that sign people in."
    return ""


def content_page(request: HttpRequest, console: Console, delivery: Delivery) -> HttpResponse:
    """Answer with the message, as a part of the delivery's page or alone."""
    context: dict[str, Any] = {"delivery": delivery, "hidden": why_hidden(delivery), "console_name": console.name}
    if not context["hidden"] and (message := _message(delivery)):
        text, html = stored.bodies(message)
        context |= {"headers": _headers(message), "text": text[:TEXT_CHARS], "html": bool(html)}
        context |= {"cut": len(text) > TEXT_CHARS, "is_kept": True, "size": len(message)}
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "console/delivery_log/content.html", context)
    return console.render(request, "console/delivery_log/content_page.html", context | {"title": str(delivery.email)})


@xframe_options_sameorigin
def html_page(request: HttpRequest, delivery: Delivery) -> HttpResponse:
    """Answer with the HTML body in a document of its own without any rights; but for what connects, as it is."""
    html = CONNECTS.sub(r"<x-\1", stored.bodies(_shown(delivery))[1])
    headers = {"Content-Security-Policy": HTML_POLICY, "X-DNS-Prefetch-Control": "off"}
    return HttpResponse(html, headers=headers)


def download(request: HttpRequest, delivery: Delivery) -> HttpResponse:
    """Answer with the message in wire form (RFC 5322), as a file."""
    disposition = f'attachment; filename="message-{delivery.pk}.eml"'
    return HttpResponse(_shown(delivery), content_type="message/rfc822", headers={"Content-Disposition": disposition})


def _shown(delivery: Delivery) -> bytes:
    message = b"" if why_hidden(delivery) else _message(delivery)
    if not message:
        raise Http404
    return message


def _message(delivery: Delivery) -> bytes:
    """Return the message as the server was given it last, or would be now; b"" where its content is gone."""
    email = Email.objects.only("content", "reply_to", "wanted_name", "wanted_address", "smtputf8").get(
        pk=delivery.email_id
    )
    if email.content is None:
        return b""
    try:
        lines = _sender_lines(delivery, email)
    except ValueError:  # addresses that were written past the product, with which nothing leaves
        lines = b""
    return with_sender(bytes(email.content), lines)


def _sender_lines(delivery: Delivery, email: Email) -> bytes:
    last: Attempt | None = delivery.attempts.last()
    if last and "@" in last.sender:
        return sender_lines(Address(*mailbox(last.sender)), last.reply_to, smtputf8=email.smtputf8)
    route = route_for(delivery.email.application, Address(email.wanted_name, email.wanted_address))
    return sender_lines(route.sender, reply_to(email, route), smtputf8=email.smtputf8)


def _headers(message: bytes) -> list[tuple[str, str]]:
    """Return the header fields as they are written, unfolded."""
    fields = BytesHeaderParser().parsebytes(message.partition(b"\r\n\r\n")[0] + b"\r\n\r\n").items()
    return [(name, " ".join(str(value).split())[:HEADER_CHARS]) for name, value in fields[:HEADERS_SHOWN]]
