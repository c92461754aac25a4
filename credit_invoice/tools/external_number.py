"""Document numbers in the form of another system: distinct and reversible, or refused (mp11).

A number is rewritten by replacements, such as `/` by `-` or `INV/` by `I`, the longest first, from
left to right. What comes out is used only if reading it backwards gives the number that went in:
so two numbers never become one, and who reads a number over there finds the document here.
"""

import re


class NumberError(ValueError):
    """A number, or a set of replacements, cannot be used. `reason` says why."""

    def __init__(self, reason, text):
        super().__init__(f'{reason}: {text}')
        self.reason = reason
        self.text = text


def read_replacements(text):
    """Replacements as typed: one `old = new` in each line.

    :rtype: dict
    :raise NumberError: `line` if a line is none; `twice` if two would become the same
    """
    replacements = {}
    for line in filter(str.strip, (text or '').splitlines()):
        old, sign, new = line.partition('=')
        old, new = old.strip(), new.strip()
        if not sign or not old or not new:
            raise NumberError('line', line.strip())
        if old in replacements or new in replacements.values():
            raise NumberError('twice', line.strip())
        replacements[old] = new
    return replacements


def to_external(number, replacements, max_length=0, alphabet=''):
    """A document number in the form that is used over there.

    :param dict replacements: see `read_replacements`
    :param int max_length: in characters, 0 for any
    :param str alphabet: the characters that are allowed, as `A-Z0-9-`; empty for any
    :raise NumberError: `length`, `alphabet`, or `ambiguous` if it could not be read back
    """
    external = _replace(number, replacements)
    if max_length and len(external) > max_length:
        raise NumberError('length', external)
    if alphabet and not set(external) <= read_alphabet(alphabet):
        raise NumberError('alphabet', external)
    if from_external(external, replacements) != number:
        raise NumberError('ambiguous', external)
    return external


def from_external(external, replacements):
    """The inverse of `to_external`."""
    return _replace(external, {new: old for old, new in replacements.items()})


def read_alphabet(text):
    """The characters of an alphabet as typed, with ranges as `A-Z`; a `-` at an end is itself.

    :rtype: set
    :raise NumberError: `alphabet` if a range runs backwards
    """
    allowed, position = set(), 0
    while position < len(text):
        if text[position + 1 : position + 2] == '-' and position + 2 < len(text):
            first, last = text[position], text[position + 2]
            if first > last:
                raise NumberError('alphabet', text[position : position + 3])
            allowed.update(map(chr, range(ord(first), ord(last) + 1)))
            position += 3
        else:
            allowed.add(text[position])
            position += 1
    return allowed


def _replace(text, replacements):
    if not replacements:
        return text
    longest_first = sorted(replacements, key=len, reverse=True)
    pattern = '|'.join(map(re.escape, longest_first))
    return re.sub(pattern, lambda found: replacements[found.group()], text)
