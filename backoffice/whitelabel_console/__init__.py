"""The white-label admin's console, at /whitelabel/."""
