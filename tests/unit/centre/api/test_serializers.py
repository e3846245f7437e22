import pytest
from rest_framework import serializers

from centre.api.serializers import TextField, WholeNumberField, WriteSerializer


class Sent(WriteSerializer):
    name = TextField(max_length=10)
    count = WholeNumberField(min_value=0, max_value=5, required=False)


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"name": "x", "role": "admin"}, "/role"),
        ({"name": 5}, "name"),
        ({"name": "\u200b\u00a0"}, "name"),
        ({"name": "a\u202eb"}, "name"),
        ({"name": "x" * 11}, "name"),
        ({"name": "x", "count": "1.0"}, "count"),
        ({"name": "x", "count": 1.0}, "count"),
        ({"name": "x", "count": True}, "count"),
        ({"name": "x", "count": 10**18}, "count"),
        ([], "non_field_errors"),
        ("text", "non_field_errors"),
    ],
)
def test_write_serializer_refuses_and_names_the_field(body, place):
    reader = Sent(data=body)
    assert not reader.is_valid()
    assert list(reader.errors) == [place]


def test_write_serializer_takes_what_is_exact():
    reader = Sent(data={"name": " caf\u00e9\u200b ", "count": 3})
    assert reader.is_valid(), reader.errors
    assert reader.validated_data == {"name": "café", "count": 3}


def test_null_body_is_refused():
    with pytest.raises(serializers.ValidationError):
        Sent(data=None).is_valid(raise_exception=True)
