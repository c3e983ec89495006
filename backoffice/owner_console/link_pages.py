"""The owner's pages of links to a domain's records."""

from django.urls import reverse

from backoffice.link_pages import LinkPages
from backoffice.owner_console.domain_pages import found as found_domain
from backoffice.owner_console.site import owner_console

owners_links = LinkPages(
    console=owner_console,
    found=found_domain,
    back=lambda domain: reverse("owner:whitelabel_sendingdomain_change", args=[domain.pk]),
)
