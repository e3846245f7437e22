"""Files in a request: multipart, or one CSV or Parquet file as the whole body."""

from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.utils.datastructures import MultiValueDict
from rest_framework import serializers
from rest_framework.parsers import BaseParser, DataAndFiles, MultiPartParser

from centre.api.views import ListView, WritesMixin
from centre.errors import TooLarge

CHUNK = 1 << 20


def _refuse_too_large(context: Mapping[str, Any] | None) -> None:
    """Refuse by the declared length, before anything is read.

    The server stops reading at the declared length, so this holds against a lying one too.
    """
    declared = int((context or {})["request"].META.get("CONTENT_LENGTH") or 0)
    if declared > settings.UPLOAD_LIMIT_BYTES:
        raise TooLarge(f"The upload is over the limit of {settings.UPLOAD_LIMIT_BYTES // 1_000_000} MB.")


class MultipartUpload(MultiPartParser):
    """A form with a file."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> "DataAndFiles[Any, Any]":
        """Return the fields and files sent."""
        _refuse_too_large(parser_context)
        return super().parse(stream, media_type, parser_context)


class WholeBody(BaseParser):
    """A file as the body, without a form around it. Its fields come as query parameters."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> "DataAndFiles[Any, Any]":
        """Return the file as the field `file`."""
        _refuse_too_large(parser_context)
        file = TemporaryUploadedFile("upload", self.media_type, 0, None)
        while chunk := stream.read(CHUNK):
            file.write(chunk)
        file.size = file.tell()
        file.seek(0)
        files = MultiValueDict({"file": [file]})
        # Django closes the files of its own forms when the request ends; it is told of this one.
        (parser_context or {})["request"]._request._files = files
        return DataAndFiles(MultiValueDict(), files)


class CsvBody(WholeBody):
    """A CSV file."""

    media_type = "text/csv"


class ParquetBody(WholeBody):
    """A Parquet file."""

    media_type = "application/vnd.apache.parquet"


FILE_PARSERS = (MultipartUpload, CsvBody, ParquetBody)


def file_field(what: str) -> serializers.FileField:
    """Return the field of a form's file; one without a byte is refused by whoever reads it, who knows its kind."""
    asked = f"Send the {what} as “file”"
    return serializers.FileField(allow_empty_file=True, error_messages={"required": asked, "invalid": asked})


class UploadList(WritesMixin, ListView):
    """A list to which a form with a file is sent. What steers the list has no meaning there, and is refused."""

    parser_classes = (MultipartUpload,)

    def known_parameters(self) -> frozenset[str]:
        """Take nothing of the list with a file."""
        return super().known_parameters() if self.request.method != "POST" else frozenset()
