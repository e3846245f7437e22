"""Every frozen table has its locks in the database the tests run on."""

import pytest
from django.db import connection

from centre import frozen


@pytest.mark.django_db
def test_every_frozen_table_has_both_triggers() -> None:
    query = (
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        present = {name for (name,) in cursor.fetchall()}
    expected = {name for model in frozen.frozen_models() for name in frozen._names(model)}
    assert expected <= present


def test_trigger_names_fit_postgresql() -> None:
    assert all(len(name) <= 63 for model in frozen.frozen_models() for name in frozen._names(model))
    names = [name for model in frozen.frozen_models() for name in frozen._names(model)]
    assert len(names) == len(set(names))


def test_once_settable_fields_exist() -> None:
    for model in frozen.frozen_models():
        fields = {field.name for field in model._meta.local_concrete_fields}
        assert set(model.frozen_except) <= fields, model


def test_rows_are_locked_only_where_the_web_server_may_change_something() -> None:
    whole = [model for model in frozen.frozen_models() if not model.frozen_except]
    assert 0 < len(whole) < len(frozen.frozen_models())
    for model in frozen.frozen_models():
        if model in whole:
            with pytest.raises(TypeError, match="lock the row that it belongs to"):
                model.objects.select_for_update()
        else:
            assert model.objects.select_for_update().query.select_for_update
