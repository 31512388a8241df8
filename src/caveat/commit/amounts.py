"""Amounts: words such as "up to $400 million" or "31 tanks" to value, range, unit and bound.

Currency names and symbols come from the CLDR (Babel), number words from text2num. What gives no
number ("several", "thousands of") yields no amount: nothing is invented.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

from babel import Locale
from babel.numbers import get_currency_name
from text_to_num import text2num

from caveat.model import Amount, Span

Bound = Literal["exact", "about", "at_least", "at_most"]

_SCALE = {"thousand": 1e3, "k": 1e3, "million": 1e6, "m": 1e6, "mn": 1e6, "mln": 1e6,
          "billion": 1e9, "b": 1e9, "bn": 1e9, "bln": 1e9, "trillion": 1e12,
          "tn": 1e12}  # fmt: skip
_DOZEN = {"a dozen": 12.0, "half a dozen": 6.0, "two dozen": 24.0, "three dozen": 36.0}
_NUMBER_WORD = (
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|"
    r"sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|"
    r"hundred|thousand|million|billion)"
)
_DIGITS = (
    r"\d{1,3}(?:[, \u00a0]\d{3})+(?:\.\d+)?(?!\d)|\d+,\d{1,2}(?=\s?(?:million|billion|bn|mn)\b)"
    r"|\d{1,3}(?:\.\d{3}){2,}|\d+(?:\.\d+)?"
)
"""1,500,000; 1 500 000; 13,2 million; 1.500.000; 13.2."""
_NUMBER = re.compile(
    rf"(?P<dozen>\b(?:half a|a|two|three) dozen\b)"
    rf"|(?P<digits>{_DIGITS})(?:[\s-]?(?P<scale>thousand|million|billion|trillion|mln|bln|mn|bn|tn|"
    rf"k|m|b)\b)?"
    rf"|(?P<words>\b(?:a (?=hundred|thousand|million|billion))?{_NUMBER_WORD}"
    rf"(?:(?:(?<=hundred)\sand\s|(?<=thousand)\sand\s|[\s-]){_NUMBER_WORD})*\b)",
    re.IGNORECASE,
)
_BOUNDS: tuple[tuple[str, Bound], ...] = (
    (r"up to|at most|no more than|not more than|as many as|as much as|a maximum of|fewer than|"
     r"less than|under|nearly|almost", "at_most"),
    (r"at least|more than|over|no fewer than|not less than|a minimum of|upwards of", "at_least"),
    (r"about|around|some|roughly|approximately|an estimated|close to|~|circa", "about"),
)  # fmt: skip
_BRACKETS = re.compile(r"\(([^()]*\d[^()]*)\)")
_FILLERS = frozenset(
    "a an the of in worth more additional another new other extra further total military and or "
    "to as at least most about around than up over".split()
)


def amounts(text: str, span: Span) -> tuple[Amount, ...]:
    """The amounts that the words of a span state: one, and those restated in brackets.

    "HRK 247,311 (EUR 33,000)" is two. Empty where the words state no number.
    """
    out, at = [], span[0]
    for m in _BRACKETS.finditer(text, *span):
        out.append((at, m.start()))
        out.append(m.span(1))
        at = m.end()
    out.append((at, span[1]))
    found = [a for s in out if (a := amount(text, s)) is not None]
    return (found[0], *(a for a in found[1:] if a.unit in _LIVE)) if found else ()


def amount(text: str, span: Span) -> Amount | None:
    """The amount that the words of a span state, None where they state no number.

    `value` is the number as stated, the lower one of a range whose upper one is `max`. The unit is
    an ISO 4217 code for money, else the head noun of what is counted, in lower case.
    """
    words = text[span[0] : span[1]]
    numbers = [(m, v) for m in _NUMBER.finditer(words) if (v := _value(m)) is not None]
    if not numbers:
        return None
    first, value = numbers[0]
    last, most = first, None
    if len(numbers) > 1 and _is_range(words, first, numbers[1][0]):
        last, most = numbers[1]
        if value < most and not first["scale"] and last["scale"]:
            value *= _SCALE[last["scale"].lower()]  # "5 to 10 million"
    unit = _currency(words) or _crowns(words, text) or _head(words[last.end() :])
    if unit is None:
        return None
    return Amount(span, value, most, unit, _bound(words[: first.start()]))


def numbers_of(words: str) -> tuple[int | None, int | None] | None:
    """Least and most of a counted group: "around 30 states" (30, 30), "more than three" (4, None).

    None where the words give no whole number.
    """
    numbers = [(m, v) for m in _NUMBER.finditer(words) if (v := _value(m)) is not None]
    if not numbers or numbers[0][1] != int(numbers[0][1]):
        return None
    first, n = numbers[0][0], int(numbers[0][1])
    if len(numbers) > 1 and _is_range(words, first, numbers[1][0]):
        return n, int(numbers[1][1])
    before = words[: first.start()].lower()
    bound = _bound(before)
    if bound == "at_least":
        return (n if re.search(r"at least|no fewer|minimum", before) else n + 1), None
    if bound == "at_most" and not re.search(r"nearly|almost", before):
        return None, n
    return n, n


def _value(m: re.Match[str]) -> float | None:
    if m["dozen"]:
        return _DOZEN[re.sub(r"\s+", " ", m["dozen"].lower())]
    if m["digits"]:
        return _digits(m["digits"]) * _SCALE.get((m["scale"] or "").lower(), 1)
    words = re.sub(r"^a (?=\w)", "one ", m["words"].lower())
    try:
        return float(text2num(words, "en"))
    except ValueError:
        return None


def _digits(words: str) -> float:
    """ "1,500" is 1500, "13,2" is 13.2, "1.500.000" is 1500000."""
    plain = re.sub(r"[ \u00a0]", "", words)
    if re.fullmatch(r"\d+,\d{1,2}", plain):
        return float(plain.replace(",", "."))
    return float(plain.replace(".", "") if plain.count(".") > 1 else plain.replace(",", ""))


def _is_range(words: str, a: re.Match[str], b: re.Match[str]) -> bool:
    between = words[a.end() : b.start()].lower().strip(" $€£")
    if between == "and":
        return "between" in words[: a.start()].lower()
    return between in ("to", "-", "–", "or")


def _bound(before: str) -> Bound:
    for pattern, bound in _BOUNDS:
        if re.search(rf"(?:\b(?:{pattern})|~)[\s$€£A-Z]*$", before, re.IGNORECASE):
            return bound
    return "exact"


@cache
def _currencies() -> tuple[re.Pattern[str], dict[str, str]]:
    """A pattern of currency symbols, codes and names, and the ISO code of each.

    Names that several currencies share ("dollars", "pounds", "crowns") mean the one that news in
    English means without an adjective.
    """
    locale = Locale("en")
    out = {"$": "USD", "US$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY",
           "dollar": "USD", "dollars": "USD", "euro": "EUR", "euros": "EUR",
           "pound": "GBP", "pounds": "GBP", "pounds sterling": "GBP", "sterling": "GBP",
           "C$": "CAD", "yen": "JPY"}  # fmt: skip
    for code in locale.currencies:
        if code not in _LIVE:
            continue
        out.setdefault(code, code)
        symbol = locale.currency_symbols.get(code, code)
        if not symbol.isalpha():
            out.setdefault(symbol, code)
        for count in (1, 2):
            name = get_currency_name(code, count=count, locale=locale)
            if " " in name:
                out.setdefault(name.lower(), code)
    for adjective, code in (("us", "USD"), ("u.s.", "USD"), ("american", "USD")):
        for noun in ("dollar", "dollars"):
            out.setdefault(f"{adjective} {noun}", code)
    keys = sorted(out, key=len, reverse=True)
    codes = "|".join(re.escape(k) for k in keys if k.isupper() and k.isalpha())
    marks = "|".join(re.escape(k) for k in keys if not k[-1].isalpha())
    names = "|".join(re.escape(k) for k in keys if k.islower() and k[-1].isalpha())
    pattern = rf"(?P<name>\b(?i:{names})\b)|(?P<code>\b(?:{codes})(?=\b|\d))|(?P<mark>{marks})"
    return re.compile(pattern), out


# Currencies in use (ISO 4217) in which news in English gives amounts. The CLDR knows 307, most of
# them of the past; a historical one would only steal its successor's name.
_LIVE = frozenset(
    "USD EUR GBP JPY CHF CAD AUD NZD SEK NOK DKK ISK PLN CZK HUF RON BGN HRK RSD ALL MKD BAM UAH "
    "RUB BYN MDL GEL AMD AZN KZT TRY ILS SAR AED QAR KWD INR CNY KRW TWD HKD SGD THB IDR MYR PHP "
    "VND PKR BDT ZAR NGN KES EGP MAD BRL MXN ARS CLP COP PEN".split()
)


def _currency(words: str) -> str | None:
    pattern, codes = _currencies()
    found = list(pattern.finditer(words))
    if not found:
        return None
    # a name or code says more than a bare symbol: "$32 million AUD"
    best = min(found, key=lambda m: ("name", "code", "mark").index(m.lastgroup or "mark"))
    key = best[0].lower() if best.lastgroup == "name" else best[0]
    return codes.get(key) or codes.get(key.upper())


_CROWNS = re.compile(r"\b(?:crowns?|koruna|korun|kronor|kroner|krone|krona)\b", re.IGNORECASE)
_CROWN_STATES = (
    (r"Czech", "CZK"), (r"Swed(?:en|ish|e)", "SEK"), (r"Norw(?:ay|egian)", "NOK"),
    (r"Denmark|Danish|Danes?", "DKK"), (r"Iceland", "ISK"),
)  # fmt: skip


def _crowns(words: str, text: str) -> str | None:
    """Crowns are those of the one state with crowns that the whole text names."""
    if _CROWNS.search(words) is None:
        return None
    named = {code for state, code in _CROWN_STATES if re.search(rf"\b(?:{state})", text)}
    return named.pop() if len(named) == 1 else None


def _head(after: str) -> str | None:
    """The head noun of what is counted: the last word before a preposition or the end."""
    head = None
    for word in re.findall(r"[^\W\d_][\w'’-]*|[,;:.()]", after):
        if word in ",;:.()" or word.lower() in _STOPS:
            if head is not None:
                break
            continue
        if word.lower() not in _FILLERS:
            head = word.lower()
    return head


_STOPS = frozenset(
    "of to for in on at by with from into near under across during who which that and or plus as "
    "per until through over".split()
)
