from odoo import fields, models


class CreditPlannedUse(models.Model):
    """How much of an open credit is used against an invoice as soon as that is posted (pc20b).

    Written by `account.move.use_credits` alone, which checks the rights; gone when it is done.
    """

    _name = 'credit.planned.use'
    _description = 'Credit to Be Used'
    _order = 'id'
    _check_company_auto = True

    move_id = fields.Many2one(
        comodel_name='account.move',
        string='Invoice',
        required=True,
        readonly=True,
        index=True,
        ondelete='cascade',
        check_company=True,
    )
    credit_id = fields.Many2one(
        comodel_name='account.move',
        required=True,
        readonly=True,
        index=True,
        ondelete='cascade',
        check_company=True,
    )
    company_id = fields.Many2one(related='move_id.company_id', store=True, index=True)
    currency_id = fields.Many2one(related='credit_id.currency_id')
    amount = fields.Monetary(readonly=True, help='In the currency of the credit note, above zero.')

    _unique_use = models.Constraint(
        'UNIQUE(move_id, credit_id)', 'A credit is planned once for an invoice.'
    )
    _check_amount = models.Constraint('CHECK(amount > 0)', 'Plan an amount above zero.')
