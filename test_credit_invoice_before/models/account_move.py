from odoo import fields, models

from ..seen import PAIRS, see


class AccountMove(models.Model):
    """What real localisations do to `account.move`, all of it at once.

    `_reverse_moves` as in `l10n_ar`, `copy` as in `mrp_account`, `copy_data` as in
    `l10n_it_edi_doi`, `_post` as in most.
    """

    _inherit = 'account.move'

    before_reason = fields.Selection(
        selection=[('R1', 'R1: error of law'), ('R4', 'R4: rest')], copy=False
    )
    before_service_date = fields.Date(copy=False)
    before_declaration = fields.Char()
    before_is_reversal = fields.Boolean(copy=False)
    before_is_copied = fields.Boolean(copy=False)
    before_category_ids = fields.Many2many(
        comodel_name='res.partner.category', relation='before_move_category_rel', copy=False
    )
    before_state = fields.Char(copy=False)
    before_posted_ref = fields.Char(copy=False)

    # === CRUD METHODS === #

    def copy(self, default=None):
        copies = super().copy({**(default or {}), 'before_is_copied': True})
        for source, copied in zip(self, copies, strict=True):
            if source.company_id.before_localisation:
                see('before', 'copy', source)
                copied.before_category_ids = source.before_category_ids
        return copies

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        default = default or {}
        for move, vals in zip(self, vals_list, strict=True):
            if move.company_id.before_localisation:
                see('before', 'copy_data', move)
                vals['before_declaration'] = f'{move.invoice_origin} on {default.get("date")}'
                vals['before_is_reversal'] = default.get('reversed_entry_id') == move.id
        return vals_list

    # === BUSINESS METHODS === #

    def _reverse_moves(self, default_values_list=None, cancel=False):
        # EXTENDS 'account'
        default_values_list = default_values_list or [{} for _move in self]
        passed_on = []
        for move, values in zip(self, default_values_list, strict=True):
            way = move.company_id.before_localisation
            own = {'before_service_date': move.before_service_date} if way else {}
            if way:
                see('before', '_reverse_moves', move)
            if way == 'mutate':
                values.update(own)
            passed_on.append({**values, **own} if way == 'replace' else values)
        return super()._reverse_moves(passed_on, cancel)

    def _post(self, soft=True):
        # EXTENDS 'account'
        posted = super()._post(soft)
        for move in posted.filtered('company_id.before_localisation'):
            see('before', '_post', move)
            move.before_posted_ref = f'{move.name} before'
        return posted

    def _reconcile_reversed_moves(self, reverse_moves, move_reverse_cancel):
        # EXTENDS 'account'
        # Not strict, as in the host: an origin that has several reversals comes only once.
        for move, reverse_move in zip(self, reverse_moves, strict=False):
            if move.company_id.before_localisation:
                PAIRS.append(('before', move.id, reverse_move.id))
        return super()._reconcile_reversed_moves(reverse_moves, move_reverse_cancel)
