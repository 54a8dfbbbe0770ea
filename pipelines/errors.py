"""The errors that a person can act on.

::

    PlayledgerError
    ├── SettingsError                a variable or a line of listeners.toml is wrong
    ├── LoginError
    │   ├── LoginMissing             nobody has logged in yet
    │   ├── LoginExpired             Spotify refuses the login
    │   ├── NotAuthorized            no consent came
    │   ├── RefreshFailed            no new access token; clears by itself
    │   ├── TokenFileError           a file in TOKENS_DIR cannot be used
    │   └── WrongAccount             the login is another account's
    ├── SpotifyError                 Spotify answered, but not what was asked for
    │   ├── SpotifyDown              5xx, a timeout, a cut connection; clears by itself
    │   ├── SpotifyFailing           not asked again in this run: it failed too often in a row
    │   ├── RefusedRequest           Spotify does not give that out, or do that: 403, 404, 400
    │   ├── OutcomeUnknown           a POST without an answer: it may have been done
    │   ├── TargetDiffers            a playlist that a plan made is not as the plan left it
    │   ├── UnreadableAnswer         no refusal, but nothing that can be read: 204, or an odd body
    │   ├── BudgetSpent              an hour's or a day's requests are used up; clears by itself
    │   └── NothingCollected         a date for which nothing was collected in time
    ├── LastfmError                  Last.fm refuses, and somebody has to do something
    │   └── LastfmDown               it does not answer, or not now; clears by itself
    ├── LockedOut                    Spotify refuses requests for a while; clears by itself
    ├── WrongClock                   this machine's clock is wrong, so nothing is collected
    ├── DashboardError               the dashboard cannot be served, or somebody cannot be let in
    │   └── LoginsUnavailable        the file of its logins cannot be used
    ├── StoreUnavailable             the folder or bucket cannot be read or written
    ├── LakeError
    │   ├── CorruptFile              a file of the lake is damaged
    │   ├── RefusedTable             rows that do not conform to their declared table
    │   └── UnreadableResponse       a kept response that cannot be decoded
    ├── RefusedInput
    │   ├── RefusedExport            a privacy export that cannot be imported
    │   ├── RefusedReference         a file of audio features that cannot be added
    │   ├── RefusedLabel             a manual label that fits no session
    │   ├── RefusedChoice            a track that cannot be chosen for a song of a survey
    │   ├── RefusedPlan              a plan for playlists that cannot be made or applied
    │   └── WrongWeights             context_weights.toml
    ├── SurveyError
    │   ├── SheetError               a survey's sheet or file cannot be read
    │   │   ├── SheetDown            Google does not answer, or not now; clears by itself
    │   │   └── WrongColumns         it has no column for what is needed
    │   ├── GoogleLoginError         the service account cannot be used
    │   ├── SurveyKeyError           a file in SURVEY_KEYS_DIR cannot be used
    │   ├── SurveyClosed             its time is over, or everything of it was forgotten
    │   ├── SurveyFailed             something unexpected, told without what it was about
    │   └── NoSuchAnswer             nobody of that name or pseudonym is in it
    ├── CommandFailed
    │   ├── ImportFailed, ExportFailed, FetchFailed, ApplyFailed
    │   ├── SetupRefused             `init` was told what contradicts the files that are there
    │   ├── StartFailed              `up` cannot start, or something that it started has ended
    │   ├── CacheProblem             what is kept of answers cannot be read or removed
    │   ├── NotForgotten             something is left, or prevents the deletion
    │   ├── DagsterAway              nobody answers where Dagster's webserver should be
    │   └── DagsterRefused           it answers, and did not do what it was asked for
    └── HeartbeatFailed              HEARTBEAT_URL did not answer

The message of each is one sentence that names what is wrong, where, and what to do; it contains no
secret. Runs show it without a traceback, commands print it as one line, schedules give it as the
reason of a skipped tick. Any other exception is a bug and keeps its traceback.

Add a class where a person would have to do something different, or where code handles it
differently. Exceptions that never reach a person belong beside the code that raises them.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Literal


class Subject(StrEnum):
    """What an error is about: alerts of one subject are about one cause."""

    SETTINGS = "settings"
    LOGIN = "login"
    SPOTIFY = "spotify"
    LASTFM = "lastfm"
    LOCKOUT = "lockout"
    CLOCK = "clock"
    LAKE = "lake"
    DATA = "data"
    INPUT = "input"
    SURVEY = "survey"
    COMMAND = "command"
    HEARTBEAT = "heartbeat"


class PlayledgerError(Exception):
    """Something that a person can act on; the message is the one sentence that they read.

    Attributes:
        subject: what it is about.
        clears_itself: whether it goes away without anybody doing something, for certain; schedules
            then skip such a tick without calling it a failure.
    """

    subject: ClassVar[Subject]
    clears_itself: ClassVar[bool] = False


class SettingsError(PlayledgerError):
    """A missing or malformed value; the message names the variable or the line in the file."""

    subject = Subject.SETTINGS


class LoginError(PlayledgerError):
    """A listener's login cannot be used."""

    subject = Subject.LOGIN


def login_command(listener: str, purpose: Literal["read", "write"] = "read") -> str:
    """The command with which a listener logs in for this purpose."""
    return f"playledger login {listener}" + (" --write" if purpose == "write" else "")


class LoginMissing(LoginError):
    """There is no login yet."""

    def __init__(self, listener: str, purpose: Literal["read", "write"] = "read") -> None:
        missing = {
            "read": f"{listener} has not logged in yet",
            "write": f"{listener} has no login with which Playledger may write playlists",
        }
        super().__init__(f"{missing[purpose]}: run `{login_command(listener, purpose)}`")


class LoginExpired(LoginError):
    """Spotify no longer accepts the login: only the listener can renew it."""

    def __init__(self, listener: str, purpose: Literal["read", "write"] = "read") -> None:
        login = "login" if purpose == "read" else "login for writing"
        command = login_command(listener, purpose)
        super().__init__(f"{listener}'s {login} has expired: run `{command}`")


class NotAuthorized(LoginError):
    """No consent came, or not the one that was requested; the message says why."""


class RefreshFailed(LoginError):
    """The accounts service did not issue a new access token; the old one stays."""

    subject = Subject.SPOTIFY
    clears_itself = True


class TokenFileError(LoginError):
    """A file in `TOKENS_DIR` that cannot be used; the message names it and says what to do."""


class WrongAccount(LoginError):
    """The login belongs to another Spotify account than the plays in the lake."""

    subject = Subject.DATA


class SpotifyError(PlayledgerError):
    """An unexpected response; the message says what was requested and what came."""

    subject = Subject.SPOTIFY


class SpotifyDown(SpotifyError):
    """A failure that may pass: 5xx, a timeout, a cut connection."""

    clears_itself = True


class RefusedRequest(SpotifyError):
    """Spotify does not give out what was asked for, or does not do it: nothing was done.

    Attributes:
        status: of its answer, such as 403.
        reason: its own words, if there are any.
        answer: as it was received.
    """

    def __init__(self, message: str, status: int, reason: str, answer: Any) -> None:
        super().__init__(message)
        self.status, self.reason, self.answer = status, reason, answer


class OutcomeUnknown(SpotifyError):
    """A POST that nobody knows the outcome of: whoever sent it has to look what became of it.

    Attributes:
        answered: whether an answer came, so that Spotify is no longer at work on it.
    """

    def __init__(self, message: str, *, answered: bool) -> None:
        super().__init__(message)
        self.answered = answered


class TargetDiffers(SpotifyError):
    """A playlist that a plan made is not as the plan left it; a person has to decide."""


class UnreadableAnswer(SpotifyError):
    """An answer in which nothing can be read; a body is kept aside, other requests go on."""


class SpotifyFailing(SpotifyError):
    """Not asked: Spotify failed so often in a row that the rest of a run sends nothing."""

    clears_itself = True


class BudgetSpent(SpotifyError):
    """An hour's, a day's or a run's requests are used up; the message says when it goes on."""

    clears_itself = True


class NothingCollected(SpotifyError):
    """A date for which nothing was requested while Spotify could still answer."""

    def __init__(self, what: str, date: str) -> None:
        were = "were" if what.endswith("s") else "was"
        super().__init__(
            f"no {what} {were} collected on {date}, and Spotify only reports the present: "
            "choose dates that were collected, or today"
        )


class LastfmError(PlayledgerError):
    """Last.fm does not give out scrobbles; the message says what to do."""

    subject = Subject.LASTFM


class LastfmDown(LastfmError):
    """A failure of Last.fm's that may pass: an outage, too many requests, a cut connection."""

    clears_itself = True


class LockedOut(PlayledgerError):
    """Spotify wants no request before `retry_at`; the message says so in one sentence."""

    subject = Subject.LOCKOUT
    clears_itself = True

    def __init__(self, retry_at: datetime, group: str, reason: str, unwritten: str = "") -> None:
        """Compose the message.

        Args:
            retry_at: when the lockout ends, UTC.
            group: the group of endpoints that caused it.
            reason: why, in Spotify's words.
            unwritten: why the lockout could not be recorded; empty where it was.
        """
        self.retry_at = retry_at
        super().__init__(
            f"Spotify refuses requests until {retry_at:%Y-%m-%d %H:%M:%S} UTC "
            f"({reason} at {group}); none are sent until then, and schedules resume by themselves"
            + (f"; but this could not be recorded: {unwritten}" if unwritten else "")
        )


class WrongClock(PlayledgerError):
    """This machine's clock is so wrong that nothing may be kept under its time."""

    subject = Subject.CLOCK

    def __init__(self, service: str, ahead: timedelta) -> None:
        """Compose the message.

        Args:
            service: whose clock it was compared with.
            ahead: by how much this machine's is ahead of it; negative where it is behind.
        """
        minutes = round(abs(ahead) / timedelta(minutes=1))
        days, hours = minutes // 1440, minutes // 60 % 24
        units = ((days, "day" if days == 1 else "days"), (hours, "h"), (minutes % 60, "min"))
        off = " ".join(f"{count} {unit}" for count, unit in units if count)
        side = "ahead of" if ahead > timedelta() else "behind"
        super().__init__(
            f"this machine's clock is {off} {side} {service}'s, so nothing is collected until it "
            "is right: switch on time synchronization (NTP; on Linux `timedatectl set-ntp true`), "
            "for a container on its host"
        )


class DashboardError(PlayledgerError):
    """The dashboard cannot be served, or cannot let somebody in; the message says why."""

    subject = Subject.COMMAND


class LoginsUnavailable(DashboardError):
    """The file of the dashboard's logins cannot be used; the message names it."""


class StoreUnavailable(PlayledgerError):
    """The store cannot be used now: what failed, where, and what to do."""

    subject = Subject.LAKE


class LakeError(PlayledgerError):
    """Data in the lake, or for it, that is invalid."""

    subject = Subject.DATA


class CorruptFile(LakeError):
    """A file of the lake that is not what was written there; the message names it."""


class RefusedTable(LakeError):
    """Rows that must not be written: a wrong type, a null in a required column, a repeated key."""


class UnreadableResponse(LakeError):
    """A file in `raw/` that is not a response; the message names it."""


class RefusedInput(PlayledgerError):
    """Input from a person that cannot be used; the message names it and says why."""

    subject = Subject.INPUT


class RefusedExport(RefusedInput):
    """A privacy export that cannot be imported: the file, what is wrong and what to do."""


class RefusedReference(RefusedInput):
    """A file that is not reference data; the message names it and says what is wrong."""


class RefusedLabel(RefusedInput):
    """A manual label that cannot be set or removed; the message says why."""


class RefusedChoice(RefusedInput):
    """A track that cannot be chosen for a song of a survey; the message says why."""


class NoSuchTrack(RefusedInput):
    """What was looked up is no track, or may be several.

    Attributes:
        matches: what each of these is called, by its recording_id.
    """

    def __init__(self, message: str, matches: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.matches = matches or {}


class RefusedPlan(RefusedInput):
    """A plan for playlists that cannot be made, found or applied; the message says why."""


class WrongWeights(RefusedInput):
    """`context_weights.toml` is invalid; the message names the table in it."""


class SurveyError(PlayledgerError):
    """A survey that cannot be read or computed now; what is stored of it stays as it was."""

    subject = Subject.SURVEY


class SheetError(SurveyError):
    """A sheet, or a file of answers, that cannot be read; the message says why, and no cell."""


class SheetDown(SheetError):
    """A failure of Google's that may pass: an outage, too many requests, a cut connection."""

    clears_itself = True


class WrongColumns(SheetError):
    """A sheet whose header lacks what is needed; the message says what, and no header."""


class GoogleLoginError(SurveyError):
    """Google does not let the service account in, or its file cannot be used."""


class SurveyKeyError(SurveyError):
    """A file in `SURVEY_KEYS_DIR` that cannot be used; the message names it and what to do."""


class SurveyClosed(SurveyError):
    """A survey that is not to be read any more; the message says why, and what to do."""


class SurveyFailed(SurveyError):
    """An error of a library or of ours, without its message, which may quote an answer."""


class NoSuchAnswer(SurveyError):
    """Nobody of that name, mail or pseudonym is in a survey; the message repeats no name."""


class CommandFailed(PlayledgerError):
    """A command could not do what it was asked to do."""

    subject = Subject.COMMAND


class ImportFailed(CommandFailed):
    """The import's run failed; the message is that of its first failed step."""


class ExportFailed(CommandFailed):
    """Nothing was exported; the message says why."""


class FetchFailed(CommandFailed):
    """Playlists were not read, or not all of them; the message says which, and what goes on."""


class ApplyFailed(CommandFailed):
    """A plan is not written, or not all of it; the message says how it goes on."""


class SetupRefused(CommandFailed):
    """What `init` was told contradicts a file, which it does not overwrite."""


class StartFailed(CommandFailed):
    """`up` cannot start, or one of the processes that it started has ended; it says which."""


class CacheProblem(CommandFailed):
    """The cache cannot be read or emptied now; runs go on without it."""


class NotForgotten(CommandFailed):
    """A listener or an answer cannot be deleted now, or something is left of them."""


class HeartbeatFailed(PlayledgerError):
    """`HEARTBEAT_URL` did not answer; the message says what happened, and not the address."""

    subject = Subject.HEARTBEAT
    clears_itself = True


class DagsterAway(CommandFailed):
    """Nobody answers where Dagster's webserver should be."""

    def __init__(self, url: str) -> None:
        super().__init__(
            f"Dagster's webserver does not answer at {url}: start it with `playledger up`, or set "
            "DAGSTER_WEBSERVER_URL to where it is"
        )


class DagsterRefused(CommandFailed):
    """Dagster's webserver did not do what it was asked for; the message has its reason."""
