"""Call columns by the field's terms; nothing in them changes."""

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("whitelabel", "0001_initial")]

    operations = [
        migrations.RenameField("DomainEvent", "move", "transition"),
        migrations.RenameField("DomainEvent", "side", "actor"),
        migrations.RenameField("SendingDomain", "moved_at", "last_transition_at"),
        migrations.RenameField("SendingDomain", "proven_at", "verified_at"),
        migrations.RenameField("DnsRecord", "seen", "observed_status"),
        migrations.RenameField("DnsRecord", "seen_since", "observed_since"),
        migrations.RenameField("DnsRecord", "found", "published"),
        migrations.RenameField("DnsRecord", "instead", "replacement"),
        migrations.RenameField("DnsRecord", "given_at", "added_at"),
        migrations.AlterField(
            "SendingDomain",
            "last_transition_at",
            models.DateTimeField(default=django.utils.timezone.now, help_text="When the last transition was made."),
        ),
        migrations.AlterField(
            "SendingDomain",
            "verified_at",
            models.DateTimeField("proven at", null=True, blank=True, help_text="When DNS first showed every record."),
        ),
    ]
