from gateway.models.idempotent_request import IdempotentRequest
from gateway.models.key import Key

__all__ = ["IdempotentRequest", "Key"]
