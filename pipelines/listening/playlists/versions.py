"""What a title says besides the name of the song: which version of it this is.

Two titles are of the same version where the name and the rest agree. So a word that is missing here
keeps songs apart rather than together, but for `_NO_VERSION`. Add a word where people of another
language use it for the same kind of version; which items are duplicates is an insight.
"""

import re
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.listening.catalogue.names import normal_name, normal_names

BOOL = pa.bool_()

_VERSIONS = {
    "live": (
        "live|livemitschnitt|konzertmitschnitt|im konzert|in concert|en vivo|en directo"
        "|en concierto|ao vivo|dal vivo|in concerto|en public|en concert|i konsert|na żywo|naživo"
        "|élőben|koncert|canli|вживую|живой концерт|концерт|живьём|ζωντανά|בהופעה|בהופעה חיה"
        "|ライブ|ライヴ|라이브|现场|現場|演唱会|演唱會|แสดงสด|लाइव|لايف"
    ),
    "acoustic": (
        "acoustic|acústico|acústica|acoustique|acustico|acustica|akustik|akustikversion|akustisch"
        "|akustische|akustisk|akoestisch|akustinen|akustická|akustycznie|akustyczna|akusztikus"
        "|акустика|акустическая|акустический|ακουστική|אקוסטי|アコースティック|어쿠스틱|原声|原聲"
    ),
    "unplugged": "unplugged|desenchufado|不插电|不插電|アンプラグド|언플러그드",
    "radio edit": (
        "radio edit|radioedit|radio version|radio mix|radio cut|radioversion|radiofassung"
        "|version radio|versión radio|versão rádio|versione radio|radio versie|radio"
        "|радио версия|радиоверсия|ラジオエディット|ラジオ・エディット"
    ),
    "remix": (
        "remix|remixed|remixes|remixé|rmx|remezcla|remixado|remiks|ремикс|リミックス|리믹스|混音"
        "|रीमिक्स|ريمكس|רמיקס"
    ),
    "mix": "mix|ミックス|믹스|микс",
    "edit": "edit|エディット",
    "remaster": (
        "remaster|remastered|remastert|remasterisiert|remasterizado|remasterizada|remasterisé"
        "|remasterisée|rimasterizzato|rimasterizzata|remasteroitu|remastrad|ремастер|ремастеринг"
        "|リマスター|リマスタリング|リマスタ|리마스터|重制|重製|重新制作|重新製作"
    ),
    "instrumental": (
        "instrumental|instrumentale|instrumentals|strumentale|instrumentaal|instrumentalna"
        "|instrumentalní|inst|инструментал|инструментальная|минус|インストゥルメンタル"
        "|インストルメンタル|インスト|연주곡|인스트루멘탈|伴奏|纯音乐|純音樂|אינסטרומנטלי"
    ),
    "karaoke": "karaoke|off vocal|караоке|カラオケ|노래방",
    "demo": "demo|demos|demoversion|maqueta|maquette|démo|демо|デモ|데모|小样|小樣|דמו",
    "clean": "clean|censored|edited|censurado|censurada|zensiert|censuré|censurata",
    "cover": "cover|cover version|coverversion|кавер|カバー|커버|翻唱",
    "a cappella": "a cappella|acapella|acappella|a capella|акапелла|アカペラ|아카펠라|清唱",
    "orchestral": "orchestral|orchesterversion|orquestal|orchestrale|оркестровая|オーケストラ",
    "session": "session|sessions|sesión|sesiones|sessão|セッション",
    "extended": "extended|extendida|estendida|prolongée|maxi",
    "alternate": "alternate|alternative|alternativa|alternativ",
    "sped up": "sped up|speed up|acelerada|nightcore",
    "slowed": "slowed|slowed down|slowed reverb|ralentizada",
    **{
        word: word
        for word in (
            *("single", "mono", "stereo", "dub", "bootleg", "rework", "reprise", "rehearsal"),
            *("take", "outtake", "club", "piano", "stripped", "re recorded", "reimagined"),
        )
    },
}
"""What people write, in any language, by what it means: whole words, where a script has blanks."""

_EXPLICIT = "explicit|explicit version|explicit album version|explícito|explícita|explicite"
"""What is marked at Spotify too, and is no other word for the song."""

_NO_VERSION = (
    "album version|albumversion|lp version|original version|original mix|original"
    "|version originale|versión original|versión álbum|versión de álbum|version album"
    "|versão original|bonus track|bonus|deluxe|deluxe edition|deluxe version|expanded edition"
    "|special edition|anniversary edition|from .*|aus .*|de la película .*|tratto da .*"
)
"""The whole of what is added without making another version."""

_FILLING = frozenset(
    normal_name(word)
    for word in (
        *("version", "versión", "versione", "versão", "versie", "versio", "fassung", "verze"),
        *("wersja", "verzió", "версия", "ver", "vers", "バージョン", "ヴァージョン", "버전", "版"),
        *("版本", "recording", "recorded", "the", "la", "le", "die"),
    )
)
"""Words that say nothing about which version it is."""

_BRACKETED = re.compile(
    r"\s*[(\[\uff08\u3010\u300c<]([^()\[\]\uff08\uff09\u3010\u3011\u300c\u300d<>]*)"
    r"[)\]\uff09\u3011\u300d>]"
)
_AFTER_A_DASH = re.compile(r"\s+[-\u2010-\u2015~]\s+([^-\u2010-\u2015~]*?)\s*$")
_GUEST = re.compile(r"^(?:feat|featuring|ft|with|avec|con|com|mit|med|duet with)\b")
_GUEST_AFTER = re.compile(r"\s+(?:feat\.?|featuring|ft\.?)\s.*$", re.IGNORECASE)
_MAY_ADD = r"[(\[\x{FF08}\x{3010}\x{300C}<]|\s[-\x{2010}-\x{2015}~]\s|(?i:\s(?:feat|ft))"
"""What a title has that anything is added to; most have nothing."""

_SPACELESS = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def _alternatives(phrases: str) -> list[str]:
    return sorted({normal_name(one) for one in phrases.split("|")}, key=_longest)


def _longest(phrase: str) -> tuple[int, str]:
    return -len(phrase), phrase


def _one_of(phrases: list[str]) -> str:
    """An expression for phrases: whole words, but in scripts that have no blanks between them."""
    apart = [re.escape(one) for one in phrases if not _SPACELESS.search(one)]
    within = [re.escape(one) for one in phrases if _SPACELESS.search(one)]
    return "|".join([*(rf"(?<!\S){one}(?!\S)" for one in apart), *within])


_MEANING = {
    phrase: meaning for meaning, phrases in _VERSIONS.items() for phrase in _alternatives(phrases)
}
_VERSION = re.compile(_one_of(sorted(_MEANING, key=_longest)))
_IS_EXPLICIT = re.compile(rf"(?:{'|'.join(_alternatives(_EXPLICIT))})")
_IS_NOTHING = re.compile(
    "|".join(
        re.escape(normal_name(one.removesuffix(".*"))) + (r"\b.*" if one.endswith("*") else "")
        for one in _NO_VERSION.split("|")
    )
)


def title_keys(titles: pa.Array) -> tuple[pa.Array, pa.Array, pa.Array]:
    """Titles as they are compared, taken apart.

    Args:
        titles: as Spotify spells them; each different one is read once.

    Returns:
        The name of the song, without what is added; what makes another version of it, in English
        where a word for it is known, such as "live at wembley"; and whether the title calls
        it explicit (true) or clean (false), else null. All null where a title is.
    """
    encoded = titles.dictionary_encode()
    different = encoded.dictionary
    added = pc.match_substring_regex(different, _MAY_ADD)
    read = [_apart(title) for title in different.filter(added).to_pylist()]
    names, versions, explicit = (
        pc.replace_with_mask(plain, added, pa.array([told[part] for told in read], plain.type))
        for part, plain in enumerate(
            (different, pa.repeat("", len(different)), pa.nulls(len(different), BOOL))
        )
    )
    parts = (normal_names(names), versions, explicit)
    song, version, called = (one.take(encoded.indices) for one in parts)
    return song, version, called


def _apart(title: str) -> tuple[str, str, bool | None]:
    """The name of the song, its version, and whether it is called explicit or clean."""
    versions: set[str] = set()
    explicit: list[bool] = []

    def cut(match: re.Match[str]) -> str:
        kept, version, called = _meant(match[1])
        if kept:
            return match[0]
        if version:
            versions.add(version)
        if called is not None:
            explicit.append(called)
        return ""

    short = _BRACKETED.sub(cut, title)
    while (shorter := _AFTER_A_DASH.sub(cut, short)) != short:
        short = shorter
    short = _GUEST_AFTER.sub("", short)
    name = short if short.strip() else title
    return name, ", ".join(sorted(versions)), explicit[0] if explicit else None


@lru_cache(maxsize=1 << 14)
def _meant(added: str) -> tuple[bool, str, bool | None]:
    """What is meant by something added to a title.

    Returns:
        Whether it is a part of the name; else which version it tells of, empty for none, and
        whether this is explicit or clean.
    """
    told = normal_name(added)
    if not told or _GUEST.match(told) or _IS_NOTHING.fullmatch(told):
        return False, "", None
    if _IS_EXPLICIT.fullmatch(told):
        return False, "", True
    if not _VERSION.search(told):
        return True, "", None
    meant = _VERSION.sub(lambda one: f" {_MEANING[one[0]]} ", told)
    words = [word for word in meant.split() if word not in _FILLING]
    return False, " ".join(sorted(words, key=str.isdecimal)), False if "clean" in words else None
