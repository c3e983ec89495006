"""Help for a white-label's people: their own guide and the glossary, and nothing about the platform's."""

from backoffice.console.guide import GLOSSARY, WHITE_LABEL
from backoffice.shared_pages.help import register_help
from backoffice.whitelabel_console.site import whitelabel_console

register_help(whitelabel_console, WHITE_LABEL, GLOSSARY)
