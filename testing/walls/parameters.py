"""Every name under which a view may read something from the query or the body."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.forms.forms import BaseForm

ROOT = Path(__file__).resolve().parents[2]
APPS = ("backoffice", "gateway", "delivery", "whitelabel", "smtp_settings", "messages", "people")
READS = re.compile(
    r"""(?:GET|POST)(?:\.get\(|\.getlist\(|\.pop\(|\[)\s*["']?(\w+)|["'](\w+)["']\s+in\s+\S*(?:GET|POST)\b"""
)
TEXT_CONSTANT = re.compile(r"""^([A-Z][A-Z_]+)(?:: \w+)? = ["'](\w+)["']""", re.MULTILINE)
FIELDS_OF_TEMPLATES = re.compile(r"""\bname="(\w+)\"""")
USUAL = """
    id pk key uuid token q next white_label whitelabel white_label_id tenant scope application application_id app owner
    admins user person person_id domain domain_id sending_domain record record_set link link_pk server server_id mailbox
    thread thread_id message delivery delivery_id email email_id recipient sender attempt check suppression address
    object_id _selected_action status state verified is_staff is_superuser index select_across
""".split()


@cache
def parameter_names() -> frozenset[str]:
    """Return the usual names, those that the source reads, and those of every form's fields."""
    return frozenset(USUAL) | frozenset(_read_in_source()) | frozenset(_of_templates()) | frozenset(_of_forms())


def _read_in_source() -> Iterator[str]:
    texts = [path.read_text() for app in APPS for path in (ROOT / app).rglob("*.py") if "tests" not in path.parts]
    constants = {name: value for text in texts for name, value in TEXT_CONSTANT.findall(text)}
    for text in texts:
        for read, looked_for in READS.findall(text):
            yield constants.get(read, read) or looked_for


def _of_templates() -> Iterator[str]:
    for path in (ROOT / "templates").rglob("*.html"):
        yield from FIELDS_OF_TEMPLATES.findall(path.read_text())


def _of_forms(form: type[BaseForm] = BaseForm) -> Iterator[str]:
    """Yield the fields of every form class that is loaded."""
    yield from getattr(form, "base_fields", ())
    for subclass in form.__subclasses__():
        yield from _of_forms(subclass)
