from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ...models.links.account_move_chatter import NOTE_LOG
from ...models.links.account_move_line import CREDITABLE_TYPES
from ...models.mirror.mirror_batch import Parts
from ...tools.actions import notify, open_records
from ...tools.guarded import Guarded, get_guarded
from ...tools.locking import lock_rows

# Countries whose localisation numbers each fiscal document by itself and refuses to reverse
# several at a time.
SINGLE_DOCUMENT_COUNTRIES = ('AR', 'BO', 'BR', 'CL', 'CO', 'EC', 'PE', 'PY', 'UY', 'VE')


class AccountMoveReversal(models.TransientModel):
    _name = 'account.move.reversal'
    _inherit = ['account.move.reversal', 'credit.checked.mixin']

    reason = fields.Char(string='Note to the Customer')
    date = fields.Date(string='Credit Note Date')
    is_customer_credit = fields.Boolean(compute='_compute_is_customer_credit')
    show_credit_journal = fields.Boolean(compute='_compute_is_customer_credit')
    refused_html = fields.Html(string='Cannot Be Credited', readonly=True)
    refused_count = fields.Integer(readonly=True)
    known_credit_ids = fields.Many2many(
        comodel_name='account.move',
        relation='account_move_reversal_known_credit',
        readonly=True,
        help='The credit notes that were there when the dialog was opened.',
    )
    replacement_partner_id = fields.Many2one(
        comodel_name='res.partner',
        string='Re-invoice To',
        check_company=True,
        help='Credit and Re-invoice: the customer of the new invoice, if it is another one.',
    )

    # === DEFAULTS === #

    @api.model
    def default_get(self, fields):
        # EXTENDS 'account'
        context = self.env.context
        if context.get('active_model') != 'account.move' or not context.get('active_ids'):
            return super().default_get(fields)
        moves, reasons = self.env['account.move'].browse(context['active_ids']), []
        if context.get('credit_selection'):
            moves, reasons = self._split_selection(moves)
            self = self.with_context(active_ids=moves.ids)  # noqa: PLW0642
        for move in moves.filtered(lambda move: move.move_type == 'out_refund'):
            raise UserError(move._get_credit_refusal())
        values = super().default_get(fields)
        if all(move.move_type in CREDITABLE_TYPES for move in moves):
            values.update(self._get_credit_defaults(moves, fields))
        if reasons:
            values.update(self._prepare_refused_vals(reasons))
        return values

    @api.model
    def _split_selection(self, moves):
        """Part a selection into what can be credited and the reasons why the rest cannot.

        :return: (invoices, list of sentences)
        :raise UserError: if nothing is left, or invoices of several companies
        """
        refusals = {move: move._get_credit_refusal() for move in moves}
        creditable = moves.filtered(lambda move: not refusals[move])
        waiting = creditable.filtered(lambda move: move._is_reserved_in_full())
        if waiting < creditable:
            # Where drafts are all that is left, the dialog offers to open them.
            refusals |= {move: move._get_waiting_refusal() for move in waiting}
            creditable -= waiting
        reasons = [reason for reason in refusals.values() if reason]
        if not creditable:
            raise UserError('\n'.join(reasons))
        if len(creditable.company_id) > 1:
            raise UserError(self.env._('Choose invoices of one company at a time.'))
        return creditable, reasons

    @api.model
    def _prepare_refused_vals(self, reasons):
        return {
            'refused_count': len(reasons),
            'refused_html': self.env['ir.qweb']._render(
                'credit_invoice.refused_list', {'reasons': reasons}
            ),
        }

    @api.model
    def _get_credit_defaults(self, moves, fields):
        values = {'known_credit_ids': [Command.set(moves._get_credits().ids)]}
        if 'date' in fields:
            values['date'] = max(move._get_first_open_credit_day() for move in moves)
        return values

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        # EXTENDS 'account': over RPC the host's dialog needs its journal and date from the caller,
        # although it knows both.
        for vals in vals_list:
            if not vals.get('journal_id'):
                vals.update(self._get_default_journal_vals(vals))
            if 'date' in vals and not vals['date']:
                raise UserError(self.env._('Enter the date of the credit note.'))
        dialogs = super().create(vals_list)
        for dialog, vals in zip(dialogs, vals_list, strict=True):
            # Over RPC it opens when it is made, on documents that the context does not name.
            if 'move_ids' in vals and 'known_credit_ids' not in vals:
                dialog.known_credit_ids = dialog.move_ids._get_credits()
        return dialogs

    @api.model
    def _get_default_journal_vals(self, vals):
        # The rest of what was sent is checked when it is written.
        known = {name: vals[name] for name in ('company_id', 'move_ids') if name in vals}
        wizard = self.new(self._add_missing_default_values(known))
        if not wizard.journal_id:
            invoices = wizard.move_ids._origin.filtered(
                lambda move: move.move_type in CREDITABLE_TYPES
            )
            invoices._check_can_be_credited()
            raise UserError(self.env._('Choose the documents to credit, and a journal.'))
        return {'journal_id': wizard.journal_id.id}

    # === COMPUTE METHODS === #

    @api.depends('move_ids')
    def _compute_is_customer_credit(self):
        for wizard in self:
            moves = wizard.move_ids._origin
            wizard.is_customer_credit = bool(moves) and all(
                move.move_type in CREDITABLE_TYPES for move in moves
            )
            wizard.show_credit_journal = (
                not wizard.is_customer_credit
                or len(moves) == 1
                and len(wizard.available_journal_ids) > 1
            )

    # === ACTION METHODS === #

    def action_create_credit(self):
        """Create the credits and open them (mp05, mp06).

        :return: the client action that shows the notice, followed by the credit or the list
        :rtype: dict
        """
        return self._create_credits(is_modify=False)

    def action_credit_and_reinvoice(self):
        """Credit the invoices in full, settle them, and draft their replacements (mp20).

        :return: the client action that shows the notice, followed by the replacement
        :rtype: dict
        """
        return self._create_credits(is_modify=True)

    def reverse_moves(self, is_modify=False):
        # EXTENDS 'account': the host's own buttons and RPC come here directly; for the note, see
        # `account.move._message_log_batch`
        self._check_no_credit_is_credited()
        self._check_customer_credit()
        dialog = self.with_context(credit_note_log=NOTE_LOG)
        return super(AccountMoveReversal, dialog).reverse_moves(is_modify)

    # === BUSINESS METHODS === #

    def _check_no_credit_is_credited(self):
        for move in self.move_ids.filtered(lambda move: move.move_type == 'out_refund'):
            raise UserError(move._get_credit_refusal())

    def _check_customer_credit(self):
        checked_ids = get_guarded(self.env, 'credit_checked_ids')
        if checked_ids and checked_ids.issuperset(self.move_ids.ids):
            return
        invoices = self.move_ids.filtered(lambda move: move.move_type in CREDITABLE_TYPES)
        invoices._lock_for_credit()
        invoices._check_can_be_credited()

    def _create_credits(self, is_modify):
        self.ensure_one()
        # A second submit of the same dialog fails here, is replayed, and finds it done.
        lock_rows(self, ['new_move_ids'])
        origins = self.move_ids
        origins._check_credit_rights()
        origins._lock_for_credit()
        if self.new_move_ids:
            return self._get_credit_notice(self.new_move_ids, self.env._('This was already done.'))
        unseen = {origin: self._get_unseen_credits(origin) for origin in origins}
        if not origins:
            raise UserError(self.env._('Choose the documents to credit, and a journal.'))
        if all(unseen.values()):
            credits = origins.union(*unseen.values()) - origins
            return self._get_credit_notice(
                credits,
                self.env._('%s was created in the meantime: opening it.', credits[0].display_name),
            )
        self._leave_out({
            origin: self.env._(
                '%(invoice)s was credited in the meantime by %(credit)s.',
                invoice=origin.display_name,
                credit=credits[0].display_name,
            )
            for origin, credits in unseen.items()
            if credits
        })
        self.move_ids._check_no_credit_refusal()
        self._check_credit_date(is_modify)
        # What is asked here is not asked again by what the host's button comes to directly.
        checked = self.with_context(credit_checked_ids=Guarded(set(self.move_ids.ids)))
        if self.credit_scope == 'part' and not is_modify:
            checked._create_credit_of_parts()
        else:
            for moves in self._get_credit_batches():
                checked._create_credits_of_batch(moves, is_modify)
        return self._get_credit_notice(self.new_move_ids, self._get_created_message(is_modify))

    def _get_unseen_credits(self, origin):
        """Credits of this invoice that were made since the dialog was opened."""
        return origin._get_credits().filtered(
            lambda credit: credit.state != 'cancel' and credit not in self.known_credit_ids
        )

    def _leave_out(self, reasons):
        """Take invoices out of the selection and say why in the result.

        :param dict reasons: one sentence for each invoice
        """
        if reasons:
            self.move_ids -= self.env['account.move'].union(*reasons)
            values = self._prepare_refused_vals(list(reasons.values()))
            self.refused_count += values['refused_count']
            self.refused_html = (self.refused_html or '') + values['refused_html']

    def _get_created_message(self, is_modify):
        if len(self.new_move_ids) == 1 and not self.refused_count:
            if is_modify:
                return self._add_notices(self.env._('Credit created, opening the new invoice...'))
            return self._add_notices(self.env._('Credit Created, opening credit invoice...'))
        if is_modify:
            return self._add_notices(
                self.env._(
                    'Credits created, opening the new invoices (%s)...', len(self.new_move_ids)
                )
            )
        if len(self.new_move_ids) == 1:
            message = self.env._('1 credit created, opening it...')
        else:
            message = self.env._('%s credits created, opening them...', len(self.new_move_ids))
        return self._add_notices(message)

    def _get_credit_batches(self):
        """The origins in groups that the host's dialog can treat at once.

        To be extended where a localisation asks for documents of one kind at a time.

        :return: list of recordsets of `account.move`
        """
        self.ensure_one()
        if len(self.move_ids) == 1:
            return [self.move_ids]

        def get_key(move):
            single = move.company_id.account_fiscal_country_id.code in SINGLE_DOCUMENT_COUNTRIES
            return move.company_id.id, move.journal_id.id, single and move.id

        return list(self.move_ids.grouped(get_key).values())

    def _create_credits_of_batch(self, moves, is_modify):
        """Run the host's dialog over a part of the selection.

        The dialog of a part is a copy of this one: what a localisation asked for counts for each.
        """
        dialog = self
        if moves != self.move_ids:
            dialog = self.copy({
                'move_ids': [Command.set(moves.ids)],
                'journal_id': moves.journal_id.id,
            })
        dialog.modify_moves() if is_modify else dialog.refund_moves()
        self.new_move_ids |= dialog.new_move_ids
        if is_modify:
            self._link_replacements(moves, dialog.new_move_ids)

    def _create_credit_of_parts(self):
        """One credit of the chosen parts: a mirror of the first invoice that has any (mp24)."""
        parts = self._get_credit_parts()
        lines = self.env['account.move.line'].browse(parts)
        origin = self.move_ids.filtered(lambda move: move in lines.move_id)[0]
        dialog = self
        if origin != self.move_ids:
            dialog = self.copy({
                'move_ids': [Command.set(origin.ids)],
                'journal_id': origin.journal_id.id,
                'credit_line_ids': False,
            })
        dialog.with_context(credit_parts=Parts(parts)).refund_moves()
        self.new_move_ids |= dialog.new_move_ids

    @api.model
    def _link_replacements(self, origins, replacements):
        for origin, replacement in zip(origins, replacements, strict=True):
            replacement.replaced_move_id = origin
            if replacement.fiscal_position_id != origin.fiscal_position_id:
                replacement._message_log(
                    body=self.env._(
                        'For another customer than %s: check the taxes, and update them if need '
                        'be.',
                        origin.display_name,
                    )
                )

    def _prepare_default_reversal(self, move):
        # EXTENDS 'account'
        values = super()._prepare_default_reversal(move)
        if move.move_type in CREDITABLE_TYPES:
            values['credit_reason'] = self.reason
        return values

    def _modify_default_reverse_values(self, origin_move):
        # EXTENDS 'account'
        values = super()._modify_default_reverse_values(origin_move)
        partner = self.replacement_partner_id
        if partner and partner != origin_move.partner_id:
            position = self.env['account.fiscal.position'].with_company(origin_move.company_id)
            values.update({
                'partner_id': partner.id,
                'partner_shipping_id': partner.address_get(['delivery'])['delivery'],
                'fiscal_position_id': position._get_fiscal_position(partner).id,
            })
        return values

    def _get_credit_notice(self, moves, message):
        """The notice of mp06, followed by the documents themselves.

        :param moves: the documents to open
        :param str message: the text of the notice
        :return: a client action
        """
        return notify(message, **self._get_notice_options(moves))

    def _get_notice_options(self, moves):
        """How a notice of what was made is shown, and what it is followed by.

        :param moves: the documents to open
        :return: dictionary of arguments of `notify`
        """
        return {
            'kind': 'warning' if self.refused_count else 'success',
            'is_sticky': bool(self.refused_count),
            'then': open_records(moves, self._get_result_name(moves)),
        }

    @api.model
    def _get_result_name(self, moves):
        if any(move.move_type in CREDITABLE_TYPES for move in moves):
            return self.env._('New Invoices')
        return self.env._('Credit Notes')
