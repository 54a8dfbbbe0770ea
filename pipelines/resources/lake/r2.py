"""The S3 client as Cloudflare R2 needs it, as a Dagster resource.

Here lives how requests are made: signing, checksums, time limits, retries. What is done with them
is `s3.py`, which imports this only when it first connects: boto3 and dagster-aws take over a
second, which a lake in a folder need not pay.
"""

from typing import TYPE_CHECKING

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from dagster_aws.s3 import S3Resource
from pydantic import Field

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

READ_TIMEOUT_S = 60
"""How long a server may be silent before the request counts as lost and is sent again."""


class R2Resource(S3Resource):
    """dagster-aws's S3Resource, with a client that R2 understands.

    S3Resource has no field for botocore's Config and builds its client inside one function, so
    `get_client` is the only seam. Every field of S3Resource keeps its meaning. What differs:

    - Checksums only where an operation requires them. By default boto3 appends CRC trailers to
      uploads over https, and R2 answers such requests with an error.
    - The bucket is in the path. R2's certificates cover no bucket's host name.
    - The region is `auto`, R2's only one.
    - A dead network is noticed in seconds, and `max_attempts` really counts the first attempt.
      Standard retries cover 5xx, lost connections and the 429 that R2 answers to more than one
      write per second to a key.
    """

    region_name: str | None = Field(default="auto")
    max_attempts: int = Field(default=5)
    # Not in the repr: a resource that is printed must not tell the secret.
    aws_secret_access_key: str | None = Field(default=None, repr=False)
    aws_session_token: str | None = Field(default=None, repr=False)

    def get_client(self) -> "S3Client":
        """A new client; it connects when first used."""
        config = Config(
            signature_version=UNSIGNED if self.use_unsigned_session else "s3v4",
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            s3={"addressing_style": "path"},
            connect_timeout=5,
            read_timeout=READ_TIMEOUT_S,
            retries={"mode": "standard", "total_max_attempts": self.max_attempts},
        )
        return boto3.session.Session(profile_name=self.profile_name).client(
            "s3",
            region_name=self.region_name,
            endpoint_url=self.endpoint_url,
            use_ssl=self.use_ssl,
            verify=self.verify,
            aws_access_key_id=self.aws_access_key_id,
            aws_secret_access_key=self.aws_secret_access_key,
            aws_session_token=self.aws_session_token,
            config=config,
        )
