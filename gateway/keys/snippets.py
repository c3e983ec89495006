"""What to copy into a program so that it comes to a door with a key: filled in, quoted as each language wants it."""

import json
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.choices import Scope
from gateway.keys.doors import Doors
from gateway.models import Key

USERNAME = "key"
SUBJECT, TEXT = "Hello", "It works."


@dataclass(frozen=True)
class Snippet:
    title: str
    text: str


@dataclass(frozen=True)
class Example:
    """A message to try a key with: the addresses it is from and to."""

    sender: str
    recipient: str


def snippets(key: Key, secret: str, doors: Doors, example: Example) -> list[Snippet]:
    """Return what works with the scopes of `key` at the doors that are open."""
    return list(_all(key.scopes.split(), secret, doors, example))


def _all(scopes: list[str], secret: str, doors: Doors, example: Example) -> Iterator[Snippet]:
    if Scope.SEND in scopes and doors.smtp_host:
        yield Snippet("SMTP settings", _smtp_settings(secret, doors))
    if Scope.SEND in scopes and doors.api_url:
        yield Snippet("curl", _curl(secret, doors.api_url, example))
    if Scope.SEND in scopes and doors:
        yield Snippet("Python", (_python_resend if doors.api_url else _python_smtp)(secret, doors, example))
        yield Snippet("Node", (_node_resend if doors.api_url else _node_smtp)(secret, doors, example))
    if Scope.SEND in scopes and doors.api_url:
        yield Snippet("PHP", _php_api(secret, doors, example))
    if Scope.SEND in scopes and doors.smtp_host:
        yield Snippet("PHPMailer", _php_mailer(secret, doors, example))
        yield Snippet("Django settings", _django(secret, doors))
    if Scope.DOMAINS in scopes and doors.api_url:
        yield Snippet("curl, your domains", _curl_get(secret, f"{doors.api_url}/domains"))
    if Scope.PROVISION in scopes and doors.api_url:
        yield Snippet("curl", _curl_get(secret, f"{doors.api_url}/applications"))


def _smtp_settings(secret: str, doors: Doors) -> str:
    return (
        f"Host: {doors.smtp_host}\n"
        f"Port: {doors.smtp_port} with STARTTLS, or {doors.smtp_tls_port} with implicit TLS (SSL)\n"
        f"Username: {USERNAME}\n"
        f"Password: {secret}"
    )


def _curl(secret: str, api_url: str, example: Example) -> str:
    body = json.dumps(_message(example), ensure_ascii=False)
    return (
        f"curl {shlex.quote(api_url + '/emails')} \\\n"
        f"  -H 'Authorization: Bearer {secret}' \\\n"
        f"  -H 'Content-Type: application/json' \\\n"
        f"  -d {shlex.quote(body)}"
    )


def _curl_get(secret: str, address: str) -> str:
    return f"curl {shlex.quote(address)} \\\n  -H 'Authorization: Bearer {secret}'"


def _python_resend(secret: str, doors: Doors, example: Example) -> str:
    return (
        "# pip install resend\n"
        "import resend\n\n"
        f"resend.api_url = {_double(doors.api_url)}\n"
        f"resend.api_key = {_double(secret)}\n"
        f"resend.Emails.send({_object(example, quoted_names=True)})"
    )


def _python_smtp(secret: str, doors: Doors, example: Example) -> str:
    return (
        "import smtplib\nimport ssl\nfrom email.message import EmailMessage\n\n"
        "message = EmailMessage()\n"
        f'message["From"] = {_double(example.sender)}\n'
        f'message["To"] = {_double(example.recipient)}\n'
        f'message["Subject"] = {_double(SUBJECT)}\n'
        f"message.set_content({_double(TEXT)})\n\n"
        f"with smtplib.SMTP({_double(doors.smtp_host)}, {doors.smtp_port}) as server:\n"
        "    server.starttls(context=ssl.create_default_context())\n"
        f"    server.login({_double(USERNAME)}, {_double(secret)})\n"
        "    server.send_message(message)"
    )


def _node_resend(secret: str, doors: Doors, example: Example) -> str:
    return (
        "// npm install resend; save as hello.mjs\n"
        'import { Resend } from "resend";\n\n'
        f"const resend = new Resend({_double(secret)}, {{\n"
        f"  baseUrl: {_double(doors.api_url)},\n"
        "});\n"
        f"const {{ data, error }} = await resend.emails.send({_object(example)});\n"
        "console.log(error ?? data);"
    )


def _node_smtp(secret: str, doors: Doors, example: Example) -> str:
    return (
        "// npm install nodemailer; save as hello.mjs\n"
        'import nodemailer from "nodemailer";\n\n'
        "const transport = nodemailer.createTransport({\n"
        f"  host: {_double(doors.smtp_host)},\n"
        f"  port: {doors.smtp_port},\n"
        "  requireTLS: true,\n"
        f"  auth: {{ user: {_double(USERNAME)}, pass: {_double(secret)} }},\n"
        "});\n"
        f"await transport.sendMail({_object(example)});"
    )


def _php_mailer(secret: str, doors: Doors, example: Example) -> str:
    return (
        "<?php\n// composer require phpmailer/phpmailer\n"
        "require 'vendor/autoload.php';\n\n"
        "$mail = new PHPMailer\\PHPMailer\\PHPMailer(true);\n"
        "$mail->isSMTP();\n"
        "$mail->CharSet = 'UTF-8';\n"
        f"$mail->Host = {_single(doors.smtp_host)};\n"
        f"$mail->Port = {doors.smtp_port};\n"
        "$mail->SMTPSecure = 'tls';\n"
        "$mail->SMTPAuth = true;\n"
        f"$mail->Username = {_single(USERNAME)};\n"
        f"$mail->Password = {_single(secret)};\n"
        f"$mail->setFrom({_single(example.sender)});\n"
        f"$mail->addAddress({_single(example.recipient)});\n"
        f"$mail->Subject = {_single(SUBJECT)};\n"
        f"$mail->Body = {_single(TEXT)};\n"
        "$mail->send();"
    )


def _php_api(secret: str, doors: Doors, example: Example) -> str:
    fields = "".join(f"        {_single(name)} => {_single(value)},\n" for name, value in _message(example).items())
    return (
        "<?php\n"
        f"$request = curl_init({_single(doors.api_url + '/emails')});\n"
        "curl_setopt_array($request, [\n"
        "    CURLOPT_RETURNTRANSFER => true,\n"
        f"    CURLOPT_HTTPHEADER => ['Authorization: Bearer {secret}', 'Content-Type: application/json'],\n"
        f"    CURLOPT_POSTFIELDS => json_encode([\n{fields}    ]),\n"
        "]);\n"
        "echo curl_exec($request);"
    )


def _django(secret: str, doors: Doors) -> str:
    return (
        f"EMAIL_HOST = {_double(doors.smtp_host)}\n"
        f"EMAIL_PORT = {doors.smtp_port}\n"
        "EMAIL_USE_TLS = True\n"
        f"EMAIL_HOST_USER = {_double(USERNAME)}\n"
        f"EMAIL_HOST_PASSWORD = {_double(secret)}\n"
        "EMAIL_TIMEOUT = 30"
    )


def _message(example: Example) -> dict[str, str]:
    return {"from": example.sender, "to": example.recipient, "subject": SUBJECT, "text": TEXT}


def _object(example: Example, *, quoted_names: bool = False) -> str:
    """Return the message as Python writes a dictionary, or JavaScript an object."""
    indent = "    " if quoted_names else "  "
    fields = _message(example).items()
    lines = (f"{indent}{_double(name) if quoted_names else name}: {_double(value)},\n" for name, value in fields)
    return "{\n" + "".join(lines) + "}"


def _double(text: str) -> str:
    """Quote for Python and JavaScript, whose literals JSON's are."""
    return json.dumps(text, ensure_ascii=False)


def _single(text: str) -> str:
    """Quote for PHP, where between single quotes only these two have a meaning."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
