"""The wordings that terminal, report and export share; nothing is counted here."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from caveat.ask import Count, GroupClaim, Held, Question, Tier
from caveat.model import Actor, Condition, Entry, Interval
from caveat.undertaking import Undertaking

TIER_WORDS: Mapping[Tier, str] = {
    "firm": "firm",
    "conditional": "conditional",
    "disputed": "disputed",
    "below": "below the rung",
    "considering": "considering",
    "refused": "refused",
    "others-word": "only by others' word",
    "others-considering": "considering, only by others' word",
    "others-refused": "refused, only by others' word",
    "unheard": "unheard",
}

TIER_MEANS: Mapping[Tier, str] = {
    "firm": "said so, and no condition is open",
    "conditional": "said so, and conditions are open",
    "disputed": "its own statements of one day contradict each other",
    "below": "on the ladder, but under the rung that was asked for",
    "considering": "has it under discussion",
    "refused": "said that it will not",
    "others-word": "others say that it is; it has not said so itself",
    "others-considering": "others say that it has it under discussion",
    "others-refused": "others say that it will not",
    "unheard": "nothing that counts was heard from it",
}

NOTE_WORDS: Mapping[str, str] = {
    "silent": "nothing was said for this case",
    "lapsed": "what was said has lapsed",
    "no-longer-refused": "no longer refused in this case, and not counted",
    "may-be-lifted": "the refusal may be lifted in this case",
}

STANCE_MARKS: Mapping[str, str] = {
    "conditional": "conditions are open",
    "others": "only others say so",
    "disputed": "disputed",
    "stale": "stale",
    "negated": "denied",
}

STANCE_CODES: Mapping[str, str] = {
    "done": "Do", "pledged": "Pl", "ready": "Rd", "considering": "Co", "refused": "Rf",
    "demands": "De", "opposes": "Op", "threatens": "Th",
}  # fmt: skip
"""Two letters for a stance where a board has no room for words."""

_AS_WORDED = "text:"

_ACTS: Mapping[str, str] = {
    "troops": "send troops",
    "air": "send air forces",
    "naval": "send naval forces",
    "weapons": "give weapons",
    "training": "train forces",
    "intelligence": "share intelligence",
    "money": "give money",
    "humanitarian": "give humanitarian aid",
    "sanctions": "impose sanctions",
    "talks": "hold talks",
    "membership": "join or admit members",
    "guarantee": "give guarantees",
    "force": "use force",
    "recognition": "recognise",
    "energy": "act on energy",
    "inquiry": "hold inquiries",
    "domestic": "act at home",
    "other": "act in other ways",
}

_RUNGS: Mapping[str, str] = {
    "considering": "at least considering whether to {act}",
    "ready": "ready to {act}",
    "pledged": "pledged to {act}",
    "done": "on record as doing it: {act}",
}


def hanging_words(answer: Count, actors: Mapping[str, Actor]) -> Iterator[str]:
    """What conditions on others tie together, a sentence each."""
    solved = answer.solved
    if solved is None:
        return
    for group in solved.together:
        yield f"{series(name_of(a, actors) for a in group)}: together or not at all"
    for e in solved.exclusive:
        many = f"exactly {e.least}" if e.least == e.most else f"{e.least} to {e.most}"
        who = series((name_of(a, actors) for a in e.parties), "or")
        yield f"{who}: {many} at once, for some are in only if others are not"
    for group in solved.impossible:
        yield f"{series(name_of(a, actors) for a in group)}: no outcome fits what was said"


def left_out_words(n: int) -> str:
    """ "1 position of retracted or corrected articles is left out"."""
    verb = "is" if n == 1 else "are"
    return f"{plural(n, 'position')} of retracted or corrected articles {verb} left out"


def plural(n: int, one: str, many: str | None = None) -> str:
    """ "1 state", "2 states"."""
    return f"{n} {one if n == 1 else many or one + 's'}"


def series(words: Iterable[str], last: str = "and") -> str:
    """ "a, b and c"."""
    found = list(words)
    if len(found) < 2:
        return "".join(found)
    return f"{', '.join(found[:-1])} {last} {found[-1]}"


def day_words(day: date) -> str:
    """ "6 January 2026", in English whatever the locale."""
    return f"{day.day} {calendar.month_name[day.month]} {day.year}"


def when_words(interval: Interval | None) -> str:
    """A day, a month, a stretch of days or an open interval in words; "no date" for None."""
    if interval is None or (interval.start is None and interval.end is None):
        return "no date"
    start, end = interval.start, interval.end
    if start is None or end is None:
        return f"by {day_words(end)}" if end else f"from {day_words(start or date.min)}"
    if start == end:
        return day_words(start)
    last = calendar.monthrange(end.year, end.month)[1]
    if start.day == 1 and end.day == last and start.year == end.year:
        if start.month == end.month:
            return f"{calendar.month_name[start.month]} {start.year}"
        if (start.month, end.month) == (1, 12):
            return str(start.year)
    return f"{day_words(start)} to {day_words(end)}"


def name_of(actor: str, actors: Mapping[str, Actor]) -> str:
    """An actor's name, its id where the register has no such actor."""
    found = actors.get(actor)
    return found.name if found else actor


def act_words(q: Question) -> str:
    """ "send troops", "send troops or send naval forces"."""
    return series((_ACTS.get(k, k) for k in q.kinds), "and" if q.all_of else "or")


def asked_words(q: Question) -> str:
    """ "ready to send troops", by the rung that was asked for."""
    return _RUNGS[q.at_least].format(act=act_words(q))


def party_words(answer: Count, actors: Mapping[str, Actor], n: int = 2) -> str:
    """What is counted: "states" where every heard party is one, "parties" otherwise."""
    found = [actors.get(s.holder) for s in answer.standings if s.in_upper]
    heard = found or [actors.get(s.holder) for s in answer.standings]
    states = all(a is not None and a.type == "state" for a in heard)
    if n == 1:
        return "state" if states else "party"
    return "states" if states else "parties"


def bounds_words(lower: int, upper: int) -> str:
    """ "0 to 4", "3" where both bounds are the same."""
    return str(lower) if lower == upper else f"{lower} to {upper}"


def headline(answer: Count, actors: Mapping[str, Actor]) -> str:
    """ "0 firm, 0 to 4 named states ready to send troops": the first line of an answer."""
    what = party_words(answer, actors, answer.upper)
    return (
        f"{len(answer.firm)} firm, {bounds_words(answer.lower, answer.upper)} named {what} "
        f"{asked_words(answer.question)}"
    )


def answer_words(answer: Count, actors: Mapping[str, Actor]) -> str:
    """The answer in one sentence for people."""
    asked, lower, upper = asked_words(answer.question), answer.lower, answer.upper
    if upper == 0:
        return f"No named {party_words(answer, actors, 1)} is {asked}."
    if lower == upper:
        verb = "is" if lower == 1 else "are"
        return f"{lower} named {party_words(answer, actors, lower)} {verb} {asked}."
    if lower == 0:
        one = party_words(answer, actors, 1)
        return f"No named {one} is firmly {asked}; up to {upper} could be."
    return f"At least {lower} and at most {upper} named {party_words(answer, actors)} are {asked}."


def question_words(answer: Count, actors: Mapping[str, Actor]) -> str:
    """ "How many states are ready to send troops?"."""
    return f"How many {party_words(answer, actors)} are {asked_words(answer.question)}?"


def assumption_words(assumption: str, undertaking: Undertaking, actors: Mapping[str, Actor]) -> str:
    """A proposition in words, by the undertaking's label; "not: …" where it is denied."""
    denied = assumption.startswith("not:")
    plain = assumption.removeprefix("not:")
    name, _, rest = plain.partition("(")
    label = next((r.label for r in undertaking.propositions if r.id == name), plain)
    if plain.startswith(_AS_WORDED):
        # the undertaking has no such proposition: the text's own words, cut to their stems
        rest, label = "", f"“{plain.removeprefix(_AS_WORDED).replace('-', ' ')}”"
    if rest:
        code, _, kind = rest.removesuffix(")").partition(", ")
        who = name_of(f"iso:{code}" if f"iso:{code}" in actors else code, actors)
        if name == "does":
            label = f"{who} acts: {_ACTS.get(kind, kind)}"
        else:
            label = label.replace("{actor}", who) if "{actor}" in label else f"{label} ({who})"
    return f"not: {label}" if denied else label


def condition_words(condition: Condition, words: str) -> str:
    """ "only if the Bundestag approves": relation and words."""
    return f"{condition.relation.replace('_', ' ')} {words}"


def conditions_of(entry: Entry) -> tuple[str, ...]:
    """An entry's conditions in words, in the order of the text."""
    found = zip(entry.position.conditions, entry.condition_words, strict=False)
    return tuple(condition_words(c, w) for c, w in found)


def source_words(entry: Entry) -> str:
    """ "Test Post, 6 January 2026": who carried it, and when."""
    return f"{entry.outlet or 'no outlet named'}, {when_words(entry.reported)}"


def speaker_words(entry: Entry, actors: Mapping[str, Actor]) -> str:
    """ "Zelensky, relayed by UNIAN", "in the outlet's own voice"."""
    who = speaker_name(entry, actors) or "in the outlet's own voice"
    spoken = entry.speaker_words or ""
    if who.casefold() not in spoken.casefold() and len(spoken) > len("they"):
        who += "" if spoken.casefold() in who.casefold() else f" (“{spoken}”)"
    if entry.relay_words:
        who += f", relayed by {series(entry.relay_words)}"
    return who


def speaker_name(entry: Entry, actors: Mapping[str, Actor]) -> str | None:
    """The speaker by the name that the words resolve to, else by the words; None for nobody.

    The words stay where the name stands in them: "Prime Minister Ada Berg".
    """
    found = actors.get(entry.position.speaker_actor or "")
    spoken = entry.speaker_words
    if spoken is None or found is None or found.name.casefold() in spoken.casefold():
        return spoken
    return found.name


def stance_words(entry: Entry) -> str:
    """ "ready", "not pledged"."""
    p = entry.position
    return f"not {p.stance}" if p.negated else p.stance


def held_words(held: Held) -> str:
    """ "ready, if a ceasefire holds (by bloc: the Baltic states)"."""
    out = ", ".join((stance_words(held.entry), *conditions_of(held.entry)))
    return f"{out} (said of a group)" if held.by_bloc else out


def size_words(claim: GroupClaim) -> str | None:
    """ "26", "more than 30", "19 to 37", None where the words give no number."""
    if claim.size is None or claim.size == (None, None):
        return None
    least, most = claim.size
    if most is None:
        return f"{least} or more"
    if least is None:
        return f"up to {most}"
    return bounds_words(least, most)
