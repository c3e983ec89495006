from gateway.models.key import Key

__all__ = ["Key"]
