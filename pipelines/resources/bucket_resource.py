"""The lake in a bucket, as Dagster configures it.

It is separate from `dagster_resources.py` because dagster-aws takes most of a second to import,
which a lake in a folder should not cost.
"""

from collections.abc import Iterator
from typing import Any, ClassVar

from dagster_aws.s3 import S3Resource

from pipelines.resources.dagster_resources import LakeResource
from pipelines.resources.lake.lakes import Lake
from pipelines.resources.lake.opening import open_store
from pipelines.settings import Settings


class BucketLakeResource(LakeResource):
    """The lake in Cloudflare R2, or in another S3.

    Attributes:
        s3: dagster-aws's resource, which configures how the bucket is reached. The client adds
            what R2 needs; see `resources/lake/r2.py`.
    """

    is_bucket: ClassVar[bool] = True
    s3: S3Resource

    def __repr_args__(self) -> Iterator[tuple[str, object]]:
        """What is shown of it: not `s3`, which would show the keys."""
        yield "url", self.url

    def variables(self) -> dict[str, str]:
        """The configured texts, by the name of the environment variable."""
        return {
            "LAKE_URL": self.url,
            "S3_ENDPOINT_URL": self.s3.endpoint_url or "",
            "AWS_REGION": self.s3.region_name or "",
            "AWS_ACCESS_KEY_ID": self.s3.aws_access_key_id or "",
            "AWS_SECRET_ACCESS_KEY": self.s3.aws_secret_access_key or "",
        }

    def _open(self) -> Lake:
        s3, settings = self.s3, Settings.of(self.variables())
        client_options: dict[str, Any] = {
            "aws_session_token": s3.aws_session_token,
            "profile_name": s3.profile_name,
            "use_unsigned_session": s3.use_unsigned_session,
            "use_ssl": s3.use_ssl,
            "verify": s3.verify,
            "max_attempts": s3.max_attempts,
        }
        return Lake(lambda: open_store(settings.lake_url, **settings.s3, **client_options))
