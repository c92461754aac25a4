"""Texts of other systems without our credentials: whatever is sent to them, they may repeat."""

import json
from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote, quote_plus

MASK = '•••'  # stands for a credential


def mask(text, secret, login=''):
    """A text in which no credential can be read, nor be decoded from.

    :param str text: what the other side said
    :param str secret: the password or key; empty: nothing is hidden
    :param str login: what stands beside it in the header of basic authentication
    :rtype: str
    """
    for form in _get_written_forms(secret, login) if text and secret else ():
        text = text.replace(form, MASK)
    return text


def _get_written_forms(secret, login):
    """How a credential is written in messages, addresses and headers; the longest first, as they
    hold shorter ones."""
    forms = {
        secret,
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        repr(secret)[1:-1],
        quote(secret),
        quote(secret, safe=''),
        quote_plus(secret),
    }
    for part in (secret, f'{login}:{secret}'):
        for encode in (b64encode, urlsafe_b64encode):
            # What pads the end says nothing, and is left out as often as not.
            forms.add(encode(part.encode()).decode().rstrip('='))
    return sorted(forms, key=len, reverse=True)
