from odoo.tests import BaseCase, tagged

from odoo.addons.credit_invoice.tools.line_matching import match_lines
from odoo.addons.credit_invoice.tools.tax_data import scale_tax_data


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

    def test_mp05_amounts_are_scaled_each_in_its_currency(self):
        tax_data = {
            'quantity': 3.0,
            'price_unit': 33.35,
            'manual_total_excluded_currency': 100.05,
            'manual_total_excluded': 50.03,
            'manual_tax_amounts': {'7': {'tax_amount_currency': 15.01, 'tax_amount': 7.5}},
        }
        scaled = scale_tax_data(tax_data, 1.0, lambda x: round(x, 2), lambda x: round(x, 1))
        self.assertEqual(
            scaled,
            {
                'quantity': 1.0,
                'price_unit': 33.35,
                'manual_total_excluded_currency': 33.35,
                'manual_total_excluded': 16.7,
                'manual_tax_amounts': {'7': {'tax_amount_currency': 5.0, 'tax_amount': 2.5}},
            },
        )
        self.assertEqual(tax_data['quantity'], 3.0)

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
