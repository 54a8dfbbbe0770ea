"""When two names of a song are the same one, however people write them.

Folded names of the catalogue, without what people leave out: blanks, "and", a leading "the". Add
here what people write differently without meaning another song. Which track a song is, is
`matching.py`.
"""

import hashlib
import re

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.catalogue.names import normal_name, normal_names
from pipelines.listening.catalogue.recordings import first_of_artists, loose_title

_LEFT_OUT = r"^the |\band\b"
_SPELLED = (("$", "s"), ("ø", "o"), ("ł", "l"), ("đ", "d"), (" ", ""))

_MAY_ADD = r"[(\[\x{FF08}\x{3010}\x{2010}-\x{2015}-]|(?i:\sf(?:ea)?t)"
"""What a title has that anything is added to, as in `recordings.py`."""

VERSIONS = (
    r"\b(live|remix(?:ed)?|mix|mashup|medley|acoustic|unplugged|demo|instrumental|karaoke|cover"
    r"|sessions?|rehearsal|take|rework|remake|reprise|orchestral|piano|cappella|acapella|sped"
    r"|slowed|nightcore|dub|bootleg|version|ver|edit|extended|radio|club|vip|original|alternate"
    r"|rerecorded|recorded|part|pt|vol|volume|chapter|interlude|intro|outro|skit|performance"
    r"|concert|tribute|theme|cut|espanol|spanish|english|french|german|deutsch|japanese|korean"
    r"|chinese|italian|portuguese)\b"
)
"""Words, folded, that make another recording of a title; both names have them or neither."""

_SUBTITLE = re.compile(r"^(.*\S)\s*[(\[]([^()\[\]]+)[)\]]\s*$|^[(\[]([^()\[\]]+)[)\]]\s*(\S.*)$")
_ANOTHER = re.compile(VERSIONS + r"|\d")
_RECORDING = re.compile(VERSIONS.replace("|version", "").replace("|original", ""))
"""Without the words of an "original version", which is no other one."""

_TELLING = 5
"""So many words are a title of which there are no two."""

_PART = re.compile(r"\s+(?:feat\.?|featuring|ft\.?|with)\s.*$", re.IGNORECASE)


def compact(folded: pa.Array) -> pa.Array:
    """Folded names without what people leave out.

    Args:
        folded: names as `normal_names` gives them, or as `loose_titles` does.
    """
    short = pc.replace_substring_regex(folded, _LEFT_OUT, "")
    for written, plain in _SPELLED:
        short = pc.replace_substring(short, written, plain)
    return pc.if_else(pc.equal(short, ""), pc.replace_substring(folded, " ", ""), short)


def loose_titles(titles: pa.Array | pa.ChunkedArray) -> pa.Array:
    """`loose_title` of each title, in the same order; null stays null.

    Args:
        titles: as sources spell them.
    """
    whole = titles.combine_chunks() if isinstance(titles, pa.ChunkedArray) else titles
    encoded = whole.cast(pa.string()).dictionary_encode()
    different = encoded.dictionary
    longer = pc.match_substring_regex(different, _MAY_ADD)
    short = [_loose(title) for title in different.filter(longer).to_pylist()]
    folded = pc.replace_with_mask(normal_names(different), longer, pa.array(short, pa.string()))
    return folded.take(encoded.indices)


def _loose(title: str) -> str:
    """Guests are left out, but not what stands behind them: "feat. X - Remix"."""
    loose, whole = loose_title(title), normal_name(title)
    return loose if _RECORDING.findall(loose) == _RECORDING.findall(whole) else whole


def without_subtitles(titles: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Titles without a subtitle in brackets, that many leave out; null where there is none.

    "It's the End of the World as We Know It (And I Feel Fine)" has one, "Hello (Live)" has not, and
    what is left of "Summer (Looking Back)" is too little to tell that it is not another "Summer".

    Args:
        titles: as sources spell them.
    """
    whole = titles.combine_chunks() if isinstance(titles, pa.ChunkedArray) else titles
    encoded = whole.cast(pa.string()).dictionary_encode()
    bracketed = pc.match_substring_regex(encoded.dictionary, r"[(\[]")
    bases = [_base(title) for title in encoded.dictionary.filter(bracketed).to_pylist()]
    nulls = pa.nulls(len(encoded.dictionary), pa.string())
    return pc.replace_with_mask(nulls, bracketed, pa.array(bases, pa.string())).take(
        encoded.indices
    )


def _base(title: str) -> str | None:
    match = _SUBTITLE.match(title)
    if not match:
        return None
    base, subtitle = (match[1], match[2]) if match[1] else (match[4], match[3])
    loose = _loose(base)
    is_telling = match[3] is not None or loose.count(" ") + 1 >= _TELLING
    if not is_telling or _ANOTHER.search(normal_name(subtitle)) or _ANOTHER.search(loose):
        return None
    return None if loose == _loose(title) else loose


def without_guests(artists: str) -> str:
    """The artists without those who are said to be guests.

    Args:
        artists: such as "A, B feat. C".
    """
    return _PART.sub("", artists) or artists


def song_keys(artists: pa.Array, titles: pa.Array) -> pa.Array:
    """A key for each song that is equal for the same recording, in whatever spelling and order.

    "Artist - Song" and "Song - Artist" have the same one, so it does not matter which of them a
    text is taken for.

    Args:
        artists: names, in any spelling; of several artists the first counts; may be null.
        titles: titles, in any spelling; may be null.
    """
    first = pa.array([name and first_of_artists(name) for name in artists.to_pylist()], pa.string())
    names = zip(compact(first).to_pylist(), compact(loose_titles(titles)).to_pylist(), strict=True)
    return pa.array([_digest(*sorted(name or "" for name in pair)) for pair in names], pa.string())


def key_of_id(track_id: str) -> str:
    """The key of a song of which only Spotify's id is known."""
    return _digest("id", track_id)


def _digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:12]
