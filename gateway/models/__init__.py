from gateway.models.key import Fault, Key, Maker, Scope, State

__all__ = ["Fault", "Key", "Maker", "Scope", "State"]
