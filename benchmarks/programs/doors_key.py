"""Make a key for the prepared application, as the platform does; finds its secret."""

import django

from benchmarks.programs import take_part


def make() -> str:
    from gateway.choices import Maker
    from gateway.models import Key
    from people.models import User
    from whitelabel.models import Application

    platform = User.objects.create_superuser("platform@people.test", "a password that nobody types")
    key = Key(application=Application.objects.get(name="Shop"), name="benchmark")
    return key.issue(by=platform, maker=Maker.PLATFORM)


def main() -> None:
    django.setup()
    take_part(make)


if __name__ == "__main__":
    main()
