"""Which fields an application may give with a message, and which steer servers or pretend what they found."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage, get_connection

from delivery.api import send
from delivery.message import validation
from delivery.message.reserved_fields import OF_THE_WAY, OURS, PROVIDERS, RECEIPTS

REFUSED = """
    From SENDER Reply-To To cc Bcc Subject Date Message-ID MIME-Version Content-Type Received received
    Received-SPF Return-Path Errors-To Resent-From Resent-Bcc X-Resent-To Delivered-To delivered-to
    Apparently-To Original-Recipient X-Original-To Envelope-To Authentication-Results ARC-Seal
    ARC-Authentication-Results DKIM-Signature DomainKey-Signature Disposition-Notification-To
    Disposition-Notification-Options Return-Receipt-To X-Confirm-Reading-To X-Backoffice-Priority x-backoffice-
    X-MS-Exchange-Organization-SCL X-SMTPAPI x-smtpapi X-SES-CONFIGURATION-SET X-SES-SOURCE-ARN X-MC-BccAddress
    X-MJ-CustomID X-Mailjet-Campaign X-Mailgun-Recipient-Variables X-PM-Message-Stream X-MSYS-API X-MSFBL
    X-Sib-Sandbox X-SIB-Sandbox X-Mailin-Custom X-ElasticEmail-Settings IsTransactional X-Smtp2go-Account
    X-MailerSend-Tags X-MT-Category Resend-Idempotency-Key X-TEM-Tag X-GMTrack X-MQ-Smarthost-Hostname
    X-Virtual-MTA X-xsMailingId X-xsMessageId X-Forefront-Antispam-Report Original-To X-Original-Recipient
    Envelope-From Envelope-Sender X-Envelope-To Read-Receipt-To Generate-Delivery-Report
    Notice-Requested-Upon-Delivery-To X-Postal-Tag X-SMTPeter-Tags X-CLab-Pool X-GreenArrow-MailClass X-Binding X-Job
    X-EnvID X-DKIM-Options X-Ignore-Hard X-Ignore-Complaint X-Ignore-Unsubscribe
""".split()
ALLOWED = """
    List-Unsubscribe List-Unsubscribe-Post List-Id List-Help Auto-Submitted Precedence Importance In-Reply-To
    References Feedback-ID X-Entity-Ref-ID X-Auto-Response-Suppress X-Priority Keywords X-Mailer X-Shop-Order
    X-Report-Abuse Expires Organization Comments Original-Message-ID
""".split()


@pytest.mark.parametrize("pattern", [*OURS, *OF_THE_WAY, *RECEIPTS, *PROVIDERS])
def test_each_line_of_the_table_has_an_example_here(pattern: str) -> None:
    assert any(re.fullmatch(pattern, name, re.IGNORECASE) for name in REFUSED)


@pytest.mark.parametrize("name", REFUSED)
def test_what_steers_servers_is_refused_by_its_name(name: str) -> None:
    with pytest.raises(ValidationError, match=name) as refused:
        validation.headers({name: "x"})
    assert list(refused.value.message_dict) == ["headers"]


@pytest.mark.parametrize("name", ALLOWED)
def test_what_is_about_the_message_is_sent(name: str) -> None:
    assert validation.headers({name: "x"}) == {name: "x"}


@pytest.mark.django_db
def test_it_is_refused_by_the_api_and_by_djangos_backend() -> None:
    with pytest.raises(ValidationError, match="Delivered-To"):
        send(None, to="dana@users.test", subject="Hi", text="Hi", headers={"Delivered-To": "eve@users.test"})
    mail = EmailMessage("Hi", "Hi", None, ["dana@users.test"], headers={"X-SMTPAPI": "{}"})
    with pytest.raises(ValidationError, match="X-SMTPAPI"):
        get_connection("delivery.backend.OutboxBackend").send_messages([mail])
