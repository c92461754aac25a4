"""Texts of other systems without our credentials: whatever is sent to them, they may repeat."""

import html
import json
import re
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
    """How a credential is written in messages, pages, addresses and headers; the longest first, as
    they hold shorter ones."""
    as_json = {json.dumps(secret, ensure_ascii=is_ascii)[1:-1] for is_ascii in (True, False)}
    quoted = {quote(secret), quote(secret, safe=''), quote_plus(secret)}
    escaped = {html.escape(secret), html.escape(secret, quote=False)}
    forms = {
        secret,
        repr(secret)[1:-1],
        *as_json,
        *(text.replace('/', '\\/') for text in as_json),
        *(json.dumps(text)[1:-1] for text in as_json),
        *quoted,
        *(re.sub('%..', lambda found: found[0].lower(), text) for text in quoted),
        *escaped,
        *(text.encode('ascii', 'xmlcharrefreplace').decode() for text in escaped),
    }
    for part in (secret, f'{login}:{secret}', f'bearer {secret}', f'Bearer {secret}'):
        for encode in (b64encode, urlsafe_b64encode):
            # What pads the end says nothing, and is left out as often as not.
            forms.add(encode(part.encode()).decode().rstrip('='))
    return sorted(forms, key=len, reverse=True)
