"""Texts of the other side are shown without our credentials, however it wrote them."""

import html
import json
import re
from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote, quote_plus, unquote, unquote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.credit_invoice.tools.credentials import MASK, mask
from odoo.addons.credit_invoice.tools.export_contract import Connection

# Too short a secret is a piece of any text, and the mask would be, too.
secrets = st.text(st.characters(codec='utf-8', exclude_characters=MASK), min_size=6, max_size=40)
logins = st.text(st.characters(codec='utf-8', exclude_characters=MASK), max_size=12)
WAYS = {
    'plain': lambda secret, _login: secret,
    'in JSON': lambda secret, _login: json.dumps({'key': secret}),
    'in JSON as it is': lambda secret, _login: json.dumps({'key': secret}, ensure_ascii=False),
    'as Python shows it': lambda secret, _login: repr({'key': secret}),
    'in an address': lambda secret, _login: f'https://books.example.com/{quote(secret)}',
    'in a part of an address': lambda secret, _login: f'?key={quote(secret, safe="")}',
    'in a form': lambda secret, _login: f'key={quote_plus(secret)}&x=1',
    'in base64': lambda secret, _login: b64encode(secret.encode()).decode(),
    'in base64 of addresses': lambda secret, _login: urlsafe_b64encode(secret.encode()).decode(),
    'in an address in small letters': lambda secret, _login: re.sub(
        '%..', lambda found: found[0].lower(), quote(secret, safe='')
    ),
    'in JSON of PHP': lambda secret, _login: json.dumps(secret).replace('/', '\\/'),
    'in JSON in JSON': lambda secret, _login: json.dumps(json.dumps(secret)),
    'in a page': lambda secret, _login: f'<p>{html.escape(secret)}</p>',
    'in a page of ASCII': lambda secret, _login: (
        html.escape(secret).encode('ascii', 'xmlcharrefreplace').decode()
    ),
    'with its scheme': lambda secret, _login: b64encode(f'bearer {secret}'.encode()).decode(),
    'in the header': lambda secret, login: (
        f'Authorization: Basic {b64encode(f"{login}:{secret}".encode()).decode()}'
    ),
}


@pytest.mark.parametrize('way', WAYS)
@given(secret=secrets, login=logins)
def test_mp22_no_way_to_write_a_credential_shows_it(way, secret, login):
    written = WAYS[way](secret, login)
    shown = mask(f'Wrong key: {written}. Again: {written}', secret, login)
    assert shown.count(MASK) == 2
    for read in (str, unquote, unquote_plus):
        assert secret not in read(shown).replace(MASK, '')


def test_mp22_a_text_without_it_stays_as_it_is():
    text = (
        'Wrong key for us: ask for "another" one, 100 % free, at https://books.example.com/key?a=b'
    )
    assert mask(text, 'a-key-that-is-long', 'us') == text


def test_mp22_without_a_credential_nothing_is_masked():
    assert mask('as it is', '') == 'as it is'
    assert mask('', 'secret') == ''
    assert Connection(login='us').mask('as it is') == 'as it is'


def test_mp22_a_connection_hides_what_it_sends():
    connection = Connection(login='us', secret='s3cr=t/')
    for text in ('s3cr=t/', 's3cr%3Dt%2F', b64encode(b'us:s3cr=t/').decode()):
        assert connection.mask(f'<{text}>').rstrip('=>') in (f'<{MASK}', f'<{MASK}=')
