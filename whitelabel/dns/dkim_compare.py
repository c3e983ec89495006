"""Compare the alias of a DKIM key with what is there: it is the key at the end that verifies signatures."""

from whitelabel.dns import dkim
from whitelabel.dns.answers import Answer, Outcome, printable_lines
from whitelabel.dns.record import Record, Status, Verdict
from whitelabel.dns.resolver import DomainResolver, View


def compare_key_alias(record: Record, view: View, resolver: DomainResolver) -> Verdict | None:
    """Compare what a server answers to the question for the key; None where there is neither an alias nor a key.

    The target's own key decides, whatever leads to it: aliases of the domain's own (CNAME, DNAME), or a copy.
    """
    answer = view.answer
    if answer.outcome is Outcome.ABSENT:
        return _compare_dangling(record, answer) if answer.aliases else None
    keys = [value for value in answer.values if dkim.is_like_key(value)]
    shown = f"an alias of {answer.path}" if answer.aliases else printable_lines(keys or answer.values)
    if record.value in answer.aliases:
        return _judge(keys, shown, answer)
    target = resolver(record.value, "TXT")
    if target.is_unknown:
        return Verdict(Status.UNKNOWN, printable_lines([target.why]))
    wanted = [value for value in target.values if dkim.is_like_key(value)]
    if len(keys) == len(wanted) == 1 and dkim.same_key(wanted[0], keys[0]):
        return _judge(keys, shown, answer)
    if resolver.alias_leaves_domain(answer):
        shown = f"{shown}, which holds something else"
    return Verdict(Status.DIFFERENT, shown)


def _compare_dangling(record: Record, answer: Answer) -> Verdict:
    """Tell an alias that is right, and whose target is not there yet, from one that is wrong."""
    status = Status.MISSING if record.value in answer.aliases else Status.DIFFERENT
    return Verdict(status, printable_lines([answer.leads_to_nothing]))


def _judge(keys: list[str], shown: str, answer: Answer) -> Verdict:
    """Judge the key that verifiers get."""
    why = dkim.problem(keys[0]) if len(keys) == 1 else f"There are {len(keys) or 'no'} keys; one is needed."
    if why:
        return Verdict(Status.DIFFERENT, f"{shown}. {why}" if answer.aliases else f"{shown}\n{why}")
    return Verdict(Status.OK, shown)
