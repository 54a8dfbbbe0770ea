"""The words the invented catalogue is made of: one shelf for each context a life has.

Add artists, title words or a shelf here. Any name that a real artist is known by does not belong
here; neither does logic.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shelf:
    """Music of one kind.

    Attributes:
        label: The context it is played in, as in the ledger's `context` column.
        playlist: Name of the listener's playlist of this music.
        tracks: How many tracks there are, single releases of album tracks not counted.
        artists: Their names.
        genres: What Spotify used to say of these artists.
        first, second: Words whose pairs are the titles.
        seconds: Shortest and longest track.
        years: First and last year of release.
        explicit: Share of explicit tracks, 0 to 1.
    """

    label: str
    playlist: str
    tracks: int
    artists: tuple[str, ...]
    genres: tuple[str, ...]
    first: tuple[str, ...]
    second: tuple[str, ...]
    seconds: tuple[int, int]
    years: tuple[int, int]
    explicit: float = 0.0


SHELVES = (
    Shelf(
        label="everyday",
        playlist="On Repeat-ish",
        tracks=90,
        artists=(
            "Halfway Ferries",
            "Sólja Brekkan",
            "The Paper Lighthouses",
            "Mireille Oduya",
            "Żabka Nocą",
            "Copper & Quill",
            "Ådne Fjellrev",
            "Tram Line Seven",
            "夜行ベランダ",
            "Las Horas Azules",
        ),
        genres=("indie pop", "art pop", "indie folk"),
        first=("Borrowed", "Second", "Paper", "Yellow", "Über", "Small", "Last", "Open", "Señor"),
        second=(
            "Sundays",
            "Kitchen",
            "Bicycle",
            "Postcards",
            "Harbour",
            "Neighbour",
            "Čas",
            "Maps",
        ),
        seconds=(150, 275),
        years=(1979, 2026),
        explicit=0.12,
    ),
    Shelf(
        label="focus",
        playlist="Deep Focus at the Desk",
        tracks=45,
        artists=("Lantern Protocol", "Ines Vakker", "Slow Compiler", "Mori Atlas Ensemble", "Öde"),
        genres=("ambient", "modern classical", "downtempo"),
        first=("Interval", "Glass", "Nocturne", "Vector", "Still", "Étude"),
        second=("No. 3", "for Two Pianos", "(Instrumental)", "in Grey", "Drift", "IV", "Pattern"),
        seconds=(170, 420),
        years=(2008, 2026),
    ),
    Shelf(
        label="workout",
        playlist="Gym: Leg Day 150 bpm",
        tracks=40,
        artists=("KILOJOULE", "Riot Kettlebell", "DJ Ampère", "Vanta Sprint", "Roza Tępo"),
        genres=("hardstyle", "trap", "drum and bass"),
        first=("Push", "Redline", "Heavy", "Run", "Iron", "Faster"),
        second=("Harder", "(VIP Mix)", "Pulse", "Nation", "It Up", "Engine", "170"),
        seconds=(130, 230),
        years=(2012, 2026),
        explicit=0.45,
    ),
    Shelf(
        label="party",
        playlist="Friday Kitchen Disco 🪩",
        tracks=40,
        artists=(
            "Neon Almirante",
            "Discothèque Dupont",
            "Fjord & Fever",
            "Lola Transistor",
            "Çelik Ada",
        ),
        genres=("disco", "house", "latin pop"),
        first=("Dance", "Mañana", "Mirrorball", "Tonight", "Baby", "Todo"),
        second=("Till Three", "Fever", "(Extended)", "Loco", "on the Table", "Again", "Corazón"),
        seconds=(170, 320),
        years=(1984, 2026),
        explicit=0.2,
    ),
    Shelf(
        label="relaxation",
        playlist="Evening, Low Lights",
        tracks=40,
        artists=("Amelie Voss Trio", "Tea & Vinyl", "Jonah Riverbed", "Noor Halabi", "Sete Marés"),
        genres=("vocal jazz", "bossa nova", "acoustic"),
        first=("Slow", "Velvet", "Candle", "Quiet", "Luz", "Harvest"),
        second=("Evening", "Rain", "Letter", "Waltz", "de Outono", "Chair", "Goodnight"),
        seconds=(170, 330),
        years=(1962, 2025),
    ),
    Shelf(
        label="kids",
        playlist="Kinderlieder fürs Auto",
        tracks=25,
        artists=("Onkel Pfützenglück", "The Wobbly Ducklings", "Mama Mirabelle's Band"),
        genres=("children's music", "kindermusik"),
        first=("The Little", "Der kleine", "Hop Hop", "Five Funny"),
        second=("Tractor", "Igel", "Monkeys", "Feuerwehr", "Bubbles", "Zug", "Dinosaur"),
        seconds=(75, 190),
        years=(1998, 2024),
    ),
    Shelf(
        label="sleep",
        playlist="Rain & White Noise for Sleeping",
        tracks=20,
        artists=("Hushwave Sleep Lab", "Regenzimmer", "Soft Static"),
        genres=("white noise", "sleep"),
        first=("Brown Noise", "Rain on a Tin Roof", "Fan in the Next Room", "Womb Sounds"),
        second=("(Loopable)", "Pt. 1", "Pt. 2", "No Fade", "for Babies"),
        seconds=(31, 120),
        years=(2015, 2021),
    ),
)
