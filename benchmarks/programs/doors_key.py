"""Make a key for the prepared application, as the platform does; finds its secret."""

import django

from benchmarks.programs import rows, take_part


def main() -> None:
    django.setup()
    take_part(lambda: rows.key("Shop"))


if __name__ == "__main__":
    main()
