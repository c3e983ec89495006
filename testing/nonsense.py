"""Requests that no page of ours would send: octets that are no text, numbers past every column, odd names, bodies."""

from dataclasses import dataclass
from urllib.parse import quote

from hypothesis import strategies as st

from testing.walls.addresses import Address
from testing.walls.parameters import parameter_names

# As they are in a request: octets that are no UTF-8, control characters, digits that are none of ASCII, half an escape.
OCTETS = """
    %00 a%00b %ED%A0%80 %C0%AF %FF%FE %F5%80%80%80 %0D%0ABcc:x %E2%80%A8 %EF%BF%BF % %u0000 %F0%9F%98%80 %D9%A3 %C2%85
    %EF%BC%91 %C2%B2 %25s %7B%7D ..%2F..%2F %5C %27%22%3C %2B
""".split()
NUMBERS = ["-1", "0", "1.5", "1e400", "NaN", "9" * 400, "9" * 5_000]
NUMBERS += [str(number) for number in (2**31, 2**63 - 1, 2**63, -(2**63) - 1)]
WORDS = """
    unknown true None null [] 1,2 1& 1__in - _ 2026-13-45 0000-00-00 99999-01-01 25:61 2026-02-30+24:00 a@b@c __all__
    00000000-0000-0000-0000-000000000000 -1.2.3 1.-2
""".split()
VALUES = [*OCTETS, *(quote(word) for word in (*NUMBERS, *WORDS, "", "x" * 10_000))]
OF_LISTS = """
    p o e q all _facets _popup _to_field _changelist_filters _selected_action action __ ___ id__in pk__gt id__range pk
    id__isnull id__regex id__exact app_label model_name field_name term page s extended form-TOTAL_FORMS form-0-id %00
    %FF a__b__c
""".split()
FORM = "application/x-www-form-urlencoded"
TYPES = [
    FORM,
    "multipart/form-data; boundary=b",
    "multipart/form-data",
    "application/json",
    "text/plain; charset=no",
    "",
]
BODIES = [
    b"",
    b"\xff\xfe\x00",
    b"--b\r\n",
    b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n\x00\r\n--b--\r\n',
    b'"\\ud800"',
    b"&".join(b"n%d=1" % number for number in range(1_001)),
]


@dataclass(frozen=True)
class Request:
    """What `Client.generic` is asked for."""

    method: str
    path: str
    body: bytes = b""
    content_type: str = ""


def pairs(name: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Return up to four names with a value each."""
    return st.lists(st.builds("{}={}".format, name, values()), min_size=1, max_size=4).map("&".join)


def values() -> st.SearchStrategy[str]:
    return st.sampled_from(VALUES) | st.binary(max_size=20).map(quote)


def queries() -> st.SearchStrategy[str]:
    """Return nothing, some names, or every name that is read anywhere with the same value."""
    names = sorted(parameter_names())
    every = values().map(lambda value: "&".join(f"{name}={value}" for name in names))
    return st.just("") | pairs(st.sampled_from((*names, *OF_LISTS))) | every


def requests(addresses: list[Address], own: str) -> st.SearchStrategy[Request]:
    """Return requests for `addresses`; in the place of an id is mostly `own`, the id of rows that are there."""
    part = st.just(own) | st.just(own) | values()
    path = st.sampled_from(addresses).flatmap(lambda address: _filled(address, part))
    asked = st.builds("{}?{}".format, path, queries())
    body = queries().map(str.encode) | st.sampled_from(BODIES)
    read = st.builds(Request, st.sampled_from(("GET", "HEAD")), asked)
    return read | st.builds(Request, st.just("POST"), asked, body, st.sampled_from(TYPES))


def _filled(address: Address, part: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    chosen = {name: part if name in address.ids else st.sampled_from(words) for name, words in address.kinds.items()}
    return st.fixed_dictionaries(chosen).map(lambda values: address.template % values)
