from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ...models.links.account_move_line import CREDITABLE_TYPES
from ...tools.actions import open_records
from ...tools.line_matching import match_lines


class CreditLinkWizard(models.TransientModel):
    """Proposes the invoices of credits that were made before this add-on was installed.

    Nothing is linked before a person confirms it.
    """

    _name = 'credit.link.wizard'
    _inherit = ['credit.checked.mixin']
    _description = 'Link Earlier Credit Notes'

    company_id = fields.Many2one(
        'res.company', required=True, readonly=True, default=lambda self: self.env.company
    )
    line_ids = fields.One2many(
        comodel_name='credit.link.wizard.line', inverse_name='wizard_id', string='Proposals'
    )
    unknown_count = fields.Integer(string='Credit Notes Without a Proposal', readonly=True)

    @api.model
    def default_get(self, fields):
        # EXTENDS 'base'
        values = super().default_get(fields)
        credits = self._get_unlinked_credits(self.env.company)
        proposals = self._get_proposals(credits)
        values['line_ids'] = [
            Command.create({'credit_id': credit.id, 'origin_id': origin.id, 'reason': reason})
            for credit, origin, reason in proposals
        ]
        values['unknown_count'] = len(credits) - len(proposals)
        return values

    # === ACTION METHODS === #

    def action_confirm(self):
        """Link the chosen credits with their invoices, document and lines.

        :return: the action that shows the linked credits
        :rtype: dict
        :raise UserError: if nothing is chosen
        """
        self.ensure_one()
        chosen = self.line_ids.filtered('is_chosen')
        if not chosen:
            raise UserError(self.env._('Choose at least one credit to link.'))
        chosen.credit_id._check_credit_approve_rights()
        chosen.credit_id.check_access('write')
        chosen.origin_id._lock_for_credit()
        for proposal in chosen:
            proposal._link()
        return open_records(chosen.credit_id, self.env._('Linked Credits'))

    # === BUSINESS METHODS === #

    @api.model
    def _get_unlinked_credits(self, company):
        """Customers' credits that lack a link to the invoice, or all links of their lines."""
        credits = self.env['account.move'].search([
            ('move_type', '=', 'out_refund'),
            ('state', '!=', 'cancel'),
            ('company_id', 'child_of', company.id),
            ('line_ids.credited_line_id', '=', False),
        ])
        return credits.filtered(lambda credit: not credit.line_ids.credited_line_id)

    @api.model
    def _get_proposals(self, credits):
        """
        :return: list of (credit, invoice, reason in words)
        """
        proposals = []
        for credit in credits:
            origin, reason = self._get_proposal(credit)
            if origin:
                proposals.append((credit, origin, reason))
        return proposals

    @api.model
    def _get_proposal(self, credit):
        """The invoice that a credit most likely belongs to.

        To be extended where documents name each other otherwise.

        :return: (invoice or an empty recordset, reason in words)
        """
        origin = credit.reversed_entry_id
        if origin:
            return origin.filtered(lambda move: move.move_type in CREDITABLE_TYPES), self.env._(
                'The documents are linked, their lines are not.'
            )
        candidates = self.env['account.move'].search([
            ('move_type', 'in', CREDITABLE_TYPES),
            ('state', '=', 'posted'),
            ('company_id', '=', credit.company_id.id),
            ('commercial_partner_id', '=', credit.commercial_partner_id.id),
            ('currency_id', '=', credit.currency_id.id),
            ('invoice_date', '<=', credit.invoice_date or fields.Date.context_today(self)),
        ])
        text = f'{credit.ref or ""} {credit.invoice_origin or ""}'
        named = candidates.filtered(lambda move: move.name in text.replace(',', ' ').split())
        if len(named) == 1:
            return named, self.env._('The credit note names the number of the invoice.')
        same_total = candidates.filtered(
            lambda move: (
                not move.reversal_move_ids
                and not move.currency_id.compare_amounts(move.amount_total, credit.amount_total)
            )
        )
        if len(same_total) == 1:
            return same_total, self.env._('The only invoice of this customer with this total.')
        return candidates.browse(), ''


class CreditLinkWizardLine(models.TransientModel):
    _name = 'credit.link.wizard.line'
    _inherit = ['credit.checked.mixin']
    _description = 'Proposed Link of an Earlier Credit'

    wizard_id = fields.Many2one('credit.link.wizard', required=True, ondelete='cascade')
    is_chosen = fields.Boolean(string='Link', default=True)
    credit_id = fields.Many2one('account.move', required=True, readonly=True)
    origin_id = fields.Many2one('account.move', string='Invoice', required=True, readonly=True)
    partner_id = fields.Many2one(related='credit_id.partner_id', related_sudo=False)
    currency_id = fields.Many2one(related='credit_id.currency_id', related_sudo=False)
    credit_total = fields.Monetary(related='credit_id.amount_total', related_sudo=False)
    origin_total = fields.Monetary(
        string='Invoice Total', related='origin_id.amount_total', related_sudo=False
    )
    reason = fields.Char(readonly=True)

    def _link(self):
        """Link one credit and its lines with its invoice."""
        self.ensure_one()
        self._check_link()
        if not self.credit_id.reversed_entry_id:
            self.credit_id.reversed_entry_id = self.origin_id
        matches = match_lines(
            self._get_match_vals(self.credit_id), self._get_match_vals(self.origin_id)
        )
        Line = self.env['account.move.line']
        for line_id, origin_line_id in matches.items():
            Line.browse(line_id).credited_line_id = origin_line_id
        self.credit_id._message_log(
            body=self.env._('Linked with %s, which it credits.', self.origin_id._get_html_link())
        )

    def _check_link(self):
        """Over RPC, a proposal may name any two documents.

        :raise UserError: if the one cannot be the credit of the other
        """
        credit, origin = self.credit_id, self.origin_id
        names = ('company_id', 'commercial_partner_id', 'currency_id')
        if (
            credit.move_type != 'out_refund'
            or origin.move_type not in CREDITABLE_TYPES
            or origin.state != 'posted'
            or credit.reversed_entry_id not in (origin, origin.browse())
            or any(credit[name] != origin[name] for name in names)
        ):
            raise UserError(
                self.env._(
                    '%(credit)s cannot be the credit note of %(invoice)s: choose an invoice of '
                    'the same company, customer and currency.',
                    credit=credit.display_name,
                    invoice=origin.display_name,
                )
            )

    @api.model
    def _get_match_vals(self, move):
        return [
            {
                'id': line.id,
                'product': line.product_id.id,
                'name': line.name,
                'price': line.price_unit,
                'quantity': line.quantity,
            }
            for line in move.invoice_line_ids
            if line.display_type == 'product'
        ]
