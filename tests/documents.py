"""Documents that several of these tests need."""

from odoo import Command


def make_invoice(env):
    """A posted customer invoice of 100."""
    invoice = env['account.move'].create({
        'move_type': 'out_invoice',
        'partner_id': env['res.partner'].create({'name': 'Customer'}).id,
        'invoice_date': '2026-01-15',
        'invoice_line_ids': [Command.create({'name': 'Work', 'price_unit': 100})],
    })
    invoice.action_post()
    return invoice
