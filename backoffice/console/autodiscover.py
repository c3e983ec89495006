"""Import the consoles' modules, each of which registers its pages and lists; as `admin.autodiscover` does."""

from importlib import import_module
from pkgutil import walk_packages


def autodiscover(*packages: str) -> None:
    """Import every module of `packages`, given by their dotted names."""
    for package in packages:
        for module in walk_packages(import_module(package).__path__, f"{package}."):
            import_module(module.name)
