"""Where an SMTP server may be: host spellings, ports, the deny table and the exceptions from it."""

from ipaddress import ip_address, ip_network

import pytest
from django.conf import LazySettings
from hypothesis import given
from hypothesis import strategies as st

from smtp_settings.choices import Policy
from smtp_settings.network import address_policy, special_addresses
from smtp_settings.network.special_addresses import Address, kind_of
from testing.fixtures import LOOPBACK

pytestmark = pytest.mark.django_db

SPECIAL = """
    0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 100.100.100.200 127.0.0.1 127.255.255.254 168.63.129.16 169.254.169.254
    172.16.0.1 172.31.255.255 192.0.0.192 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.19.255.255 198.51.100.7
    203.0.113.9 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
    :: ::1 ::127.0.0.1 ::8.8.8.8 ::ffff:10.0.0.1 ::ffff:8.8.8.8 ::ffff:0:10.0.0.1 64:ff9b::7f00:1 64:ff9b::808:808
    64:ff9b:1::1 100::1 2001::1 2001:2::1 2001:10::1 2001:20::1 2001:db8::1 2002:7f00:1::1 2002:808:808::1 3fff::1
    5f00::1 fc00::1 fd00:ec2::254 fe80::1 fe80::1%2 fec0::1 ff02::1 4000::1 8000::1 2a00:1450::5efe:10.0.0.1
""".split()
PUBLIC = """
    1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 172.15.255.255 172.32.0.0 192.167.255.255
    223.255.255.255 2606:4700:4700::1111 2a00:1450:4001:80b::200e 2001:4860:4860::8888 2a00:1450::5efe:8.8.8.8
""".split()
LITERALS = """
    127.0.0.1 127.0.0.1. 127.1 0x7f.1 0x7f000001 2130706433 017700000001 0177.0.0.1
    \uff11\uff12\uff17.0.0.1 127\u30020\u30020\u30021
    [::1] ::1 [127.0.0.1] ::ffff:127.0.0.1 1.2.3.4.5 256.256.256.256 example.0x10 8.8.8.8 fe80::1%lo
""".split()
NO_NAMES = ["", " ", "a b", "a..b", "-a.example", "x" * 64 + ".com", "http://a.example", "a.example:25", "a@b.example"]
NO_NAMES += [
    "a.exa\nmple",
    "a\x00.example",
    "a_b.example",
    "a.example/x",
    "a\u2028.example",
    ".".join(["abcdefgh"] * 32),
]


@pytest.mark.parametrize("address", SPECIAL)
def test_special_addresses_are_forbidden_to_everybody(address: str, settings: LazySettings) -> None:
    settings.SMTP_ALLOWED_CIDRS = []
    for policy in (Policy.PLATFORM, Policy.WHITE_LABEL):
        with pytest.raises(address_policy.Forbidden):
            address_policy.judge("mail.example.com", 587, policy, [ip_address(address)])


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_allowed(address: str, settings: LazySettings) -> None:
    settings.SMTP_ALLOWED_CIDRS = []
    address_policy.judge("mail.example.com", 587, Policy.WHITE_LABEL, [ip_address(address)])


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6, network="::/3"), st.ip_addresses(v=6, network="2000::/3")))
def test_nothing_that_the_standard_library_calls_not_global_counts_as_public(address: Address) -> None:
    assert kind_of(address) or address.is_global


def test_one_forbidden_address_refuses_the_host(settings: LazySettings) -> None:
    settings.SMTP_ALLOWED_CIDRS = []
    with pytest.raises(address_policy.Forbidden):
        address_policy.judge(
            "mail.example.com", 587, Policy.WHITE_LABEL, [ip_address("8.8.8.8"), ip_address("10.0.0.1")]
        )


@pytest.mark.parametrize("typed", LITERALS)
def test_white_labels_may_not_type_an_address_in_any_spelling(typed: str) -> None:
    with pytest.raises(address_policy.Forbidden, match="Type the host name"):
        address_policy.canonical_host(typed, Policy.WHITE_LABEL)


@pytest.mark.parametrize("typed", NO_NAMES)
def test_what_is_no_host_name_is_refused(typed: str) -> None:
    for policy in (Policy.PLATFORM, Policy.WHITE_LABEL):
        with pytest.raises(address_policy.Forbidden, match="This is not a host name"):
            address_policy.canonical_host(typed, policy)


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        (" SMTP.Example.COM. ", "smtp.example.com"),
        ("smtp.bücher.example", "smtp.xn--bcher-kva.example"),
        ("\uff53mtp\u3002example.com", "smtp.example.com"),
    ],
)
def test_a_host_name_has_one_spelling(typed: str, canonical: str) -> None:
    assert address_policy.canonical_host(typed, Policy.WHITE_LABEL) == canonical


def test_the_platform_may_type_an_address_which_is_judged_too(settings: LazySettings) -> None:
    settings.SMTP_ALLOWED_CIDRS = []
    assert address_policy.resolve("[2606:4700:4700::1111]", 25, Policy.PLATFORM) == ["2606:4700:4700::1111"]
    with pytest.raises(address_policy.Forbidden, match=r"127\.0\.0\.1, which is loopback"):
        address_policy.resolve("0x7f.1", 25, Policy.PLATFORM)


def test_localhost_is_fine_only_where_its_address_is_listed(settings: LazySettings) -> None:
    settings.SMTP_ALLOWED_CIDRS = LOOPBACK
    assert "127.0.0.1" in address_policy.resolve("localhost", 49152, Policy.WHITE_LABEL)
    settings.SMTP_ALLOWED_CIDRS = []
    with pytest.raises(address_policy.Forbidden):
        address_policy.resolve("localhost", 587, Policy.WHITE_LABEL)


def test_the_server_default_is_only_resolved(settings: LazySettings) -> None:
    settings.SMTP_ALLOWED_CIDRS = []
    assert "127.0.0.1" in address_policy.resolve("localhost", 25, Policy.ENVIRONMENT)


def test_blocked_and_unknown_read_the_same_for_white_labels(settings: LazySettings) -> None:
    settings.SMTP_ALLOWED_CIDRS = []
    with pytest.raises(address_policy.Forbidden) as blocked:
        address_policy.resolve("localhost", 587, Policy.WHITE_LABEL)
    with pytest.raises(address_policy.Unresolvable) as unknown:
        address_policy.resolve("nothing.invalid", 587, Policy.WHITE_LABEL)
    assert blocked.value.sentence == unknown.value.sentence
    assert blocked.value.field == unknown.value.field == "host"


def test_a_resolver_that_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(address_policy, "RESOLVE_SECONDS", 0.0)
    with pytest.raises(address_policy.Unresolvable):
        address_policy.resolve("nothing.invalid", 587, Policy.PLATFORM)


@pytest.mark.parametrize("port", [1, 22, 25, 80, 443, 2526, 3306, 65535])
def test_white_labels_keep_to_the_submission_ports(port: int) -> None:
    with pytest.raises(address_policy.Forbidden, match="Choose one of the ports 465, 587, 2465, 2525, 2587") as refused:
        address_policy.judge("mail.example.com", port, Policy.WHITE_LABEL, [ip_address("8.8.8.8")])
    assert refused.value.field == "port"
    address_policy.judge("mail.example.com", port, Policy.PLATFORM, [ip_address("8.8.8.8")])


def test_port_25_is_the_installations_to_allow(settings: LazySettings) -> None:
    settings.SMTP_ALLOW_PORT_25 = True
    address_policy.judge("mail.example.com", 25, Policy.WHITE_LABEL, [ip_address("8.8.8.8")])


def test_a_wrong_port_tells_nothing_about_the_host(settings: LazySettings) -> None:
    settings.SMTP_ALLOWED_CIDRS = []
    for host in ("localhost", "nothing.invalid"):
        with pytest.raises(address_policy.Forbidden, match="Choose one of the ports"):
            address_policy.resolve(host, 6379, Policy.WHITE_LABEL)


def test_an_exception_for_a_gateway_does_not_open_what_is_behind_it(settings: LazySettings) -> None:
    settings.SMTP_ALLOWED_CIDRS = [ip_network("64:ff9b::/96")]
    address_policy.judge("mail.example.com", 587, Policy.WHITE_LABEL, [ip_address("64:ff9b::808:808")])
    with pytest.raises(address_policy.Forbidden):
        address_policy.judge("mail.example.com", 587, Policy.WHITE_LABEL, [ip_address("64:ff9b::a00:1")])


def test_every_row_of_the_table_is_forbidden_at_both_its_ends() -> None:
    for row in (ip_network(name) for name in (*special_addresses._IPV4, *special_addresses._IPV6)):
        assert kind_of(row[0])
        assert kind_of(row[-1])
