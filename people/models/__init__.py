from people.models.audit_entry import AuditEntry, AuditHead
from people.models.provisioned import Provisioned
from people.models.user import User

__all__ = ["AuditEntry", "AuditHead", "Provisioned", "User"]
