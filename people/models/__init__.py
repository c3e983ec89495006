from people.models.audit_entry import AuditEntry
from people.models.user import User

__all__ = ["AuditEntry", "User"]
