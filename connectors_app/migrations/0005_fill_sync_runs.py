"""What was seen before gets its organization, and whether it failed, by the rule of that time."""

from django.db import migrations
from django.db.models import F, OuterRef, Q, Subquery


def fill(apps, schema_editor):
    SyncRun = apps.get_model("connectors_app", "SyncRun")
    Connector = apps.get_model("connectors_app", "Connector")
    organization = Connector.objects.filter(pk=OuterRef("connector")).values("organization")
    SyncRun.objects.filter(organization=None).update(organization=Subquery(organization))
    bad = ~Q(error="") | Q(status__icontains="fail") | Q(status__icontains="error")
    SyncRun.objects.filter(bad).exclude(status__iexact="SUCCESS").update(failed=True)
    failing = Connector.objects.filter(state="failing", failing_since=None)
    failing.update(failing_since=F("last_sync_at"), failures_in_a_row=1)


class Migration(migrations.Migration):
    dependencies = [("connectors_app", "0004_watching")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
