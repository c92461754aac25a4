from odoo import fields, models

from odoo.addons.test_credit_invoice_before.seen import PAIRS, see


class AccountMove(models.Model):
    """The same as in `test_credit_invoice_before`, here loaded after `credit_invoice`."""

    _inherit = 'account.move'

    # === THE FAKE LOCALISATION === #

    after_document_number = fields.Char(copy=False)
    after_made_by = fields.Char(copy=False)
    after_service_date = fields.Date(copy=False)
    after_declaration = fields.Char()
    after_is_reversal = fields.Boolean(copy=False)
    after_is_copied = fields.Boolean(copy=False)
    after_category_ids = fields.Many2many(
        comodel_name='res.partner.category', relation='after_move_category_rel', copy=False
    )
    after_state = fields.Char(copy=False)
    after_posted_ref = fields.Char(copy=False)

    # === THE CUSTOMISATION === #

    custom_approver = fields.Char(string='Agreed With', copy=False)
    custom_team = fields.Char(copy=False)
    custom_credited_team = fields.Char(copy=False)
    custom_is_disputed = fields.Boolean(copy=False)
    custom_is_derived = fields.Boolean(
        copy=False, help="Let the host derive the journal items of this invoice's credits."
    )

    custom_is_exported = fields.Boolean(copy=False)
    handed_over_how = fields.Selection(
        selection_add=[('courier', 'By courier')], ondelete={'courier': 'set null'}
    )

    # === CRUD METHODS === #

    def copy(self, default=None):
        copies = super().copy({**(default or {}), 'after_is_copied': True})
        for source, copied in zip(self, copies, strict=True):
            if source.company_id.after_localisation:
                see('after', 'copy', source)
                copied.after_category_ids = source.after_category_ids
        return copies

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        default = default or {}
        for move, vals in zip(self, vals_list, strict=True):
            if move.company_id.after_localisation:
                see('after', 'copy_data', move)
                vals['after_declaration'] = f'{move.invoice_origin} on {default.get("date")}'
                vals['after_is_reversal'] = default.get('reversed_entry_id') == move.id
        return vals_list

    # === BUSINESS METHODS === #

    def _reverse_moves(self, default_values_list=None, cancel=False):
        # EXTENDS 'account'
        default_values_list = default_values_list or [{} for _move in self]
        passed_on = []
        for move, values in zip(self, default_values_list, strict=True):
            way = move.company_id.after_localisation
            own = {'after_service_date': move.after_service_date} if way else {}
            if way:
                see('after', '_reverse_moves', move)
            if way == 'mutate':
                values.update(own)
            passed_on.append({**values, **own} if way == 'replace' else values)
        return super()._reverse_moves(passed_on, cancel)

    def _post(self, soft=True):
        # EXTENDS 'account'
        posted = super()._post(soft)
        for move in posted.filtered('company_id.after_localisation'):
            see('after', '_post', move)
            move.after_posted_ref = f'{move.name} after'
        return posted

    def _reconcile_reversed_moves(self, reverse_moves, move_reverse_cancel):
        # EXTENDS 'account'
        # Not strict, as in the host: an origin that has several reversals comes only once.
        for move, reverse_move in zip(self, reverse_moves, strict=False):
            if move.company_id.after_localisation:
                PAIRS.append(('after', move.id, reverse_move.id))
        return super()._reconcile_reversed_moves(reverse_moves, move_reverse_cancel)

    # === THE CUSTOMISATION: EXTENDS 'credit_invoice' === #

    def _prepare_credit_default_values(self, values):
        return {
            **super()._prepare_credit_default_values(values),
            'custom_credited_team': self.custom_team,
        }

    def _get_credit_refusal(self):
        return super()._get_credit_refusal() or (
            self.custom_is_disputed
            and self.env._('%s is disputed: settle that first.', self.display_name)
        )

    def _get_invalidation_refusals(self):
        refusals = super()._get_invalidation_refusals()
        if self.custom_is_exported:
            refusals['exported'] = self.env._('It is in the accounting system.')
        return refusals

    def _get_handover_doubt(self):
        return super()._get_handover_doubt() or (
            self.custom_team == 'Counter' and self.env._('It may be over the counter.')
        )

    def _get_mirrored_amounts(self, line, amounts):
        values = super()._get_mirrored_amounts(line, amounts)
        return {**values, 'custom_group_amount': -line.custom_group_amount}

    def _is_pure_mirror(self, vals, by_origin_line):
        return not self.custom_is_derived and super()._is_pure_mirror(vals, by_origin_line)

    def _get_credit_differences(self):
        differences = super()._get_credit_differences()
        if self.custom_approver:
            differences.append({
                'name': 'Agreed With',
                'origin': '',
                'credit': self.custom_approver,
            })
        return differences
