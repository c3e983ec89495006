from people.models.audit_entry import AuditEntry, AuditHead
from people.models.hand_over_code import HandOverCode
from people.models.provisioned import Provisioned
from people.models.user import User

__all__ = ["AuditEntry", "AuditHead", "HandOverCode", "Provisioned", "User"]
