from people.models.audit_entry import AuditEntry, AuditHead
from people.models.email_change import EmailChange
from people.models.hand_over_code import HandOverCode
from people.models.password_reset import PasswordReset
from people.models.preferences import NoticeKind, Preferences, Timing
from people.models.provisioned import Provisioned
from people.models.user import User

__all__ = [
    "AuditEntry",
    "AuditHead",
    "EmailChange",
    "HandOverCode",
    "NoticeKind",
    "PasswordReset",
    "Preferences",
    "Provisioned",
    "Timing",
    "User",
]
