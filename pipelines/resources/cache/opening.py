"""Where answers are kept, as the settings say."""

from pipelines.resources.cache.redis_server import RedisStore
from pipelines.resources.cache.responses import Counts, ResponseCache
from pipelines.resources.cache.sqlite import SqliteStore
from pipelines.resources.cache.store import Store
from pipelines.resources.cache.switching import SwitchingStore
from pipelines.settings import CacheSettings


def open_file(settings: CacheSettings) -> SqliteStore:
    """The file of this machine; it is made when something is kept."""
    return SqliteStore(settings.file, settings.most_bytes)


def open_store(settings: CacheSettings) -> Store:
    """The place in which answers are kept; nothing is asked of it yet."""
    file = open_file(settings)
    return SwitchingStore(RedisStore(settings.url), file) if settings.url else file


def open_cache(settings: CacheSettings) -> ResponseCache | None:
    """The answers that are kept; None where none are to be."""
    if not settings.fresh_for:
        return None
    locks = settings.file.with_name(f"{settings.file.name}.locks")
    counts = Counts(open_file(settings))
    return ResponseCache(open_store(settings), counts, settings.fresh_for, locks)
