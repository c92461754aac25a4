from odoo import fields, models
from odoo.fields import NO_ACCESS


class AccountMove(models.Model):
    """The variances of a document.

    They follow its totals and dates. Whatever changes these looks here for variances to bring up to
    date: without this field, it would ask the database each time, some ten times per posting.
    """

    _inherit = 'account.move'

    export_variance_ids = fields.One2many(
        comodel_name='credit.export.variance',
        inverse_name='move_id',
        string='Variances',
        readonly=True,
        groups=NO_ACCESS,  # looked at from the list of variances alone
    )
