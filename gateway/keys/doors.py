"""Where the doors are, as the settings name them: a door without an address is not open, and no page speaks of it."""

from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True)
class Doors:
    """`smtp_host` and `api_url` are "" where there is no such door."""

    smtp_host: str
    smtp_port: int
    smtp_tls_port: int
    api_url: str

    def __bool__(self) -> bool:
        """Return whether any door is open."""
        return bool(self.smtp_host or self.api_url)


def doors() -> Doors:
    return Doors(
        smtp_host=settings.SUBMISSION_HOST,
        smtp_port=settings.SUBMISSION_PORT,
        smtp_tls_port=settings.SUBMISSION_TLS_PORT,
        api_url=settings.API_URL,
    )
