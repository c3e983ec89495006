"""The platform owner's console, at /backoffice/."""
