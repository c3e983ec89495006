from django.db import migrations

from people.append_only import GUARD, LIFT


def guard(apps, schema_editor):
    for statement in GUARD[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def lift(apps, schema_editor):
    for statement in LIFT[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):

    dependencies = [('people', '0001_initial')]

    operations = [migrations.RunPython(guard, lift)]
