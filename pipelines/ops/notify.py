"""How notifications and heartbeats are sent: over HTTP, to addresses that are secrets.

Add here what concerns the delivery of any message. What is reported is decided in `alerts.py`.
"""

import logging
import warnings
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import requests
import tenacity

from pipelines.errors import HeartbeatFailed, SettingsError, TokenFileError
from pipelines.ops.alerts import Notification
from pipelines.ops.redaction import MIN_SECRET_LENGTH, REDACTED, secrets_pattern
from pipelines.resources.spotify.token_store import TokenFile, digest
from pipelines.settings import SEEDS, Settings

if TYPE_CHECKING:
    from apprise import Apprise

SERVICE_TIMEOUT_S = 10
"""For one message to one address, with the pauses that a service wants. Dagster ends a tick after
60 s."""

HEARTBEAT_TIMEOUT_S = 5

# Apprise logs addresses and messages when its logger is at DEBUG. A filter silences it whatever
# level anyone sets; failures are logged here, without the address.
logging.getLogger("apprise").addFilter(lambda _: False)

log = logging.getLogger("playledger")


@dataclass(frozen=True)
class Address:
    """One of `ALERT_URLS`.

    Attributes:
        name: identifies it among the others, and is too short to reveal anything.
        service: Apprise's.
    """

    name: str
    service: "Apprise"

    def deliver(self, message: Notification, secrets: frozenset[str] = frozenset()) -> bool:
        """Send a notification, which takes `SERVICE_TIMEOUT_S` at most.

        Args:
            message: the notification.
            secrets: texts that are replaced by `REDACTED` in it.

        Returns:
            Whether the service accepted it.
        """
        from apprise import NotifyFormat  # noqa: PLC0415 half a second

        secret = secrets_pattern(secrets)
        return bool(
            self.service.notify(
                title=secret.sub(REDACTED, message.title),
                body=secret.sub(REDACTED, message.body),
                notify_type=message.kind,
                body_format=NotifyFormat.TEXT,
                timeout=SERVICE_TIMEOUT_S,
            )
        )


@cache  # so that each process logs an unusable address once, and not every minute
def parse_addresses(urls: tuple[str, ...]) -> tuple[Address, ...]:
    """The usable addresses; those that Apprise does not understand are logged by their position."""
    from apprise import Apprise, AppriseAsset  # noqa: PLC0415 half a second

    asset = AppriseAsset(app_id="Playledger", app_desc="Playledger", async_mode=False)
    addresses = []
    for position, url in enumerate(urls, 1):
        service = Apprise(asset=asset)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of its plugins at their import
            understood = service.add(url)
        if understood:
            addresses.append(Address(digest(url)[:4], service))
        else:
            log.error(
                "ALERT_URLS: Apprise does not understand address %d of %d: correct it",
                position,
                len(urls),
            )
    return tuple(addresses)


def send_heartbeat(url: str) -> None:
    """Request `HEARTBEAT_URL`, three times at most.

    Raises:
        HeartbeatFailed: where there was no answer, or an error.
    """
    try:
        _get(url)
    except requests.HTTPError as problem:
        raise HeartbeatFailed(f"HEARTBEAT_URL answered {problem.response.status_code}") from None
    except requests.RequestException as problem:
        raise HeartbeatFailed(f"HEARTBEAT_URL did not answer ({type(problem).__name__})") from None


@tenacity.retry(
    retry=tenacity.retry_if_exception_type(requests.RequestException),
    stop=tenacity.stop_after_attempt(3),
    wait=tenacity.wait_random_exponential(multiplier=0.2, max=2),
    reraise=True,
)
def _get(url: str) -> None:
    with requests.get(url, timeout=HEARTBEAT_TIMEOUT_S) as response:
        response.raise_for_status()


def configured_secrets(settings: Settings) -> frozenset[str]:
    """What no notification may hold, not even in a sentence that quotes Spotify's answer."""
    secrets = {settings.s3["secret_key"], settings.cache_password, *_spotify_secrets(settings)}
    return frozenset(text for text in secrets if text and len(text) >= MIN_SECRET_LENGTH)


def _spotify_secrets(settings: Settings) -> Iterator[str | None]:
    # Every app's, also of one that lacks its id, or that nobody names by now.
    for name, text in settings.variables.items():
        if name.startswith("SPOTIFY_CLIENT_SECRET"):
            yield text.strip()
    with suppress(SettingsError):
        for listener in settings.listeners:
            for purpose in SEEDS:
                yield settings.refresh_token(listener.name, purpose)
                with suppress(TokenFileError):
                    token = TokenFile(settings.tokens_dir, listener.name, purpose).read()
                    yield from token.secrets if token else ()
