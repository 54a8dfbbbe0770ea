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
        "live|liveversion|livemitschnitt|konzertmitschnitt|im konzert|in concert|en vivo"
        "|en directo|en concierto|ao vivo|dal vivo|in concerto|en public|en concert|en direct"
        "|i konsert|livenä|na żywo|naživo|uživo|élő|élőben|koncert|canli|вживую|наживо"
        "|живой концерт|концерт|живьём|ζωντανά|בהופעה|בהופעה חיה"
        "|ライブ|ライヴ|라이브|现场|現場|演唱会|演唱會|แสดงสด|लाइव|لايف"
    ),
    "acoustic": (
        "acoustic|acústico|acústica|acoustique|acustico|acustica|akustik|akustikversion|akustisch"
        "|akustische|akustisk|akoestisch|akustinen|akustická|akustycznie|akustyczna|akusztikus"
        "|акустика|акустическая|акустический|акустична|ακουστική|אקוסטי|アコースティック|어쿠스틱|原声|原聲"
    ),
    "unplugged": "unplugged|desenchufado|不插电|不插電|アンプラグド|언플러그드",
    "radio edit": (
        "radio edit|radioedit|radio version|radio mix|radio cut|radioversion|radiofassung"
        "|version radio|versión radio|versão rádio|versione radio|radio versie|radio"
        "|радио версия|радиоверсия|ラジオエディット|ラジオ・エディット"
    ),
    "remix": (
        "remix|remixed|remixes|remixé|rmx|remezcla|remixado|remiks|ремикс|ремікс|リミックス|리믹스|混音"
        "|रीमिक्स|ريمكس|רמיקס"
    ),
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
            *("take", "outtake", "club", "piano", "stripped", "reimagined", "mixed", "vip"),
        )
    },
    "re-recorded": (
        "re recorded|rerecorded|re recording|rerecording|neuaufnahme|neu aufgenommen|regrabado"
        "|regrabada|regravação|réenregistrement|перезапись"
    ),
    "mix": "mix|ミックス|믹스|микс",
    "edit": "edit|エディット",
}
"""What people write, in any language, by what it means: whole words, where a script has blanks. In
the order in which several are told."""

_EXPLICIT = "explicit"
_CALLED_EXPLICIT = "explicit|explicit version|explicit album version|explícito|explícita|explicite"
"""What is marked at Spotify too, and is no other word for the song."""

_NO_VERSION = (
    "album version|albumversion|lp version|original version|original mix|original"
    "|version originale|versión original|versión álbum|versión de álbum|version album"
    "|versão original|soundtrack version|bonus track|bonus|deluxe|deluxe edition"
    "|deluxe version|expanded edition|special edition|anniversary edition"
)
"""The whole of what is added without making another version."""

_A_VERSION = (
    "version|versión|versione|versão|versie|versio|versjon|versiyon|fassung|verze|verzija|wersja"
    "|verzió|версия|версія|ver|バージョン|ヴァージョン|버전|版|版本"
)
"""What people call a version of any kind, after the word that says which."""

_FILLING = frozenset(
    normal_name(word)
    for word in (*_A_VERSION.split("|"), "vers", "recording", "recorded", "the", "la", "le", "die")
)
"""Words that say nothing about which version it is."""

_OPEN = "(\\[{<\uff08\u3010\u300c\u300e\u3008\u300a"
_CLOSE = ")\\]}>\uff09\u3011\u300d\u300f\u3009\u300b"
_DASH = "\\-\u2010-\u2015~\u301c\uff5e"
_WITHIN = f"[^{_OPEN}{_CLOSE}]*"
_BRACKETED = re.compile(
    rf"\s*[{_OPEN}]({_WITHIN}(?:[{_OPEN}]{_WITHIN}[{_CLOSE}]{_WITHIN})*)[{_CLOSE}]"
)
_AFTER_A_DASH = re.compile(rf"\s+[{_DASH}]\s+((?:(?!\s[{_DASH}]\s).)*?)\s*$")
_BETWEEN_DASHES = re.compile(
    rf"\s+[{_DASH}]([^\s{_DASH}](?:[^{_DASH}]*[^\s{_DASH}])?)[{_DASH}]\s*$"
)
_YEAR_APART = re.compile(rf"(\s[{_DASH}]\s(?:19|20)\d\d)\s[{_DASH}]\s")
_SEVERAL = re.compile(r"[/;|]|\s[-\u2010-\u2015]\s")
_GUEST = re.compile(
    r"^(?:feat|featuring|ft|with|avec|con|com|mit|med|duet with)\b"
    r"(?!.* (?:remix|version|edit|acoustic|instrumental|remaster|remastered|demo)$)"
)
_FROM = re.compile(r"^(?:from|aus|de la pelicula|tratto da)\b")
_GUEST_AFTER = re.compile(r"\s+(?:feat\.?|featuring|(?<!\d\s)ft\.?)\s.*$", re.IGNORECASE)
_MAY_ADD = rf"[{_OPEN}]|\s[{_DASH}]|(?i:\s(?:feat|ft))"
"""What a title has that anything is added to; most have nothing."""

_OF_ANY_FILM = re.compile(
    r"(?:(?:main|opening|closing|end|love|title) )?(?:themes?|titles?|credits|suite)(?: song)?"
)
"""Names that many films have a song of: which film it is from tells them apart."""

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
_VERSION = re.compile(f"({_one_of(sorted(_MEANING, key=_longest))})")
_ORDER = list(_VERSIONS)
_IS_A_VERSION = re.compile(rf"^versi(?:on|one|ao)(?!\S)|(?:{_one_of(_alternatives(_A_VERSION))})$")
_IS_EXPLICIT = re.compile(rf"(?:{'|'.join(_alternatives(_CALLED_EXPLICIT))})")
_IS_NOTHING = re.compile("|".join(_alternatives(_NO_VERSION)))


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

    def cut(match: re.Match[str]) -> str:
        meant = _meant(match[1])
        if meant is None:
            return match[0]
        versions.update(meant)
        return ""

    short = _BRACKETED.sub(cut, _YEAR_APART.sub(r"\1 ", title))  # "- 2011 - Remaster"
    for added in (_BETWEEN_DASHES, _AFTER_A_DASH):
        while (shorter := added.sub(cut, short)) != short:
            short = shorter
    short = _GUEST_AFTER.sub("", short)
    name = short if short.strip() and not _OF_ANY_FILM.fullmatch(normal_name(short)) else title
    clean = any("clean" in version.split() for version in versions)
    explicit = True if _EXPLICIT in versions else False if clean else None
    return name, ", ".join(sorted(versions - {_EXPLICIT})), explicit


@lru_cache(maxsize=1 << 14)
def _meant(added: str) -> frozenset[str] | None:
    """Which versions something added to a title tells of; None where it is a part of the name."""
    every = [told for part in _SEVERAL.split(added) if (told := normal_name(part))]
    telling = [told for told in every if not _says_nothing(told)]
    versions = {told: _version(told) for told in telling}
    if not all(versions.values()):
        # What tells of none by itself may be where, or by whom, the version is.
        versions = {"": _version(" ".join(telling))}
        if not versions[""]:
            return frozenset() if _GUEST.match(every[0]) else None
    return frozenset(versions.values())


def _says_nothing(told: str) -> bool:
    if _FROM.match(told):  # a film, or an album that may be live
        return not _VERSION.search(told)
    return bool(_GUEST.match(told) or _IS_NOTHING.fullmatch(told))


def _version(told: str) -> str:
    """Which version a phrase tells of, in English as far as its words are known; empty: of none."""
    if _IS_EXPLICIT.fullmatch(told):
        return _EXPLICIT
    around = _VERSION.split(told)  # what is known is every second one of these
    found = [_MEANING[phrase] for phrase in around[1::2]]
    if not found:
        return " ".join(_words(told)) if _IS_A_VERSION.search(told) else ""
    others = _words(" ".join(around[::2]))
    if all(map(str.isdecimal, others)):  # known words alone mean the same in any order
        return " ".join([*sorted(set(found), key=_ORDER.index), *others])
    around[1::2] = found
    return " ".join(sorted(_words(" ".join(around)), key=str.isdecimal))


def _words(phrase: str) -> list[str]:
    return [word for word in phrase.split() if word not in _FILLING]
