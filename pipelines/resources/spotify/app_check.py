"""Whether Spotify knows an app, before a browser is sent to a page that only says it does not.

Add nothing here that a login needs: a login goes on whatever this says.
"""

import requests

from pipelines.settings import SpotifyApp

TIMEOUT_S = 10


def app_is_known(app: SpotifyApp) -> bool:
    """False only where Spotify says that there is no app with this id, or that its secret is wrong.

    A code that nobody was given is offered for exchange: Spotify looks at the app first.

    Args:
        app: its id, and its secret if it has one.
    """
    form = {
        "grant_type": "authorization_code",
        "code": "none",
        "redirect_uri": "http://127.0.0.1/callback",
        "client_id": app.client_id,
    }
    form |= {"client_secret": app.client_secret} if app.client_secret else {"code_verifier": "-"}
    try:
        answer = requests.post(f"{app.accounts_url}/api/token", data=form, timeout=TIMEOUT_S)
        return bool(answer.json().get("error") != "invalid_client")
    except (requests.RequestException, ValueError, AttributeError):
        return True
