"""The reader of DNS records that somebody pasted."""

from whitelabel.pasting.found import Pasted, PastedRow, Unread
from whitelabel.pasting.reading import PASTE_MAX_BYTES, read

__all__ = ["PASTE_MAX_BYTES", "Pasted", "PastedRow", "Unread", "read"]
