"""The owner's pages of links to a domain's records."""

from django.urls import reverse

from backoffice.owner_console.domains.page import find_domain
from backoffice.owner_console.site import owner_console
from backoffice.shared_pages.records_links import LinkPages

owners_links = LinkPages(
    console=owner_console,
    find_domain=find_domain,
    back=lambda domain: reverse("owner:whitelabel_sendingdomain_change", args=[domain.pk]),
)
