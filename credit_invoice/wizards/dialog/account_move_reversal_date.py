from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date


class AccountMoveReversal(models.TransientModel):
    """The day of the credit: an open one, for document and accounting date alike (decision 15)."""

    _inherit = 'account.move.reversal'

    asked_date = fields.Date(
        string='Date Asked For',
        help='The day that was typed, where it is closed and the first open day was taken instead.',
    )
    credit_date_notice = fields.Char(compute='_compute_credit_date_notice')

    # === COMPUTE METHODS === #

    @api.depends('date', 'asked_date', 'move_ids')
    def _compute_credit_date_notice(self):
        for wizard in self:
            wizard.credit_date_notice = wizard.is_customer_credit and (
                wizard._get_credit_date_notice()
            )

    # === ONCHANGE METHODS === #

    @api.onchange('date')
    def _onchange_date(self):
        if self.date and self.is_customer_credit:
            self.asked_date = self.date
            self.date = self._get_open_day_for_all(self.date)

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        # EXTENDS 'account': over RPC, a closed day is handled as in the form
        wizards = super().create(vals_list)
        for wizard, vals in zip(wizards, vals_list, strict=True):
            if vals.get('date'):
                wizard._move_to_open_day()
        return wizards

    def write(self, vals):
        # EXTENDS 'base': see `create`
        result = super().write(vals)
        if vals.get('date'):
            for wizard in self:
                wizard._move_to_open_day()
        return result

    def _move_to_open_day(self):
        if not self.is_customer_credit:
            return
        day = self._get_open_day_for_all(self.date)
        if day != self.date:
            self.write({'asked_date': self.date, 'date': day})

    # === BUSINESS METHODS === #

    def _get_open_day_for_all(self, day=None):
        """The first day that is open for the credits of all these invoices.

        :param datetime.date day: not before this one, by default today
        :rtype: datetime.date
        """
        return max(move._get_first_open_credit_day(day) for move in self.move_ids._origin)

    def _get_asked_day(self):
        """The day that was wanted: as typed, or today."""
        return self.asked_date or fields.Date.context_today(self)

    def _get_credit_date_notice(self):
        """Why the credit has another day than was asked for.

        :return: a sentence, or False
        """
        self.ensure_one()
        day = self._get_asked_day()
        if not self.date or self.date <= day:
            return False
        for move in self.move_ids._origin:
            if locks := move._get_violated_lock_dates(day, bool(move.line_ids.tax_ids)):
                values = {
                    'locks': self.env['res.company']._format_lock_dates(locks),
                    'date': format_date(self.env, self.date),
                }
                if not self.asked_date:
                    return self.env._(
                        'Today is in a closed period (%(locks)s): %(date)s is the first open day.',
                        **values,
                    )
                return self.env._(
                    '%(asked)s is in a closed period (%(locks)s): %(date)s, the first open day, '
                    'is taken as credit note date and as accounting date.',
                    asked=format_date(self.env, day),
                    **values,
                )
        return False

    def _check_credit_date(self, is_modify):
        """Refuse dates that no credit can have (decision 15).

        The first open day may lie ahead, if today is closed. A replacement made with such a credit
        could be posted before it.

        :raise UserError: if the date is missing, before an invoice's or in the future
        """
        today = fields.Date.context_today(self)
        if not self.date:
            raise UserError(self.env._('Enter the date of the credit note.'))
        for move in self.move_ids:
            self._check_credit_date_of(move, today)
        if self.date <= today:
            return
        first_open_date = self._get_open_day_for_all()
        if first_open_date == today:
            raise UserError(
                self.env._('The credit note cannot be dated in the future: choose today.')
            )
        if self.date != first_open_date or is_modify:
            raise UserError(
                self.env._(
                    'Today is closed. A credit note can only be dated %(date)s, the first open '
                    'day, and an invoice that replaces this one can be made then.',
                    date=format_date(self.env, first_open_date),
                )
            )

    def _check_credit_date_of(self, move, today):
        values = {
            'date': format_date(self.env, move.invoice_date),
            'invoice': move.display_name,
        }
        if move.invoice_date > today:
            raise UserError(
                self.env._(
                    '%(invoice)s is dated in the future (%(date)s): reset it to draft instead '
                    'of crediting it.',
                    **values,
                )
            )
        if self.date < move.invoice_date:
            raise UserError(
                self.env._(
                    'The credit note cannot be dated before its invoice: choose %(date)s, the '
                    'date of %(invoice)s, or a later one.',
                    **values,
                )
            )
