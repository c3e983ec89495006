"""The doors for applications in other languages: the keys that open them."""
