"""How alerts and heartbeats go out: over HTTP, to addresses that are secrets.

Add here what concerns the delivery of any message. What is told is decided in `alerts.py`.
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
from pipelines.ops.alerts import Message
from pipelines.ops.logs import REDACTED, SHORTEST_SECRET, pattern_of
from pipelines.resources.spotify.token_store import TokenFile, digest
from pipelines.settings import Settings

if TYPE_CHECKING:
    from apprise import Apprise

SERVICE_TIMEOUT_S = 10
"""For one message to one address, with the pauses that a service wants. Dagster ends a tick after
60 s."""

HEARTBEAT_TIMEOUT_S = 5

# Apprise logs addresses and messages when its logger is at DEBUG. A filter silences it whatever
# level anyone sets; what went wrong is said here, without the address.
logging.getLogger("apprise").addFilter(lambda _: False)

log = logging.getLogger("playledger")


@dataclass(frozen=True)
class Address:
    """One of `ALERT_URLS`.

    Attributes:
        name: tells it from the others, too short to tell anything of it.
        service: Apprise's.
    """

    name: str
    service: "Apprise"

    def deliver(self, message: Message, secrets: frozenset[str] = frozenset()) -> bool:
        """Send a message, which takes ten seconds at most; whether it arrived."""
        from apprise import NotifyFormat  # noqa: PLC0415 half a second

        secret = pattern_of(secrets)
        return bool(
            self.service.notify(
                title=secret.sub(REDACTED, message.title),
                body=secret.sub(REDACTED, message.body),
                notify_type=message.kind,
                body_format=NotifyFormat.TEXT,
                timeout=SERVICE_TIMEOUT_S,
            )
        )


@cache  # so that what cannot be used is logged once by each process, and not every minute
def addresses(urls: tuple[str, ...]) -> tuple[Address, ...]:
    """The addresses that can be used; a line in the log says which cannot, by its place."""
    from apprise import Apprise, AppriseAsset  # noqa: PLC0415 half a second

    asset = AppriseAsset(app_id="Playledger", app_desc="Playledger", async_mode=False)
    found = []
    for place, url in enumerate(urls, 1):
        service = Apprise(asset=asset)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of its plugins at their import
            understood = service.add(url)
        if understood:
            found.append(Address(digest(url)[:4], service))
        else:
            log.error(
                "ALERT_URLS: address %d of %d is none that Apprise understands: correct it",
                place,
                len(urls),
            )
    return tuple(found)


def beat(url: str) -> None:
    """Ask for `HEARTBEAT_URL`, three times at most.

    Raises:
        HeartbeatFailed: where it did not answer well.
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
    with requests.get(url, timeout=HEARTBEAT_TIMEOUT_S) as answer:
        answer.raise_for_status()


def known_secrets(settings: Settings) -> frozenset[str]:
    """What no message may hold, whoever put it into a sentence: Spotify's answers are quoted."""
    secrets = {settings.s3["secret_key"], *_of_app(settings)}
    return frozenset(text for text in secrets if text and len(text) >= SHORTEST_SECRET)


def _of_app(settings: Settings) -> Iterator[str | None]:
    with suppress(SettingsError):
        yield settings.app.client_secret
    with suppress(SettingsError):
        for listener in settings.listeners:
            yield settings.refresh_token(listener.name)
            with suppress(TokenFileError):
                token = TokenFile(settings.tokens_dir, listener.name).read()
                yield from token.secrets if token else ()
