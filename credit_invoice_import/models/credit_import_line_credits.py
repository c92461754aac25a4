from odoo import Command, models
from odoo.exceptions import RedirectWarning, UserError

from ..tools.import_report import CreditImportError


class CreditImportLine(models.Model):
    """How rows become credits: through the dialog, one for each invoice, date and reason."""

    _inherit = 'credit.import.line'

    def _create_credits(self):
        """Make the credits that these rows ask for.

        What is refused leaves nothing behind, and does not keep the others from being tried: the
        caller has to raise.

        :return: dictionary of the refused rows to a sentence each
        """
        refusals, made = self._get_earlier_refusals(), {}
        rows = self.filtered(lambda row: row not in refusals)
        for group in rows.grouped(lambda row: row._get_credit_key()).values():
            try:
                with self.env.cr.savepoint():
                    credit = group._create_credit(made.get(group.invoice_id))
            except CreditImportError as error:
                refusals.update({group[i]: reason for i, reason in error.refusals.items()})
            except (UserError, RedirectWarning) as error:
                refusals.update(dict.fromkeys(group, str(error.args[0])))
            else:
                made[group.invoice_id] = credit | made.get(group.invoice_id, credit)
        return refusals

    def _get_credit_key(self):
        """What rows have in common that make one credit.

        To be extended where more tells credits apart.
        """
        return self.invoice_id, self.date, self.reason or ''

    def _create_credit(self, earlier):
        """Make one draft of these rows.

        :param earlier: credits of the same invoice that the same file asked for, or None
        :return: the credit
        :raise CreditImportError: for rows that go beyond what can be credited
        :raise UserError: where that is not about a single row
        """
        origin = self.invoice_id
        dialog = self.env['account.move.reversal'].with_context(
            active_model='account.move', active_ids=origin.ids
        )
        dialog = dialog.create(self._prepare_dialog_vals())
        self._check_parts(dialog)
        dialog.action_create_credit()
        credit = dialog.new_move_ids
        if earlier:
            # Judged together: what is left after the others of the file finds its cents.
            credit._refresh_credit_figures(earlier)
        if not dialog._can_exceed():
            excess = credit._get_credit_excess(earlier or credit.browse())
            if excess:
                raise UserError(' '.join(excess))
        self._set_credit(credit)
        return credit

    def _prepare_dialog_vals(self):
        """Values of the dialog `account.move.reversal` for rows of one credit."""
        first = self[0]
        values = {
            'date': first.date,
            'reason': first.reason,
            'credit_reason_id': self._get_credit_reason().id,
        }
        if self.filtered('line_number'):
            values['credit_line_ids'] = [Command.create(row._prepare_part_vals()) for row in self]
        elif first.amount or first.percentage:
            values.update({
                'credit_amount': first.amount,
                'credit_percentage': first.percentage,
            })
        else:
            return values
        return {**values, 'credit_scope': 'part'}

    def _get_credit_reason(self):
        """The reason whose name these rows give, in the language of whoever imports them.

        :return: a record of `credit.reason`, or none
        """
        Reason, text = self.env['credit.reason'], (self[0].reason or '').strip()
        if not text:
            return Reason
        domain = [*Reason._check_company_domain(self.company_id), ('name', '=', text)]
        return Reason.search(domain, limit=1)

    def _prepare_part_vals(self):
        """Values of the dialog's row for this row of the file."""
        name = self._get_figure_name()
        return {
            'move_line_id': self.invoice_id._get_line_of_number(self.line_number).id,
            'kind': self.kind or ('return' if name == 'quantity' else 'price'),
            name: self[name],
        }

    def _get_figure_name(self):
        """The column that says how much."""
        return next(name for name in ('quantity', 'amount', 'percentage') if self[name])

    def _check_parts(self, dialog):
        if not self.filtered('line_number'):
            return
        refusals = dialog._get_part_refusals()
        if refusals:
            rows = dict(zip(dialog.credit_line_ids, range(len(self)), strict=True))
            raise CreditImportError({
                rows[part]: self[rows[part]]._get_part_sentence(reason)
                for part, reason in refusals.items()
            })

    def _get_part_sentence(self, reason):
        return self.env._(
            '%(invoice)s, line %(line)s: %(reason)s',
            invoice=self.number,
            line=self.line_number,
            reason=reason,
        )

    def _get_earlier_refusals(self):
        """Rows that were imported before, and whose credit is still there.

        :return: dictionary of rows to a sentence each
        """
        earlier = {
            row._get_request_key(): row
            for row in self.search([
                ('id', 'not in', self.ids),
                ('invoice_id', 'in', self.invoice_id.ids),
                ('credit_id.state', 'in', ('draft', 'posted')),
            ])
        }
        found = {row: earlier.get(row._get_request_key()) for row in self}
        return {row: other._get_earlier_sentence() for row, other in found.items() if other}

    def _get_request_key(self):
        return (
            self.invoice_id,
            self.line_number,
            self.quantity,
            self.amount,
            self.percentage,
            self.kind,
            self.reason or '',
        )

    def _get_earlier_sentence(self):
        return self.env._(
            '%(invoice)s: %(user)s imported the same row before, see %(credit)s. Leave the row '
            'out. If that credit is wrong, discard it first; if more is to be credited, credit '
            'that on the invoice.',
            invoice=self.number,
            user=self.sudo().create_uid.name,
            credit=self.credit_id.display_name,
        )
