from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("experiments", "0032_access")]

    operations = [
        migrations.AddField(
            model_name="trial",
            name="follows",
            field=models.ManyToManyField(related_name="followed_by", to="experiments.trial"),
        ),
    ]
