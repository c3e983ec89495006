"""The peers and the limit: what else sends mail from Python, set up as its own documentation says."""

import sys

from celery import Celery

from benchmarks import surroundings
from benchmarks.field import POST_OFFICE, Field, Run
from benchmarks.measuring import measure, patience_seconds
from benchmarks.processes import Process, Program, run_program, wait_until
from benchmarks.product import POLL_SECONDS
from benchmarks.sinks import Sink

IDLE_QUEUE, QUEUE = "idle", "mail"


def django_backend(field: Field, how: str, *, sink: Sink | None = None, messages: int = 0, **more: str) -> Run:
    """Send with Django's SMTP backend; `how` is "one" (connection) or "each" (mail one of its own)."""
    if sink is None:
        with field.sink() as sink:
            return django_backend(field, how, sink=sink, messages=field.messages, **more)
    folder = field.new_folder("django")
    environment = surroundings.of_peer(folder, sink_port=sink.port, **more)
    return _program(field, sink, messages, "django_backend", how, environment)


def bare_smtplib(field: Field) -> Run:
    with field.sink() as sink:
        environment = surroundings.basic()
        return _program(field, sink, field.messages, "bare_smtplib", str(sink.port), environment)


def _program(field: Field, sink: Sink, messages: int, module: str, argument: str, environment: dict[str, str]) -> Run:
    log = field.new_folder(module) / "log"
    with Program(module, argument, str(messages), environment=environment, log=log, cores=field.cores) as program:
        program.wait_ready()
        return measure([program.pid], lambda: program.go(patience_seconds(messages)), sink, messages)


def post_office(field: Field, kind: str, processes: int) -> Run:
    """Queue with django-post_office in bulk, then send with its command."""
    folder = field.new_folder("post_office")
    with field.sink() as sink, field.copy(kind, POST_OFFICE) as (_, url):
        environment = surroundings.of_peer(folder, database_url=url, sink_port=sink.port)
        run_program("post_office_fill", "many", str(field.messages), environment=environment, log=folder / "fill.log")
        log = folder / "send.log"
        with Program(
            "post_office_send", str(processes), environment=environment, log=log, cores=field.cores
        ) as program:
            program.wait_ready()
            patience = patience_seconds(field.messages)
            return measure([program.pid], lambda: program.go(patience), sink, field.messages)


def celery_send_mail(field: Field, processes: int) -> Run:
    """Queue a task for each mail while the workers are up but listen to another queue; then let them listen."""
    folder = field.new_folder("celery")
    with field.sink() as sink, field.broker(folder):
        environment = surroundings.of_peer(folder, sink_port=sink.port)
        command = [sys.executable, "-m", "celery", "-A", "benchmarks.programs.celery_app", "worker"]
        options = ["-c", str(processes), "-Q", IDLE_QUEUE]
        log = folder / "worker.log"
        with Process([*command, *options], environment=environment, log=log, cores=field.cores) as worker:
            surroundings.wait_for_workers(folder, 1)
            run_program("celery_queue", str(field.messages), environment=environment, log=folder / "queue.log")
            return measure([worker.pid], lambda: _listen(environment, sink, field.messages), sink, field.messages)


def _listen(environment: dict[str, str], sink: Sink, messages: int) -> None:
    with Celery(broker=environment["BROKER_URL"]) as app:
        app.control.add_consumer(QUEUE)
        wait_until(
            lambda: sink.count >= messages,
            patience_seconds(messages),
            lambda: f"only {sink.count} of {messages} messages arrived",
            pause_seconds=POLL_SECONDS,
        )
