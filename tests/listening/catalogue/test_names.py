"""Names that are the same in any script, names that are not, and names that are nobody's.

Add a pair here when names are folded in another way. What follows from equal names is tested where
they are compared.
"""

# ruff: noqa: RUF001 names that look alike are what is tested

import unicodedata

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.listening.catalogue.names import (
    NOBODYS_ID,
    name_words,
    nobody_sql,
    normal_name,
    normal_names,
    normal_sql,
)
from pipelines.listening.schema.sql import query

SAME = [
    # Latin
    ("Beyoncé", "BEYONCE"),
    ("Sigur Rós", "sigur ros"),
    ("Trịnh Công Sơn", "Trinh Cong Son"),
    ("Şebnem", "Sebnem"),
    ("İstanbul", "istanbul"),
    ("IŞIK", "ışık"),
    ("Straße", "STRASSE"),
    ("Cœur", "coeur"),
    ("Ænima", "aenima"),
    ("ﬁre", "fire"),
    ("𝕬𝖗𝖙", "art"),
    # how it is stored
    (unicodedata.normalize("NFD", "Motörhead"), "Motörhead"),
    ("Ｐｅｒｆｕｍｅ", "Perfume"),
    ("ｱｲﾄﾞﾙ", "アイドル"),
    (unicodedata.normalize("NFD", "パパ"), "パパ"),
    ("ハ゜ハ゜", "パパ"),
    (unicodedata.normalize("NFD", "아이유"), "아이유"),
    (unicodedata.normalize("NFD", "Цой"), "ЦОЙ"),
    ("दि" + "ल", unicodedata.normalize("NFD", "दिल")),
    ("ﻻ", "لا"),
    ("محمـــد", "محمد"),
    ("می‌خواهم", "میخواهم"),
    ("שׁיר", unicodedata.normalize("NFD", "שׁיר")),
    ("Ⅱ", "II"),
    # case in other scripts
    ("КИНО", "Кино"),
    ("ΟΔΌΣ", "οδός"),
    ("ԱՐԵՎ", "արև".replace("և", "եվ")),
    # punctuation
    ("Don’t Stop", "Don't Stop"),
    ("don´t stop", "Don`t Stop"),
    ("AC/DC", "ac dc"),
    ("Hey Ya!", "hey ya"),
    ("Song…", "Song..."),
    ("サカナクション・ライブ", "サカナクション ライブ"),
    ("Nachts～", "nachts 〜"),
    ("  many   blanks ", "many blanks"),
    ("Dan + Shay", "Dan & Shay"),
    # symbols
    ("C♯ minor", "C# Minor"),
    ("C sharp minor", "C# minor"),
    ("B♭", "B flat"),
    ("❤️", "❤"),
]

DIFFERENT = [
    # Japanese: dakuten, small letters, long vowels, the two syllabaries
    ("パパ", "ハハ"),
    ("ハナ", "バナ"),
    ("がき", "かき"),
    ("びょういん", "びよういん"),
    ("おばさん", "おばーさん"),
    ("はな", "ハナ"),
    # Indic: Devanagari, Bengali, Tamil, Telugu, Malayalam, Gurmukhi, Gujarati, Sinhala
    ("मेरा", "मेरी"),
    ("दिल", "दल"),
    ("কলা", "কাল"),
    ("মন", "মান"),
    ("கண்", "கண"),
    ("மலை", "மாலை"),
    ("కల", "కాల"),
    ("കര", "കാര"),
    ("ਦਿਲ", "ਦਲ"),
    ("દિલ", "દલ"),
    ("මල", "මාල"),
    # Thai, Lao, Khmer, Burmese, Tibetan
    ("ป้า", "ปา"),
    ("ป้า", "ป่า"),
    ("ມື", "ມື້"),
    ("កា", "ក"),
    ("မာ", "မ"),
    ("བོད", "བད"),
    # Cyrillic, Greek
    ("Цой", "Цои"),
    ("Всё", "Все"),
    ("їжа", "іжа"),
    ("Πότε", "Ποτέ"),
    # Hebrew, Arabic
    ("סֵפֶר", "סָפַר"),
    ("شاب", "شابّ"),
    ("آن", "ان"),
    # Korean, Chinese
    ("가", "까"),
    ("东", "東"),
    # Latin letters of their own
    ("MØ", "MO"),
    ("Łona", "Lona"),
    # symbols and emoji
    ("❤", "💔"),
    (
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",  # of England and Scotland
        "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
    ),
    ("🔥", "🌊"),
    ("Home 🏠", "Home 🏡"),
    ("👍🏽", "👍🏿"),
    ("+", "÷"),
    ("×", "÷"),
    ("=", "+"),
    ("-", "+"),
    ("×", "x"),
    ("C♯ minor", "C minor"),
    ("F#", "F"),
    ("B♭", "B"),
    ("$", "€"),
    ("★", "☆"),
    # punctuation alone
    ("!!!", "???"),
    ("...", "!!!"),
    # words
    ("Sia", "Sias"),
    ("Song 1", "Song 2"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_names_are_the_same(one: str, other: str) -> None:
    assert normal_name(one) == normal_name(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_names_are_different(one: str, other: str) -> None:
    assert normal_name(one) != normal_name(other)
    assert normal_name(f"Song {one}") != normal_name(f"Song {other}") or one in {"!!!", "...", "-"}


@given(st.text(max_size=9))
def test_a_folded_name_stays_as_it_is(name: str) -> None:
    assert normal_name(normal_name(name)) == normal_name(name)


@given(st.text(max_size=9))
def test_how_a_name_is_composed_makes_no_difference(name: str) -> None:
    spelled = {normal_name(unicodedata.normalize(form, name)) for form in ("NFC", "NFD")}
    assert len(spelled) == 1


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Gute-Nacht-Lieder ♥", "gute nacht lieder"),
        ("Canción de Cuna", "cancion de cuna"),
        ("नींद का संगीत", "नींद का संगीत"),
        ("पढ़ाई", "पढाई"),
        ("ベビー", "ベビー"),
        ("Белый шум", "белый шум"),
        ("Ещё", "еще"),
        ("ΑΓΆΠΗ", "αγαπη"),
        ("أطفال", "اطفال"),
        ("!!!", "!!!"),
    ],
)
def test_words_to_search_in_have_the_marks_that_everybody_writes(name: str, words: str) -> None:
    assert name_words(name) == name_words(unicodedata.normalize("NFD", name)) == words


def test_sql_and_arrow_fold_alike_and_nulls_stay() -> None:
    names = pa.table({"name": pa.chunked_array([["Beyoncé", None], ["パパ", "!!!", "Beyoncé"]])})
    by_sql = query(f"SELECT {normal_sql('name')} AS name FROM names", names=names)  # noqa: S608 a constant

    assert by_sql["name"].to_pylist() == ["beyonce", None, "パパ", "!!!", "beyonce"]
    assert normal_names(names["name"]).to_pylist() == by_sql["name"].to_pylist()


@pytest.mark.parametrize(
    ("name", "id_", "is_nobody"),
    [
        ("Various Artists", None, True),
        ("VARIOUS ARTISTS", "0123456789abcdefghijAB", True),
        ("anything", NOBODYS_ID, True),
        ("Verschiedene Interpreten", None, True),
        ("Artistes variés", None, True),
        ("Varios Artistas", None, True),
        ("Vários intérpretes", None, True),
        ("Artisti Vari", None, True),
        ("Olika artister", None, True),
        ("Eri esittäjiä", None, True),
        ("Różni wykonawcy", None, True),
        ("Разные исполнители", None, True),
        ("Çeşitli Sanatçılar", None, True),
        ("ヴァリアス・アーティスト", None, True),
        ("群星", None, True),
        ("Various Production", None, False),
        ("Verschiedene", None, False),
        ("群青", None, False),
        ("Die Artisten", None, False),
        (None, None, False),
    ],
)
def test_various_artists_are_nobody_in_any_language(
    name: str | None, id_: str | None, is_nobody: bool
) -> None:
    rows = pa.table({"name": pa.array([name], pa.string()), "id": pa.array([id_], pa.string())})
    found = query(f"SELECT {nobody_sql('name', 'id')} AS nobody FROM rows", rows=rows)  # noqa: S608 a constant

    assert found["nobody"].to_pylist() == [is_nobody]
