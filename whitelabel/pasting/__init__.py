"""The reader of DNS records that somebody pasted."""

from whitelabel.pasting.reader import PASTE_MAX_BYTES, read
from whitelabel.pasting.result import Pasted, PastedRow, Unread

__all__ = ["PASTE_MAX_BYTES", "Pasted", "PastedRow", "Unread", "read"]
