"""Judge one record to publish by what DNS says of its name: found, missing, different, or not known.

Two servers of a domain that say different things prove nothing and count against nobody: the verdict is UNKNOWN until
they agree, because receivers ask either of them.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from smtp_settings.network.special_addresses import kind_of
from whitelabel.dns import dkim, dmarc, spf, spf_evaluation
from whitelabel.dns.answers import Answer, Outcome, printable, shown
from whitelabel.dns.resolver import Asking
from whitelabel.models import DnsRecord
from whitelabel.models.record import Record
from whitelabel.records import comparable

Status = DnsRecord.Status

DISAGREE = "The domain's name servers do not say the same: a change is still spreading, wait an hour."
PROXIED = "Switch off proxying for this name (at Cloudflare: DNS only)."
_PURPOSE = re.compile(r"[\w.-]{1,60}[=:]")


@dataclass(frozen=True)
class Verdict:
    """`status` is a `DnsRecord.Status`, `found` what is there, one value a line, fit for a page.

    `instead` is the exact value to publish where the one that was asked for would harm what is there, also once it
    is published; "" elsewhere.
    """

    status: str
    found: str = ""
    instead: str = ""


def judge(record: Record, asking: Asking) -> Verdict:
    """Ask for the record and judge it; raises nothing for what DNS says or does not say."""
    judgements = [_judge_answer(record, answer, asking) for answer in asking.each(record.name, record.type)]
    if len({verdict.status for verdict in judgements}) == 1:
        return judgements[0]
    said = "\n".join(verdict.found or "nothing" for verdict in judgements)
    return Verdict(Status.UNKNOWN, f"{DISAGREE}\n{said}")


def _judge_answer(record: Record, answer: Answer, asking: Asking) -> Verdict:
    if answer.is_unknown:
        return Verdict(Status.UNKNOWN, shown([answer.why]))
    if record.type == DnsRecord.Type.TXT and spf.is_spf(record.value):
        return _judge_spf(record, answer, asking)
    rivals = _rivals(record, answer.values)
    if answer.values and asking.leads_away(answer):
        return _judge_led_away(record, answer, rivals)
    if len(rivals) > 1:
        return Verdict(Status.DIFFERENT, shown(rivals))
    if any(_is_same(record, value) for value in answer.values):
        return Verdict(Status.OK, shown(answer.values))
    if record.type == DnsRecord.Type.CNAME and answer.outcome is Outcome.ABSENT:
        return _judge_without_alias(record, asking)
    return _judge_other(record, answer)


def _judge_led_away(record: Record, answer: Answer, rivals: Sequence[str]) -> Verdict:
    """Judge what stands under other people's names without showing it: the resolver may know internal ones."""
    where = f"an alias of {_path(answer)}"
    if len(rivals) <= 1 and any(_is_same(record, value) for value in answer.values):
        return Verdict(Status.OK, shown([where]))
    return Verdict(Status.DIFFERENT, shown([f"{where}, which holds something else"]))


def _path(answer: Answer) -> str:
    return " → ".join(name or "the root of DNS" for name in answer.aliases)


def _rivals(record: Record, values: Sequence[str]) -> list[str]:
    """Return the values of which there must be only one, or receivers may take any or none (RFC 6376 3.6.2.2)."""
    if record.type == DnsRecord.Type.TXT and dkim.is_key_name(record.name):
        return [value for value in values if dkim.is_key(value)]
    return [value for value in values if dmarc.is_dmarc(value)] if dmarc.is_dmarc(record.value) else []


def _is_same(record: Record, value: str) -> bool:
    """Return whether a value does what the record to publish does."""
    if comparable(record.type, record.value) == comparable(record.type, value):
        return True
    if record.type != DnsRecord.Type.TXT:
        return False
    if dkim.is_key_name(record.name):
        return dkim.same_key(record.value, value)
    return dmarc.is_dmarc(record.value) and dmarc.is_dmarc(value)  # a policy that exists is respected


def _judge_other(record: Record, answer: Answer) -> Verdict:
    """Judge values of which none is the one that is looked for; TXT values for other purposes are no matter."""
    values = [value for value in answer.values if _same_purpose(record, value)]
    if answer.outcome is Outcome.ABSENT and answer.aliases:
        values = [f"an alias of {_path(answer)}, which leads to nothing. {answer.why}".strip()]
    return Verdict(Status.DIFFERENT, shown(values)) if values else Verdict(Status.MISSING)


def _same_purpose(record: Record, value: str) -> bool:
    """Return whether a value has the same purpose; under a name with an underscore it always has (RFC 8552)."""
    if record.type != DnsRecord.Type.TXT or any(label.startswith("_") for label in record.name.split(".")):
        return True
    purpose = _PURPOSE.match(record.value)
    return purpose is None or value.lower().startswith(purpose[0].lower())


def _judge_without_alias(record: Record, asking: Asking) -> Verdict:
    """Judge a name that should be an alias and is none: DNS hosts that flatten or proxy answer in its place."""
    kind = DnsRecord.Type.TXT if dkim.is_key_name(record.name) else "A"
    there = asking(record.name, kind)
    if there.is_unknown:
        return Verdict(Status.UNKNOWN, shown([there.why]))
    if there.outcome is Outcome.ABSENT:
        return Verdict(Status.MISSING)
    if kind == "A":
        return Verdict(Status.DIFFERENT, shown(_in_place_of_alias(there.values, away=asking.leads_away(there))))
    behind = asking(record.value, kind)
    if behind.is_unknown:
        return Verdict(Status.UNKNOWN, shown([behind.why]))
    same = any(dkim.same_key(key, value) for key in behind.values for value in there.values)
    hidden = asking.leads_away(there)
    return Verdict(Status.OK if same else Status.DIFFERENT, shown([_path(there)] if hidden else there.values))


def _in_place_of_alias(addresses: Sequence[str], *, away: bool) -> Iterator[str]:
    """Say what to do; an address inside of a network is nobody's business."""
    for address in addresses:
        hidden = away or kind_of(ip_address(address))
        yield f"{'an address' if hidden else address} instead of an alias. {PROXIED}"


def _kept(whole: str, asked_for: str) -> str:
    """Return the SPF record of the domain where it is another one than was asked for, and fit to be kept and shown."""
    fits = len(whole) <= spf_evaluation.RECORD_READ_MAX_CHARS and printable(whole) == whole
    return whole if fits and whole != asked_for else ""


def _judge_spf(record: Record, answer: Answer, asking: Asking) -> Verdict:
    """Judge by what the published record allows; the advice is always one whole record, never a second one."""
    evaluation = spf_evaluation.evaluate_answer(record.name, answer, asking)
    away = asking.leads_away(answer)
    found = shown([f"an alias of {_path(answer)}"] if away else evaluation.published)
    if not evaluation.published:
        return Verdict(Status.MISSING)
    refused = spf_evaluation.not_allowed(record.value, evaluation, record.name)
    if not refused and not evaluation.errors:
        return Verdict(Status.OK, found, "" if away else _kept(evaluation.published[0], record.value))
    merged = spf.merge(evaluation.published, record.value, record.name)
    instead = "" if away or merged in evaluation.published else _kept(merged, record.value)
    if evaluation.unknown and not evaluation.errors:
        return Verdict(Status.UNKNOWN, "\n".join((found, shown(evaluation.unknown))), instead)
    return Verdict(Status.DIFFERENT, found, instead)
