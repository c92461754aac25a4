from contextlib import nullcontext

from odoo import api, models, tools

from ...tools.checking import check_values
from ...tools.nowhere import write_nowhere
from .account_move_line import CREDITABLE_TYPES


class AccountMove(models.Model):
    """How documents are made and changed: the only `create` and `write` of this add-on.

    Both are lists of steps, which rooms extend. Documents that are neither customer invoices nor
    credits pass by them, unless what is written makes them one, or is kept by this add-on.
    """

    _inherit = 'account.move'

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        # EXTENDS 'account': see above
        for vals in vals_list:
            self._check_typed_vals(vals)
        documents = self._without_credit_defaults()
        is_complete = documents._mirror_credits(vals_list)
        vals_list = [self._clean_credit_create_vals(vals) for vals in vals_list]
        quiet = nullcontext()
        if is_complete is not None:
            quiet = self._disable_recursion({}, 'skip_invoice_sync', target=is_complete)
        with quiet:
            moves = super(AccountMove, documents).create(vals_list).with_env(self.env)
            documents = moves._get_created_credit_documents(vals_list)
            if documents:
                documents._after_credit_create(dict(zip(moves, vals_list, strict=True)))
        return moves

    def write(self, vals):
        # EXTENDS 'account': see above
        documents = self._get_written_credit_documents(vals)
        if not documents:
            return super().write(vals)
        first, vals = documents._split_credit_write(self._clean_credit_write_vals(vals))
        if first:
            self.write(first)
        is_limited = self._is_limited_to_drafts()
        if is_limited and self._is_kept_nowhere(vals):
            return write_nowhere(self, vals)
        documents._check_credit_write(vals)
        before = documents._get_before_credit_write(vals)
        moves = self._with_credit_write(vals)
        quiet = nullcontext()
        if self._is_quiet_credit_write(vals):
            quiet = self._disable_recursion({}, 'skip_invoice_sync')
        with quiet:
            result = super(AccountMove, moves).write(
                documents._prepare_credit_write_vals(vals, before)
            )
        documents._after_credit_write(vals, before)
        if is_limited:
            # The host asks before it writes: what was a draft credit must still be one.
            documents.check_access('write')
        return result

    # === WHICH DOCUMENTS ARE CONCERNED === #

    @api.model
    def _get_credit_document_types(self):
        """The types of documents that go through the steps of `create` and `write`.

        To be extended where others are looked after, too.
        """
        return (*CREDITABLE_TYPES, 'out_refund')

    @api.model
    def _get_kept_credit_fields(self):
        """The fields that go through the steps on whatever document they are written.

        What is noted by the server and what takes a right: an entry can become a credit later. To
        be extended with the fields of each room.

        :rtype: set
        """
        return set()

    @api.model
    @tools.ormcache()
    def _get_credit_scope(self):
        """The types of documents and the names of fields that are concerned, read once.

        :rtype: tuple[frozenset, frozenset]
        """
        return (
            frozenset(self._get_credit_document_types()),
            frozenset(self._get_kept_credit_fields()),
        )

    def _get_created_credit_documents(self, vals_list):
        types, names = self._get_credit_scope()
        return self.browse(
            move.id
            for move, vals in zip(self, vals_list, strict=True)
            if move.move_type in types or not names.isdisjoint(vals)
        )

    def _get_written_credit_documents(self, vals):
        types, names = self._get_credit_scope()
        is_meant = 'move_type' in vals or 'reversed_entry_id' in vals or not names.isdisjoint(vals)
        # Payments and entries, too, may hold what became of a credit.
        if is_meant or vals.get('state') in ('draft', 'cancel'):
            return self
        return self.filtered(lambda move: move.move_type in types)

    @api.model
    def _get_undefaulted_credit_fields(self):
        """The fields of which no default in the context is taken. To be extended.

        :rtype: set
        """
        return set()

    @api.model
    @tools.ormcache()
    def _get_undefaulted_credit_keys(self):
        return frozenset(f'default_{name}' for name in self._get_undefaulted_credit_fields())

    @api.model
    def _without_credit_defaults(self):
        keys = self._get_undefaulted_credit_keys()
        if keys.isdisjoint(self.env.context):
            return self
        context = self.env.context
        return self.with_context({  # pylint: disable=context-overridden
            key: context[key] for key in context.keys() - keys
        })

    # === STEPS OF MAKING === #

    @api.model
    def _mirror_credits(self, vals_list):
        """Give credits that mirror their invoices the exact amounts of these.

        To be extended by the mirror.

        :param list vals_list: as of `create`; changed in place
        :return: None if they mirror nothing; else whether nothing of them is left to be derived
        """
        return

    @api.model
    def _clean_credit_create_vals(self, vals):
        """The values without those that come from nobody but the server. To be extended.

        :param dict vals: of one document; not changed
        """
        return vals

    def _after_credit_create(self, vals_by_move):
        """What follows for documents that were made. To be extended, super first.

        :param dict vals_by_move: each document, and others that were made with them, to its values
        """

    # === STEPS OF CHANGING === #

    @api.model
    def _clean_credit_write_vals(self, vals):
        """The values without those that come from nobody but the server. To be extended.

        :param dict vals: as of `write`; not changed
        """
        return vals

    def _split_credit_write(self, vals):
        """What has to be written before, and what is left to be written. To be extended.

        :param dict vals: as of `write`; not changed
        :return: (dictionary of values, dictionary of values)
        """
        return {}, vals

    @api.model
    def _get_typed_credit_fields(self):
        """The fields into which people and programs type. To be extended with those of each room.

        :rtype: set
        """
        return {'credit_reason', 'credit_customer_ref'}

    @api.model
    def _check_typed_vals(self, vals):
        """Refuse what nobody can mean, in our fields: those of the host are the host's.

        :param dict vals: as of `write`
        :raise ValidationError: names the first field
        """
        typed = self._get_typed_credit_fields() & vals.keys()
        check_values(self, {name: vals[name] for name in typed})

    def _check_credit_write(self, vals):
        """What is refused, and what has to be done, before these documents are changed.

        To be extended, super last.

        :param dict vals: as of `write`
        :raise UserError: if it is refused
        """
        self._check_typed_vals(vals)
        if 'reversed_entry_id' in vals:
            self._check_credit_link_is_kept(vals['reversed_entry_id'])

    def _get_before_credit_write(self, vals):
        """What has to be known of these documents after they were changed. To be extended.

        :param dict vals: as of `write`
        :return: dictionary of what `_after_credit_write` gets, in keys of each room's own
        """
        return {}

    def _with_credit_write(self, vals):
        """These documents, concerned or not, in the context in which the host writes them.

        To be extended.
        """
        return self

    def _prepare_credit_write_vals(self, vals, before):
        """The values with those that follow from them. To be extended.

        :param dict vals: as of `write`; not changed
        :param dict before: as of `_get_before_credit_write`
        """
        return vals

    def _is_quiet_credit_write(self, vals):
        """Whether nothing is derived: the journal items of a credit that is posted are complete."""
        return vals.keys() == {'state', 'posted_before'} and all(
            move._is_customer_credit() for move in self
        )

    def _after_credit_line_unlink(self):
        """What follows for documents of which lines were deleted. To be extended, super first."""

    def _after_credit_write(self, vals, before):
        """What follows for documents that were changed. To be extended, super first.

        :param dict vals: as of `write`
        :param dict before: as of `_get_before_credit_write`
        """
        if 'state' in vals and any(move.move_type == 'out_refund' for move in self):
            self._get_other_credit_origins().modified(['reversal_move_ids'])
