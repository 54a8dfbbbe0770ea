"""A loopback Spotify with a synthetic listener: the demo and the tests run on it.

    with Sandbox("demo") as sandbox:
        requests.get(sandbox.api_url + "me", headers=...)

Modules: `server` (the socket) → `app` (routes, log) → `faults` (with `effects`) → `endpoints`,
`writes`, `accounts`, `recordings` → `life` → `rhythm`, `taste` → `catalogue` → `people`; `lastfm`
has the scrobbles of these lives, `google` the sheets of surveys, `control` is for other processes,
`ledger` (with `sound`) tells a life with its truth, as the pipeline's tables; `exports` (with
`podcasts`) as a privacy export.
`playlists` is the world of playlists that clients and tests change, `items` what can be in one
(`made_up` songs too), `hoard` the big case, `demo_playlists` what the demo collects;
`survey_worlds` has groups of people who name songs. Add here only names that users of the sandbox
import. Nothing of the pipeline belongs in this package, but for the tables that `ledger` and
`survey_worlds` fill; the pipeline never imports it.
"""

from sandbox.life import Play, truth
from sandbox.listeners import Listener
from sandbox.recordings import Recordings
from sandbox.server import Sandbox

__all__ = ["Listener", "Play", "Recordings", "Sandbox", "truth"]
