"""The S3 client as Cloudflare R2 needs it.

How requests are sent is configured here: signing, checksums, timeouts, retries. What is requested
is `s3.py`, which connects when it is first used.
"""

from typing import TYPE_CHECKING

import boto3
from botocore import UNSIGNED
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

READ_TIMEOUT_S = 60
"""How long a server may send nothing before the request counts as lost and is retried."""

MAX_ATTEMPTS = 5


def r2_client(
    *,
    endpoint_url: str | None = None,
    region_name: str | None = "auto",
    aws_access_key_id: str | None = None,
    aws_secret_access_key: str | None = None,
    aws_session_token: str | None = None,
    profile_name: str | None = None,
    use_unsigned_session: bool = False,
    use_ssl: bool = True,
    verify: bool | None = None,
    max_attempts: int = MAX_ATTEMPTS,
) -> "S3Client":
    """A new client for R2 and other S3 servers; it connects when first used.

    The arguments are the fields of dagster-aws's `S3Resource`. What differs from boto3's defaults:

    - Checksums only where an operation requires them. By default boto3 appends CRC trailers to
      uploads over https, and R2 rejects such requests.
    - The bucket is in the path. R2's certificates do not cover host names of buckets.
    - A dead network is noticed in seconds, and `max_attempts` really counts the first attempt.
      Standard retries cover 5xx, lost connections and the 429 that R2 answers to more than one
      write per second to a key.

    Args:
        endpoint_url: of R2 or another S3; AWS where None.
        region_name: `auto` is R2's only one.
        aws_access_key_id: where None, boto3 looks in its usual places.
        aws_secret_access_key: belongs to the key id.
        aws_session_token: of temporary credentials.
        profile_name: a section of the AWS configuration.
        use_unsigned_session: for public buckets.
        use_ssl: for endpoints without a scheme.
        verify: whether certificates are verified; they are where None.
        max_attempts: of a request, the first one included.
    """
    config = Config(
        signature_version=UNSIGNED if use_unsigned_session else "s3v4",
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        s3={"addressing_style": "path"},
        connect_timeout=5,
        read_timeout=READ_TIMEOUT_S,
        retries={"mode": "standard", "total_max_attempts": max_attempts},
    )
    return boto3.session.Session(profile_name=profile_name).client(
        "s3",
        region_name=region_name or "auto",
        endpoint_url=endpoint_url,
        use_ssl=use_ssl,
        verify=verify,
        aws_access_key_id=aws_access_key_id,
        aws_secret_access_key=aws_secret_access_key,
        aws_session_token=aws_session_token,
        config=config,
    )
