"""What a search for words looks into has a column of its own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("experiments", "0017_harms")]

    operations = [
        migrations.AddField(
            model_name="trial",
            name="searched_words",
            field=models.TextField(blank=True, default=""),
            preserve_default=False,
        ),
    ]
