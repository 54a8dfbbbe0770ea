"""What a title says besides the name of the song."""

import pyarrow as pa
import pytest

from pipelines.listening.playlists.versions import title_keys


def keys(*titles: str | None) -> list[tuple[object, ...]]:
    return list(zip(*(part.to_pylist() for part in title_keys(pa.array(titles))), strict=True))


@pytest.mark.parametrize(
    ("title", "song", "version"),
    [
        ("Song", "song", ""),
        ("Song (Live)", "song", "live"),
        ("Song - Live at Wembley, 1986", "song", "live at wembley 1986"),
        ("Song (En Vivo)", "song", "live"),
        ("Song (Ao Vivo)", "song", "live"),
        ("Song [Dal Vivo]", "song", "live"),
        ("Lied - Akustikversion", "lied", "acoustic"),
        ("Chanson (version acoustique)", "chanson", "acoustic"),
        ("Песня (Акустическая версия)", "песня", "acoustic"),
        ("歌 - ライブ・バージョン", "歌", "live"),
        ("노래 (Inst.)", "노래", "instrumental"),
        ("Song - 2011 Remaster", "song", "remaster 2011"),
        ("Song (Remastered 2011)", "song", "remaster 2011"),
        ("Song - 2011 - Remaster", "song", "remaster 2011"),
        ("Song - Live - Remastered", "song", "live, remaster"),
        ("Song (Somebody Remix) [Radio Edit]", "song", "radio edit, somebody remix"),
        ("Song (Demo)", "song", "demo"),
        ("Song (Clean Version)", "song", "clean"),
        ("Song (feat. Guest) - Live", "song", "live"),
        ("Song ft. Guest", "song", ""),
        ("Song (Bonus Track)", "song", ""),
        ('Song - From "A Film"', "song", ""),
        ("Song (Part 2)", "song part 2", ""),
        ("Live and Let Die", "live and let die", ""),
        ("Song (Olive)", "song olive", ""),
        ("(Live)", "live", "live"),
        ("Song - Live at Saint-Denis", "song", "live at saint denis"),
        ("Song feat. Guest - Live at Saint-Denis", "song", "live at saint denis"),
        ("Spider-Man", "spider man", ""),
        ('Song (From "A Film"/Instrumental)', "song", "instrumental"),
        ('Song (From "Live at Wembley")', "song", "from live at wembley"),
        ('Love Theme (From "A Film")', "love theme from a film", ""),
        ('Main Title - From "A Film" / Live', "main title from a film live", "live"),
        ("Theme from A Film", "theme from a film", ""),
        ('Song - From "A Film"/Soundtrack Version', "song", ""),
        ('Song - From "A Film" / Sing-Along', "song from a film sing along", ""),
        ("Song (With Spoken Word Intro / Live in 1965)", "song", "live in 1965"),
        ("Song (feat. AC/DC)", "song", ""),
        ("Song (feat. Little Mix)", "song", ""),
        ("Song (feat. Guest Remix)", "song", "feat guest remix"),
        ("50 Ft. Queenie", "50 ft queenie", ""),
        ("Song - Mono / Remastered 2009", "song", "mono, remaster 2009"),
        ("Song - Remastered 2009 / Mono", "song", "mono, remaster 2009"),
        ("Song (Acoustic Live)", "song", "live acoustic"),
        ("Song - Live in Concert", "song", "live"),
        ("Song (Live (2011))", "song", "live 2011"),
        ("Song (Somebody Remix [Radio Edit])", "song", "somebody remix radio edit"),
        ("Song (Re-Recorded)", "song", "re-recorded"),
        ("Song - Rerecorded", "song", "re-recorded"),
        ("Song (Her Version)", "song", "her"),
        ("Canción (Versión en Inglés)", "cancion", "en ingles"),
        ("Song (The Version)", "song the version", ""),
        ("歌 -Live-", "歌", "live"),
        ("歌 〜アコースティック・バージョン〜", "歌", "acoustic"),
        ("歌《现场版》", "歌", "live"),
        ("Song {Live}", "song", "live"),
        ("~ Song ~", "song", ""),
    ],
)
def test_the_name_of_the_song_and_what_makes_another_version_are_told_apart(
    title: str, song: str, version: str
) -> None:
    assert keys(title) == [(song, version, False if "clean" in version else None)]


def test_a_title_may_say_that_it_is_explicit_or_clean() -> None:
    assert [key[2] for key in keys("A (Explicit)", "A - Clean", "A", None)] == [
        True,
        False,
        None,
        None,
    ]
    assert keys("A (Explicit)", "A (Explicit) [Live]")[1][:2] == ("a", "live")
