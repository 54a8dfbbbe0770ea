"""A lake in a bucket: Cloudflare R2, or any other S3.

Add here what is true of buckets only: conditions, pages, error codes. How requests are made is
`r2.py`; what a store promises is `object_store.py`; what is stored belongs to the lake.
"""

import base64
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

import tenacity
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    IncompleteReadError,
    ReadTimeoutError,
    ResponseStreamingError,
)

from pipelines.errors import StoreUnavailable
from pipelines.resources.lake.object_store import (
    Conflict,
    Entry,
    Stored,
    check_folder,
    check_key,
    check_prefix,
    keys_to_delete,
    md5,
)

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import (
        ListObjectsV2OutputTypeDef,
        ListObjectsV2RequestPaginateTypeDef,
        PutObjectRequestTypeDef,
    )

DELETERS = 8
CONFLICTS = {"PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey"}
CUT_SHORT = (IncompleteReadError, ReadTimeoutError, ResponseStreamingError)
HINTS = {
    "NoSuchBucket": "create the bucket or correct LAKE_URL",
    "AccessDenied": "allow this key to list, read, write and delete there",
    "Unauthorized": "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    "InvalidAccessKeyId": "check AWS_ACCESS_KEY_ID",
    "SignatureDoesNotMatch": "check AWS_SECRET_ACCESS_KEY",
    "RequestTimeTooSkewed": "set this machine's clock",
    "NoCredentialsError": "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    "PartialCredentialsError": "set both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    "EndpointConnectionError": "check S3_ENDPOINT_URL and the network",
    "ConnectTimeoutError": "check S3_ENDPOINT_URL and the network",
    "SSLError": "check S3_ENDPOINT_URL: its certificate is not trusted, or it speaks no TLS",
}


def _is_cut_short(problem: BaseException) -> bool:
    """Whether a response was cut short; a 404 then lacks the code that says what is missing."""
    unexplained = isinstance(problem, ClientError) and _code(problem) == "404"
    return unexplained or isinstance(problem, CUT_SHORT)


class S3:
    """A lake below a prefix of a bucket.

    An object is always written by one PUT: R2 accepts several parts only if they have equal
    lengths, and only a single PUT has its content's MD5 as ETag. A conditional PUT whose response
    was lost is retried by botocore and then conflicts with its own first attempt; it counts as
    successful if the stored bytes are the ones to write.

    Args:
        bucket: its name.
        prefix: where the lake begins, without '/' at its ends; "" for the whole bucket.
        connect: creates the client, which is then shared by all threads.
    """

    def __init__(self, bucket: str, prefix: str, connect: Callable[[], "S3Client"]) -> None:
        self.bucket = bucket
        self._root = check_key(prefix) + "/" if prefix else ""
        self._connect = connect

    def __repr__(self) -> str:
        return f"S3({self.url('')!r})"

    @cached_property
    def _client(self) -> "S3Client":
        return self._connect()

    def url(self, key: str) -> str:
        """`s3://bucket/prefix/key`; see `Store`."""
        url = f"s3://{self.bucket}/{self._root}{check_prefix(key)}"
        return url if key else url.removesuffix("/")

    def check(self) -> None:
        """See `Store`; a missing permission to write shows only at the first write."""
        next(self.list("views.sql"), None)

    def get(self, key: str) -> Stored | None:
        """See `Store`."""
        path = self._root + check_key(key)
        with self._translate_errors("read", key):
            try:
                return self._download(path)
            except ClientError as error:
                if _code(error) == "NoSuchKey":
                    return None
                raise

    def put(self, key: str, body: bytes) -> str:
        """See `Store`."""
        return self._put(self._request(key, body))

    def put_if_absent(self, key: str, body: bytes) -> str:
        """See `Store`."""
        return self._put(self._request(key, body) | {"IfNoneMatch": "*"})

    def put_if_match(self, key: str, body: bytes, etag: str | None) -> str:
        """See `Store`."""
        if etag is None:
            return self.put_if_absent(key, body)
        return self._put(self._request(key, body) | {"IfMatch": f'"{etag}"'})

    def list(self, prefix: str, *, start_after: str = "") -> Iterator[Entry]:
        """See `Store`."""
        return self._entries(check_prefix(prefix), start_after)

    def folders(self, prefix: str, *, start_after: str = "") -> Iterator[str]:
        """See `Store`."""
        return self._names(check_folder(prefix), f"{start_after}/" if start_after else "")

    def delete(self, prefix: str) -> int:
        """See `Store`.

        One request per key: the request that deletes many must carry a checksum, and S3-compatible
        servers disagree on which.
        """
        keys = keys_to_delete(self, prefix)
        with ThreadPoolExecutor(DELETERS) as pool:
            return sum(pool.map(self._delete_one, keys))

    def _delete_one(self, key: str) -> int:
        with self._translate_errors("delete", key):
            self._client.delete_object(Bucket=self.bucket, Key=self._root + key)
        return 1

    # botocore retries until a response begins; this retries when its body is cut short.
    @tenacity.retry(
        retry=tenacity.retry_if_exception(_is_cut_short),
        stop=tenacity.stop_after_attempt(3),
        wait=tenacity.wait_random_exponential(multiplier=0.2, max=2),
        reraise=True,
    )
    def _download(self, path: str) -> Stored:
        response = self._client.get_object(Bucket=self.bucket, Key=path)
        with closing(response["Body"]) as body:
            return Stored(body.read(), response["ETag"].strip('"'))

    def _request(self, key: str, body: bytes) -> "PutObjectRequestTypeDef":
        return {
            "Bucket": self.bucket,
            "Key": self._root + check_key(key),
            "Body": body,
            # Every S3 verifies this checksum, so that a body damaged in transit is refused.
            "ContentMD5": base64.b64encode(bytes.fromhex(md5(body))).decode(),
        }

    def _put(self, request: "PutObjectRequestTypeDef") -> str:
        key = request["Key"].removeprefix(self._root)
        with self._translate_errors("write", key):
            try:
                return self._client.put_object(**request)["ETag"].strip('"')
            except ClientError as error:
                if _code(error) not in CONFLICTS:
                    raise
                etag = base64.b64decode(request["ContentMD5"]).hex()
                if not self._was_ours(key, etag, error):
                    raise Conflict(f"{self.url(key)} is not the version expected") from error
                return etag

    def _was_ours(self, key: str, etag: str, refusal: ClientError) -> bool:
        """Whether a refused PUT was a retry whose first attempt had succeeded."""
        if not refusal.response["ResponseMetadata"]["RetryAttempts"]:
            return False
        stored = next(self._entries(key), None)
        return stored is not None and (stored.key, stored.etag) == (key, etag)

    def _pages(
        self, prefix: str, start_after: str, delimiter: str = ""
    ) -> "Iterator[ListObjectsV2OutputTypeDef]":
        request: ListObjectsV2RequestPaginateTypeDef = {"Bucket": self.bucket}
        request["Prefix"] = self._root + prefix
        if start_after:
            request["StartAfter"] = self._root + start_after
        if delimiter:
            request["Delimiter"] = delimiter
        with self._translate_errors("list", prefix):
            yield from self._client.get_paginator("list_objects_v2").paginate(**request)

    def _entries(self, prefix: str, start_after: str = "") -> Iterator[Entry]:
        for page in self._pages(prefix, start_after):
            for item in page.get("Contents", []):
                # Consoles mark an empty folder by an object whose name ends in '/'.
                if not item["Key"].endswith("/"):
                    key = item["Key"].removeprefix(self._root)
                    tag, at = item["ETag"].strip('"'), item.get("LastModified")
                    yield Entry(key, item["Size"], tag, at.timestamp() if at else None)

    def _names(self, prefix: str, after: str) -> Iterator[str]:
        for page in self._pages(prefix, after and prefix + after, delimiter="/"):
            for folder in page.get("CommonPrefixes", []):
                name = folder["Prefix"].removeprefix(self._root + prefix)
                # The folder to start after is listed again, for the keys in it.
                if name > after:
                    yield name[:-1]

    @contextmanager
    def _translate_errors(self, action: str, key: str) -> Iterator[None]:
        """Turn errors of the client into a line that says what to do."""
        try:
            yield
        except (BotoCoreError, ClientError) as error:
            reason = _reason(error)
            hint = HINTS.get(reason.split(" ")[0], "try again later")
            raise StoreUnavailable(f"cannot {action} {self.url(key)}: {reason}; {hint}") from error


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", "unknown"))


def _reason(error: BotoCoreError | ClientError) -> str:
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        return f"{_code(error)} (HTTP status {status})"
    return f"{type(error).__name__} ({error})"
