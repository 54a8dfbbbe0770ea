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
