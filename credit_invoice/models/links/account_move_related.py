from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, formatLang

from ...tools.actions import open_records, reload_page


class AccountMove(models.Model):
    """What an invoice shows of its credits, and a credit of its invoices."""

    _inherit = 'account.move'

    related_credit_ids = fields.Many2many(
        comodel_name='account.move', string='Credit Notes', compute='_compute_related_credits'
    )
    draft_credit_ids = fields.Many2many(
        comodel_name='account.move',
        string='Draft Credit Notes',
        compute='_compute_related_credits',
        help='Credit notes of this invoice that are not posted yet.',
    )
    draft_credit_count = fields.Integer(compute='_compute_related_credits')
    draft_credit_notice = fields.Char(compute='_compute_draft_credit_notice')
    credit_origin_ids = fields.Many2many(
        comodel_name='account.move',
        string='Credits Invoice',
        compute='_compute_credit_origin_ids',
        help='All invoices of which this document credits something.',
    )
    credit_label = fields.Char(string='Number of Credit Note', compute='_compute_credit_label')
    credit_posted_total = fields.Monetary(
        string='Credited When Posted',
        compute='_compute_credit_posted_amounts',
        help='The total of this credit note once it is posted.',
    )
    credit_posted_residual = fields.Monetary(
        string='Open When Posted',
        compute='_compute_credit_posted_amounts',
        help='What is not settled yet of this credit note, once it is posted.',
    )

    # === COMPUTE METHODS === #

    @api.depends('reversal_move_ids.state', 'line_ids.credit_line_ids')
    def _compute_related_credits(self):
        for move in self:
            credits = move._get_linked_credits()
            drafts = credits.filtered(lambda credit: credit.state == 'draft')
            move.related_credit_ids = credits
            move.draft_credit_ids = drafts
            move.draft_credit_count = len(drafts)

    @api.depends('draft_credit_ids')
    def _compute_draft_credit_notice(self):
        for move in self:
            drafts = move.draft_credit_ids
            move.draft_credit_notice = len(drafts) == 1 and self.env._(
                'Draft credit note of %(total)s, made by %(user)s on %(date)s',
                total=formatLang(self.env, drafts.amount_total, currency_obj=drafts.currency_id),
                user=drafts.sudo().create_uid.name,
                date=format_date(self.env, drafts.create_date),
            )

    @api.depends('reversed_entry_id', 'line_ids.credited_line_id')
    def _compute_credit_origin_ids(self):
        credits = self.filtered(lambda move: move.move_type == 'out_refund')
        (self - credits).credit_origin_ids = False
        others = credits._get_other_origins_by_credit()
        for credit in credits:
            own = credit.reversed_entry_id._origin
            origins = own | others.get(credit._origin.id, credit.browse())
            credit.credit_origin_ids = origins._filtered_access('read')

    @api.depends('name', 'state')
    def _compute_credit_label(self):
        labels = {'draft': self.env._('Draft'), 'cancel': self.env._('Cancelled')}
        for move in self:
            has_number = move.name and move.name != '/'
            move.credit_label = move.name if has_number else labels.get(move.state)

    @api.depends('state', 'amount_total', 'amount_residual')
    def _compute_credit_posted_amounts(self):
        for move in self:
            is_posted = move.state == 'posted'
            move.credit_posted_total = is_posted and move.amount_total
            move.credit_posted_residual = is_posted and move.amount_residual

    # === ACTION METHODS === #

    def action_open_draft_credit(self):
        """Open the draft credit note of this invoice, or the list of them."""
        self.ensure_one()
        return open_records(self.draft_credit_ids, self.env._('Draft Credit Notes'))

    def action_discard_draft_credit(self):
        """Discard the draft credit note of this invoice.

        :return: the client action that reloads the page
        :rtype: dict
        :raise UserError: as `action_discard_credit`, or if there is not just one
        """
        self.ensure_one()
        if len(self.draft_credit_ids) != 1:
            raise UserError(
                self.env._(
                    '%s has not one draft credit note any more: reload the page, and discard those '
                    'that are not needed.',
                    self.display_name,
                )
            )
        self.draft_credit_ids.action_discard_credit()
        return reload_page()

    def action_discard_and_open_invoice(self):
        """Discard this draft and open its invoice: the page on which one stands is gone.

        :rtype: dict
        :raise UserError: as `action_discard_credit`
        """
        self.ensure_one()
        origins = self.credit_origin_ids
        self.action_discard_credit()
        return open_records(origins, self.env._('Invoice'), target='main')

    # === BUSINESS METHODS === #

    def _get_other_origins_by_credit(self):
        """The invoices whose lines these credits credit, read for all of them at once.

        :return: dictionary: id of the credit -> invoices
        """
        if not self.ids:
            return {}
        groups = self.env['account.move.line']._read_group(
            [('move_id', 'in', self.ids), ('credited_line_id', '!=', False)],
            ['move_id', 'credited_line_id.move_id'],
        )
        origins = {}
        for credit, origin in groups:
            origins[credit.id] = origins.get(credit.id, self.browse()) | origin
        return origins
