"""Opening the store at `LAKE_URL`: a folder or a bucket.

Add here another kind of address. What the stores do is `folder.py` and `s3.py`.
"""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from pipelines.errors import SettingsError
from pipelines.resources.lake.folder import Folder
from pipelines.resources.lake.object_store import Store

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BUCKET_URL = re.compile(r"s3://[a-z0-9][a-z0-9.-]+[a-z0-9](/(?!\.{0,2}(/|$))[^/?#\\]+)*/?")


def open_store(
    url: str,
    *,
    endpoint_url: str | None = None,
    region: str | None = None,
    access_key: str | None = None,
    secret_key: str | None = None,
    **client_options: Any,
) -> Store:
    """The store at `LAKE_URL`; it creates and requests nothing before it is used.

    Args:
        url: `./lake`, `/srv/lake`, `~/lake`, `file:///srv/lake` or `s3://bucket/prefix`.
        endpoint_url: of R2 or another S3; AWS when empty.
        region: `auto` when empty, as R2 wants.
        access_key: with `secret_key`; when both are empty, boto3 looks in its usual places.
        secret_key: is not part of any message.
        **client_options: other arguments of `r2_client`.

    Raises:
        SettingsError: which names the variable to change.
    """
    parts = urlsplit(url)
    if url and not parts.scheme:
        try:
            return Folder(Path(url).expanduser())
        except RuntimeError:
            raise SettingsError(
                f"LAKE_URL: {url}: there is no home folder of that user; write the whole path"
            ) from None
    if parts.scheme == "file" and parts.netloc in {"", "localhost"} and parts.path[:1] == "/":
        return Folder(Path(unquote(parts.path)))
    if parts.scheme != "s3":
        # Only the scheme is shown: what follows it may hold a password.
        shown = f"{parts.scheme}:…" if parts.scheme else "empty"
        raise SettingsError(f"LAKE_URL is {shown}, but must be a folder or s3://bucket/prefix")
    if not BUCKET_URL.fullmatch(url):
        raise SettingsError(
            "LAKE_URL must look like s3://bucket/prefix; the endpoint goes into S3_ENDPOINT_URL, "
            "keys into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        )
    _check_endpoint(endpoint_url)

    from pipelines.resources.lake.s3 import S3  # noqa: PLC0415 a folder needs no boto3

    def connect() -> "S3Client":
        from pipelines.resources.lake.r2 import r2_client  # noqa: PLC0415 boto3: half a second

        return r2_client(
            endpoint_url=endpoint_url or None,
            region_name=region or "auto",
            aws_access_key_id=access_key or None,
            aws_secret_access_key=secret_key or None,
            **client_options,
        )

    return S3(parts.netloc, parts.path.strip("/"), connect)


def _check_endpoint(url: str | None) -> None:
    server = urlsplit(url or "https://aws")
    if server.scheme not in {"http", "https"} or not server.hostname or "@" in server.netloc:
        raise SettingsError(
            "S3_ENDPOINT_URL must look like https://host, without a user or password"
        )
