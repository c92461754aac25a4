"""What `./dev` says while it works, and when it fails."""

from devkit.addons import find_addons
from devkit.process import last_words, tell_progress
from devkit.serve import demo_users

LOADING = """\
2026-11-30 07:16:04,559 15036 INFO demo odoo.modules.loading: loading 24 modules...
2026-11-30 07:16:04,559 15036 INFO demo odoo.modules.loading: Loading module credit_invoice (21/24)
2026-11-30 07:16:09,016 15036 INFO demo odoo.registry: module credit_invoice: creating tables
"""
VIEW_THAT_DOES_NOT_FIT = """\
2026-11-30 07:16:09,016 15036 CRITICAL demo odoo.service.server: Failed to initialize database
Traceback (most recent call last):
  File "odoo/tools/convert.py", line 605, in _tag_root
    raise ParseError('while parsing') from e
odoo.tools.convert.ParseError: while parsing /work/credit_team_lead/views.xml:15
Error while parsing or validating view:

Element '<button name="action_gone">' cannot be located in parent view

View error context:
{'file': '/work/credit_team_lead/views.xml',
 'line': 1}
"""


def test_progress_is_told_in_words_not_in_lines_of_a_log():
    assert tell_progress(LOADING) == 'credit_invoice (21 of 24)'
    assert tell_progress('\n'.join(LOADING.splitlines()[:1])) == ''
    assert tell_progress('Get:1 odoo-19 [123 MB]\r 45 %') == '45 %'


def test_a_view_that_does_not_fit_is_told_with_the_element_that_is_missing():
    words = last_words(VIEW_THAT_DOES_NOT_FIT)
    assert 'credit_team_lead/views.xml:15' in words
    assert '<button name="action_gone">' in words
    assert words.endswith('cannot be located in parent view')


def test_another_error_is_told_in_its_own_line():
    assert last_words('fetching\nE: no space\nsee the log') == 'E: no space'
    assert last_words('') == 'no output'


def test_the_users_of_the_demonstration_data_are_told():
    assert ('clerk', 'clerk') in demo_users(find_addons())
