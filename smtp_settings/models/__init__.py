from smtp_settings.models.check import SmtpCheck
from smtp_settings.models.communication import Communication
from smtp_settings.models.health import ServerHealth
from smtp_settings.models.oauth import AccessToken, Credential
from smtp_settings.models.server import SmtpServer

__all__ = ["AccessToken", "Communication", "Credential", "ServerHealth", "SmtpCheck", "SmtpServer"]
