"""The peer that most projects begin with: a Celery task for each mail, calling `send_mail`."""

import os

import django
from celery import Celery
from django.core.mail import send_mail

from benchmarks import sample

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.programs.settings")
django.setup()

app = Celery("benchmark")
app.config_from_object("django.conf:settings", namespace="CELERY")


@app.task(name="benchmark.send")
def send(subject: str, text: str, html: str, recipient: str) -> None:
    send_mail(subject, text, sample.SENDER, [recipient], html_message=html)
