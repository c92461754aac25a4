from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

NOT_CREDITED = 'none'


class AccountMove(models.Model):
    """By what invoices are grouped: as their credit status, where that of nothing has a name.

    The status itself stays empty on the documents of which nothing was credited: they are nearly
    all of a ledger, and none of them is written when the app is installed.
    """

    _inherit = 'account.move'

    credit_group = fields.Selection(
        selection=[
            (NOT_CREDITED, 'Not credited'),
            ('partial', 'Partly credited'),
            ('full', 'Fully credited'),
            ('over', 'Credited more than invoiced'),
        ],
        string='How Much Is Credited',
        compute='_compute_credit_group',
        search='_search_credit_group',
    )

    @api.depends('credit_status')
    def _compute_credit_group(self):
        for move in self:
            move.credit_group = move.credit_status or NOT_CREDITED

    @api.model
    def _search_credit_group(self, operator, value):
        if operator != 'in':
            return NotImplemented
        statuses = [False if group == NOT_CREDITED else group for group in value if group]
        return Domain('credit_status', 'in', statuses)

    def _field_to_sql(self, alias, fname, query=None):
        # EXTENDS 'account': the same as `_compute_credit_group`
        if fname != 'credit_group':
            return super()._field_to_sql(alias, fname, query)
        status = self._field_to_sql(alias, 'credit_status', query)
        return SQL('COALESCE(%s, %s)', status, NOT_CREDITED)
