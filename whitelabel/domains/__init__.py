"""The life of a sending domain: requested, answered, checked, ended; and the notices."""
