"""What `./dev lint` says of the words on screen."""

import pytest

from devkit import words
from devkit.words import LABEL, OPTION, SENTENCE

VIEW = """\
<odoo>
    <record id="action" model="ir.actions.act_window">
        <field name="name">Reversal of the Invoice</field>
    </record>
    <record id="view" model="ir.ui.view">
        <field name="arch" type="xml">
            <form>
                <button string="Create and approve" />
                <button string="Credit this Invoice" />
                <filter string="Fully Credited" />
                <field name="reason" position="attributes">
                    <attribute name="string">Explanation</attribute>
                </field>
                <field name="date" string="Credit Note Date" help="the date" />
            </form>
        </field>
    </record>
</odoo>
"""
MODEL = """\
from odoo import fields

WAYS = [('a', 'One Way'), ('b', 'Another way')]


class Model:
    state = fields.Selection(selection=WAYS, string='State')
    date = fields.Date('Reversal date')
    note = fields.Char(string='Note to the Customer')
"""


@pytest.mark.parametrize(
    ('text', 'kind', 'is_right'),
    [
        ('Create and Approve', LABEL, True),
        ('Create And Approve', LABEL, False),
        ('Applies To', LABEL, True),
        ('Time-out (s)', LABEL, True),
        ('Partly credited', OPTION, True),
        ('Partly Credited', OPTION, False),
        ('Books in Tryton', OPTION, True),
        ('when it is left', SENTENCE, False),
        ('e.g. Wrong price', SENTENCE, True),
        ('It was not handed over in another way', LABEL, True),
    ],
)
def test_capitals_follow_the_kind_of_text(text, kind, is_right):
    assert bool(words.find_wrong_capitals(text, kind)) is not is_right


def test_a_sentence_may_use_words_that_no_label_has():
    assert words.find_wrong_words('State', LABEL)
    assert not words.find_wrong_words('The state of the parcel, and why it matches', SENTENCE)
    assert words.find_wrong_words('Type the reversal date here', SENTENCE)


def test_a_title_that_was_asked_for_is_no_finding_in_a_sentence():
    assert not words.find_wrong_words('Credit Memo in the United States', SENTENCE)
    assert words.find_wrong_words('the credit memo is posted', SENTENCE)


def test_views_windows_and_fields_are_read(tmp_path):
    view, model = tmp_path / 'views.xml', tmp_path / 'model.py'
    view.write_text(VIEW, encoding='utf-8')
    model.write_text(MODEL, encoding='utf-8')
    found = [line.split(': ')[1] for line in words.check(view)]
    assert found == [
        "'Reversal of the Invoice'",
        "'Create and approve'",
        "'Fully Credited'",
        "'Explanation'",
        "'the date'",
    ]
    found = {line.split(': ')[1] for line in words.check(model)}
    assert found == {"'State'", "'Reversal date'", "'One Way'"}
