"""What the name of a file in an export says."""

import pytest

from pipelines.listening.privacy_export.filenames import parse_file_name


@pytest.mark.parametrize(
    ("path", "family", "number"),
    [
        ("Streaming_History_Audio_2019-2020_3.json", "audio", 3),
        ("Spotify Extended Streaming History/Streaming_History_Audio_2025_12.json", "audio", 12),
        ("Streaming_History_Video_2018.json", "video", None),
        ("Streaming_History_Video_2018-2025.json", "video", None),
        ("Streaming_History_Audio_spotify_import_test.json", "audio", None),
        ("MyData/endsong_4.json", "endsong", 4),
        ("endsong_0 (1).json", "endsong", 0),
        ("StreamingHistory0.json", "history", 0),
        ("streaminghistory_MUSIC_3.JSON", "music", 3),
        ("StreamingHistory_podcast_0.json", "podcast", 0),
        ("StreamingHistory_audiobook_0.json", "audiobook", 0),
    ],
)
def test_a_history_file_is_known_by_its_name(path, family, number):
    name = parse_file_name(path)
    assert name
    assert (name.family, name.number) == (family, number)
    assert name.folder == path.rpartition("/")[0]


@pytest.mark.parametrize(
    "path",
    [
        "Playlist1.json",
        "Userdata.json",
        "YourLibrary.json",
        "._Streaming_History_Audio_2019_0.json",
        "Streaming_History.pdf",
        "Streaming_History_Audio_2019_0.json/readme.txt",
        "",
    ],
)
def test_other_files_are_no_history(path):
    assert parse_file_name(path) is None


def test_files_are_sorted_by_folder_family_and_number():
    ordered = [
        "a/Streaming_History_Audio_2019_2.json",
        "a/Streaming_History_Audio_2019_10.json",
        "a/Streaming_History_Video_2018.json",
        "b/Streaming_History_Audio_2018_0.json",
    ]
    shuffled = [ordered[at] for at in (3, 1, 0, 2)]
    assert sorted(shuffled, key=parse_file_name) == ordered
