"""Which name servers are asked."""

import pytest
from django.conf import LazySettings

from smtp_settings.network import resolver


@pytest.mark.parametrize("item", ["192.0.2.1", "192.0.2.1:5353", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:5353"])
def test_a_resolver_is_named_by_address_and_possibly_port(item: str) -> None:
    server = resolver.name_server(item)
    assert server.answer_port() == (5353 if item.endswith("5353") else 53)
    assert server.answer_nameserver() in {"192.0.2.1", "2001:db8::1"}


def test_the_settings_replace_the_resolvers_of_the_system(settings: LazySettings) -> None:
    settings.DNS_RESOLVERS = ["192.0.2.1", "192.0.2.2:5353"]
    assert [str(server) for server in resolver.make().nameservers] == ["Do53:192.0.2.1@53", "Do53:192.0.2.2@5353"]
