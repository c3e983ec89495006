"""Help in both consoles: the guides that are for whoever reads them there, and the glossary."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.views.generic import TemplateView

from backoffice.console.guide import Guide
from backoffice.console.site import Console
from backoffice.console.views import ConsoleMixin
from people.roles import Right


class HelpView(ConsoleMixin, TemplateView):
    """One guide, beside links to the others of the console."""

    template_name = "console/help.html"
    console: Console = None  # type: ignore[assignment]
    guides: Sequence[Guide] = ()
    guide: Guide = None  # type: ignore[assignment]

    def get_title(self) -> str:
        return f"Help: {self.guide.title}" if self.guide != self.guides[0] else "Help"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        links = [
            {"title": each.title, "address": self._address(each), "is_here": each == self.guide} for each in self.guides
        ]
        return super().get_context_data(guides=links, guide=self.guide.render(self._address_of), **kwargs)

    def _address_of(self, name: str) -> str:
        return next((self._address(each) for each in self.guides if each.name == name), "")

    def _address(self, guide: Guide) -> str:
        return reverse(f"{self.console.name}:{url_name(guide, self.guides)}")


def register_help(console: Console, *guides: Guide) -> None:
    """Give a console these guides, the first of them as its page Help."""
    for guide in guides:
        address = "help/" if guide == guides[0] else f"help/{guide.name}/"
        view = HelpView.as_view(console=console, guides=guides, guide=guide)
        console.page(address, name=url_name(guide, guides), get=Right.SEE)(view)


def url_name(guide: Guide, guides: Sequence[Guide]) -> str:
    return "help" if guide == guides[0] else f"help_{guide.name.replace('-', '_')}"
