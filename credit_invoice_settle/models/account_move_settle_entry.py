from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import formatLang


class AccountMove(models.Model):
    """Entries between credits and invoices, where a plain match would not do (decision 9)."""

    _inherit = 'account.move'

    credit_tax_waiting = fields.Char(
        compute='_compute_credit_tax_waiting',
        compute_sudo=True,
        help='How much tax of this credit note is due only when it is used or refunded.',
    )

    # === COMPUTE METHODS === #

    @api.depends('state', 'move_type', 'amount_residual', 'line_ids.tax_line_id')
    def _compute_credit_tax_waiting(self):
        for move in self:
            tax = move._get_tax_waiting()
            move.credit_tax_waiting = bool(tax) and self.env._(
                '%s of tax wait: they are due when this credit note is used or refunded.',
                formatLang(self.env, tax, currency_obj=move.company_currency_id),
            )

    # === BUSINESS METHODS === #

    def _get_tax_waiting(self):
        """The tax of a posted credit that is due with its settlement, as far as it is open.

        :return: in the currency of the company
        :rtype: float
        """
        self.ensure_one()
        if self.move_type != 'out_refund' or self.state != 'posted' or not self.amount_total:
            return 0.0
        lines = self.line_ids.filtered(
            lambda line: line.tax_line_id.tax_exigibility == 'on_payment'
        )
        tax = sum(lines.mapped('balance'))
        return self.company_currency_id.round(tax * self.amount_residual / self.amount_total)

    def _create_settlement_entries(self, parts, choices):
        """Post entries where a plain match of a credit with an invoice would not do."""
        moving = [
            part
            for part in parts
            if part.target
            and part.credit._needs_settlement_entry(part, choices.get(part.credit.id))
        ]
        if not moving:
            return
        entries = self.sudo().create([
            part.credit._prepare_settlement_entry_vals(part, choices.get(part.credit.id))
            for part in moving
        ])
        # The invoice may be on an account that was archived since.
        entries.with_context(skip_account_deprecation_check=True)._post(soft=False)
        for part, entry in zip(moving, entries, strict=True):
            from_line, to_line = entry.line_ids.sorted('amount_currency', reverse=True)
            part.values['entry_move_id'] = entry.id
            part.pairs = [(part.source, from_line), (to_line, part.target)]

    def _needs_settlement_entry(self, part, choice):
        """Whether an entry stands between credit and invoice (decision 9): they are on different
        accounts, or tax becomes due by the match, and later than both were posted. The host would
        report it on the day of the later document.

        :param part: a `SettlementPart` with a target
        :param choice: a `SettlementChoice`, or None
        :rtype: bool
        """
        source, target = part.source, part.target
        if source.account_id != target.account_id:
            return True
        day = choice and choice.date
        if (
            not day
            or day <= max(source.date, target.date)
            or target.move_id in self._get_credit_origins()
        ):
            return False
        return (source.move_id | target.move_id)._has_tax_due_on_payment()

    def _has_tax_due_on_payment(self):
        """Whether any tax of these documents is due when they are paid, or used."""
        taxes_sudo = self.sudo().line_ids.tax_ids.flatten_taxes_hierarchy()
        return 'on_payment' in taxes_sudo.mapped('tax_exigibility')

    def _prepare_settlement_entry_vals(self, part, choice):
        """Values of the entry that moves an amount from the credit's account to the invoice's.

        :param part: a `SettlementPart`
        :param choice: a `SettlementChoice`, or None
        :rtype: dict
        """
        self.ensure_one()
        journal = self._get_settlement_journal()
        source, target = part.source, part.target
        label = self.env._(
            '%(credit)s used against %(invoice)s', credit=self.name, invoice=target.move_id.name
        )
        common = {
            'name': label,
            'partner_id': self.commercial_partner_id.id,
            'currency_id': self.currency_id.id,
        }
        return {
            'move_type': 'entry',
            'journal_id': journal.id,
            'company_id': self.company_id.id,
            'date': choice and choice.date or max(self.date, target.date),
            'ref': label,
            'line_ids': [
                fields.Command.create({
                    **common,
                    'account_id': source.account_id.id,
                    'amount_currency': part.amount,
                    'balance': part.balance,
                }),
                fields.Command.create({
                    **common,
                    'account_id': target.account_id.id,
                    'amount_currency': -part.amount,
                    'balance': -part.balance,
                }),
            ],
        }

    def _get_settlement_journal(self):
        """The journal of settlement entries: of the posting rule, or the first general one."""
        journal = self._get_credit_posting_rule().settlement_journal_id
        journal = journal or self.env['account.journal'].sudo().search(
            [
                *self.env['account.journal']._check_company_domain(self.company_id),
                ('type', '=', 'general'),
            ],
            limit=1,
        )
        if not journal:
            raise UserError(
                self.env._(
                    '%s and the invoice are on different accounts: create a journal of the type '
                    'Miscellaneous for the entry between them.',
                    self.display_name,
                )
            )
        return journal
