from odoo.tests import BaseCase, tagged

from odoo.addons.credit_invoice.tools.early_discount import (
    fit_with_rest,
    fold_figures,
    split_cumulatively,
    split_with_rest,
)
from odoo.addons.credit_invoice.tools.headings import keep_headings
from odoo.addons.credit_invoice.tools.line_matching import match_lines
from odoo.addons.credit_invoice.tools.remaining import UNTAXED, RemainingLine
from odoo.addons.credit_invoice.tools.splitting import split


def round_cent(amount):
    return round(amount, 2) + 0.0


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

    def test_a_cumulative_split_adds_up_and_keeps_its_sign(self):
        for amount, weights in ((0.05, [1] * 9), (-10, [3, 0, 4, 1e-9]), (0.01, [1, 1]), (7, [5])):
            parts = split_cumulatively(amount, weights, round_cent)
            self.assertEqual(round_cent(sum(parts)), amount)
            self.assertTrue(all(part * amount >= 0 for part in parts), parts)
        self.assertEqual(split_cumulatively(1, [0, 0], round_cent), [1, 0])
        self.assertEqual(split_cumulatively(1, [], round_cent), [])

    def test_a_split_with_a_rest_gives_it_where_it_is_told(self):
        self.assertEqual(split_with_rest(1, [1, 1, 1], 1, round_cent), [0.33, 0.34, 0.33])
        self.assertEqual(split_with_rest(5, [0, 0], 1, round_cent), [0, 5])

    def test_parts_are_what_is_wanted_as_far_as_the_amount_goes(self):
        self.assertEqual(fit_with_rest(19.65, [15, 3.15], 0, round_cent), [16.5, 3.15])
        self.assertEqual(fit_with_rest(12.1, [20, 4.2], 0, round_cent), [10, 2.1])
        self.assertEqual(fit_with_rest(18.15, [15.001, 3.149], 0, round_cent), [15, 3.15])

    def test_a_discount_is_folded_into_the_lines_that_it_lowers(self):
        def get_figures(base, tax, rate=2):
            return {
                'base_amount_currency': base,
                'tax_amount_currency': tax,
                'base_amount': round_cent(base / rate),
                'tax_amount': round_cent(tax / rate),
            }

        lines = [get_figures(1000, 210)]
        rounds = dict.fromkeys(lines[0], round_cent)
        self.assertEqual(
            fold_figures(lines, [get_figures(-20, -4.2)], rounds), [get_figures(980, 205.8)]
        )
        self.assertEqual(lines, [get_figures(1000, 210)])
        lines = [get_figures(33.37, 7.01), get_figures(99.99, 21), get_figures(-3.33, -0.7)]
        discounts = [get_figures(-2.67, -0.56), get_figures(0.07, 0.01)]
        folded = fold_figures(lines, discounts, rounds)
        for name in rounds:
            self.assertEqual(
                round_cent(sum(line[name] for line in folded)),
                round_cent(sum(line[name] for line in lines + discounts)),
                name,
            )
        self.assertEqual([line['base_amount_currency'] for line in folded], [32.7, 97.99, -3.26])
        self.assertEqual(fold_figures([], discounts, rounds), [])
