"""Count what somebody does within some seconds, in the cache that also keeps the throttles of the sign-in."""

from django.core.cache import cache


def exceeded(name: str, *, most: int, seconds: int = 60, more: int = 1) -> bool:
    """Count one more of `name`, or `more`; return whether there were more than `most` within `seconds`."""
    return counted(name, seconds=seconds, more=more) > most


def counted(name: str, *, seconds: int = 60, more: int = 1) -> int:
    """Count one more of `name`, or `more`; return how many there were within `seconds`."""
    cache.add(name, 0, timeout=seconds)
    try:
        return cache.incr(name, more)
    except ValueError:  # it expired in between
        return 1


def any_exceeded(limits: dict[str, int]) -> bool:
    """Return whether more was counted of any name than its limit; counts nothing."""
    return any(type(counted) is int and counted > limits[name] for name, counted in cache.get_many(limits).items())
