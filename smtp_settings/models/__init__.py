from smtp_settings.models.check import SmtpCheck
from smtp_settings.models.communication import Communication
from smtp_settings.models.health import ServerHealth
from smtp_settings.models.server import SmtpServer

__all__ = ["Communication", "ServerHealth", "SmtpCheck", "SmtpServer"]
