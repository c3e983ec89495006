"""Help for the platform's people: what owners, white-labels and those who run the server do, and the glossary."""

from backoffice.console.guide import GLOSSARY, OWNER, SERVER, WHITE_LABEL
from backoffice.owner_console.site import owner_console
from backoffice.shared_pages.help import register_help

register_help(owner_console, OWNER, WHITE_LABEL, SERVER, GLOSSARY)
