"""Everything that Caveat raises on purpose.

CaveatError
├── InputError              what was given cannot be used
│   ├── UnreadableFile      missing, unreadable, binary, too large, or no known format
│   ├── BadRecord           a position by hand, or a row of a table, with what no field takes
│   ├── BadDate             a date option or metadata date that no calendar has
│   └── BadUndertaking      an undertaking file that breaks its own rules
├── WeightsError            the weights of a packaged reader are missing or damaged
├── ReaderError             a reader that asks a language model could not read an article
│   ├── NoReply             the endpoint gave no reply to one question, after all attempts
│   ├── NotAsked            nobody was asked: offline, over the cap, or the run was stopped
│   └── EndpointError       the endpoint refuses, redirects, is no such endpoint, or is dead
├── QuestionError           a count that cannot be asked: unknown kind, rung, proposition, voice
└── RegisterError           the register cannot be opened, is newer than this version, or is locked
    ├── UndertakingMismatch the register was read under another undertaking
    ├── UnknownPosition     no position in the register has this id, or several begin with it
    ├── UnknownActor        no reading in the register names this actor, or several fit
    ├── UnknownProposition  no condition names this proposition, or it is not for joining
    └── ReviewError         a review that says nothing, or what no field of a position takes

Each carries one sentence for people; the command line prints it after "caveat: " and exits
with `exit_code`, the tracebacks stay for `--debug`.
"""


class CaveatError(Exception):
    """Root of the tree; catch it to catch all that Caveat raises on purpose."""

    exit_code = 1


class InputError(CaveatError):
    """What was given cannot be used."""

    exit_code = 3


class UnreadableFile(InputError):
    """A file is missing, unreadable, binary, too large, or in no known format."""


class BadRecord(InputError):
    """A position by hand, or a row of a table, with what no field takes."""


class BadDate(InputError):
    """A date that no calendar has, or in no form that Caveat reads."""


class BadUndertaking(InputError):
    """An undertaking file that breaks its own rules; the message names the table and the key."""


class WeightsError(CaveatError):
    """The weights of a packaged reader are missing or damaged; the message names the file."""

    exit_code = 6


class ReaderError(CaveatError):
    """A reader that asks a language model could not read an article."""

    exit_code = 5


class NoReply(ReaderError):
    """The endpoint gave no reply to one question, after all attempts; the next may get one."""


class NotAsked(ReaderError):
    """Nobody was asked: the reply is not kept and the reader is offline, or over its cap."""


class EndpointError(ReaderError):
    """The endpoint refuses, redirects, is no such endpoint, or is dead: asking on is no use."""


class QuestionError(CaveatError):
    """A count that cannot be asked: unknown kind, rung, proposition, voice or reading."""

    exit_code = 2


class RegisterError(CaveatError):
    """The register cannot be opened, is newer than this version, or is locked."""

    exit_code = 4


class UndertakingMismatch(RegisterError):
    """The register was read under another undertaking than the one asked for."""


class UnknownPosition(RegisterError):
    """No position in the register has this id, or several begin with it."""


class UnknownActor(RegisterError):
    """No reading in the register names this actor, or several fit what was asked."""


class UnknownProposition(RegisterError):
    """No condition in the register names this proposition, or it is not for joining."""


class ReviewError(RegisterError):
    """A review that says nothing, or what no field of a position takes."""

    exit_code = 2
