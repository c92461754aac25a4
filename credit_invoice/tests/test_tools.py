from odoo.tests import BaseCase, tagged

from odoo.addons.credit_invoice.tools.headings import keep_headings
from odoo.addons.credit_invoice.tools.line_matching import match_lines
from odoo.addons.credit_invoice.tools.remaining import UNTAXED, RemainingLine
from odoo.addons.credit_invoice.tools.splitting import split


def get_line(line_id, product=1, price=10.0, quantity=1.0, name=''):
    return {
        'id': line_id,
        'product': product,
        'name': name,
        'price': price,
        'quantity': quantity,
    }


@tagged('post_install', '-at_install')
class TestTools(BaseCase):
    """The arithmetic that needs no database."""

    def test_mp05_parts_of_a_line_add_up_to_it(self):
        left = RemainingLine(3.0, {UNTAXED: 10005, (7, 'tax_amount_currency'): 770})
        parts = []
        for _part in range(3):
            parts.append(left.take_quantity(1.0))
            left.subtract(parts[-1], 1.0)
        self.assertEqual([part[7, 'tax_amount_currency'] for part in parts], [257, 257, 256])
        self.assertTrue(left.is_used_up())

    def test_mp05_an_amount_is_split_to_the_cent(self):
        self.assertEqual(split(100, [1, 1, 1]), [33, 34, 33])
        self.assertEqual(split(80, [100, -20]), [100, -20])

    def test_pc30_a_commercial_credit_leaves_the_tax(self):
        left = RemainingLine(
            1.0, {UNTAXED: 1000, (None, 'total_excluded'): 500, (7, 'tax_amount_currency'): 210}
        )
        part = left.take_untaxed(100)
        self.assertEqual(
            part, {UNTAXED: 100, (None, 'total_excluded'): 50, (7, 'tax_amount_currency'): 0}
        )

    def test_ts03_sections_come_with_their_lines(self):
        rows = [
            ('line_section', False),
            ('product', False),
            ('line_note', False),
            ('line_section', False),
            ('line_subsection', False),
            ('product', True),
            ('line_note', False),
        ]
        self.assertEqual(keep_headings(rows), [False, False, False, True, True, True, True])

    def test_mp07_lines_are_matched_by_product_then_price(self):
        origin = [get_line(1, price=10), get_line(2, price=20), get_line(3, product=2)]
        credit = [get_line(11, price=20), get_line(12, product=2), get_line(13, product=3)]
        self.assertEqual(match_lines(credit, origin), {11: 2, 12: 3})

    def test_mp07_a_line_is_used_up_by_its_quantity(self):
        origin = [get_line(1, quantity=2)]
        credit = [get_line(11), get_line(12), get_line(13)]
        self.assertEqual(match_lines(credit, origin), {11: 1, 12: 1})

    def test_mp07_without_a_product_the_text_decides(self):
        origin = [get_line(1, product=False, name='a'), get_line(2, product=False, name='b')]
        self.assertEqual(match_lines([get_line(11, product=False, name='b')], origin), {11: 2})
