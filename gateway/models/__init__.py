from gateway.models.idempotent_request import IdempotentRequest
from gateway.models.key import Key
from gateway.models.list_file import ListFile

__all__ = ["IdempotentRequest", "Key", "ListFile"]
