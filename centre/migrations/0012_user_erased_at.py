from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("centre", "0011_invitations_and_suspensions")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="erased_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
    ]
