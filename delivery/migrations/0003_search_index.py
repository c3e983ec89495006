"""The index that messages are found by; PostgreSQL alone has one for it."""

from django.db import migrations

CREATE = 'CREATE INDEX delivery_email_terms ON delivery_email USING gin (terms)'
DROP = 'DROP INDEX delivery_email_terms'


def on_postgresql(sql):
    """Return a step of a migration that says `sql` to PostgreSQL, and nothing to others."""
    def run(apps, schema_editor):
        if schema_editor.connection.vendor == 'postgresql':
            schema_editor.execute(sql)

    return run


class Migration(migrations.Migration):

    dependencies = [
        ('delivery', '0002_release_wrongly_suppressed'),
    ]

    operations = [
        migrations.RunPython(on_postgresql(CREATE), on_postgresql(DROP)),
    ]
