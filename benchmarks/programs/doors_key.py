"""Make a key of the prepared application and one of the platform that provisions; finds their secrets."""

import django

from benchmarks.programs import rows, take_part


def main() -> None:
    django.setup()
    take_part(lambda: {"send": rows.key("Shop"), "provision": rows.provisioning_key()})


if __name__ == "__main__":
    main()
