import re

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..links.account_move_line import CREDITABLE_TYPES

# Numbers that stand for themselves and belong to no sequence of a journal.
SINGLE_NUMBERS = ('prefix', 'typed')


class AccountMove(models.Model):
    """How credits are numbered (decision 16, ts05, ts06)."""

    _inherit = 'account.move'

    credit_numbering = fields.Selection(
        selection=[
            ('next', 'Next number of the invoices'),
            ('prefix', "The invoice's number with a prefix"),
            ('typed', 'Entered by hand'),
        ],
        string='Numbering of Credit Note',
        copy=False,
        readonly=True,
        help="Empty: the journal's own way.",
    )
    credit_number = fields.Char(
        string='Number to Use',
        copy=False,
        help='The number that this credit note gets when it is posted, instead of the one that its '
        'posting rule gives it.',
    )
    is_credit_number_readonly = fields.Boolean(compute='_compute_is_credit_number_readonly')

    # === COMPUTE METHODS === #

    def _compute_name(self):
        # EXTENDS 'account': the host numbers those that have no number yet
        self._set_single_numbers()
        return super()._compute_name()

    @api.depends('credit_numbering', 'credit_number', 'credit_posting_rule_id')
    def _compute_name_placeholder(self):
        # EXTENDS 'account'
        super()._compute_name_placeholder()
        unnamed = self.filtered(
            lambda move: move.credit_numbering in SINGLE_NUMBERS and move.name in (False, '/')
        )
        for credit, number in unnamed._get_single_numbers().items():
            credit.name_placeholder = number

    @api.depends_context('uid')
    @api.depends('reversed_entry_id', 'move_type')
    def _compute_is_credit_number_readonly(self):
        may_change = self.env.user.has_group('credit_invoice.group_credit_number')
        for move in self:
            move.is_credit_number_readonly = not may_change and move._is_customer_credit()

    def _compute_split_sequence(self):
        # EXTENDS 'account': the credits of one invoice are a sequence of their own, in which
        # neither gaps nor hashes depend on other invoices
        super()._compute_split_sequence()
        for move in self:
            if move.credit_numbering in SINGLE_NUMBERS and move.name:
                move.sequence_prefix, move.sequence_number = move._split_single_number()

    def _split_single_number(self):
        """The name without its suffix, and the number that the suffix stands for.

        :rtype: tuple[str, int]
        """
        origin_name = self.sudo().reversed_entry_id.name
        if self.credit_numbering == 'prefix' and origin_name:
            head, found, suffix = self.name.rpartition(origin_name)
            if found and re.fullmatch(r'-\d{1,9}', suffix):
                return head + found, int(suffix[1:])
        return self.name, 1

    # === CRUD METHODS === #

    @api.model
    def _get_kept_credit_fields(self):
        # EXTENDS 'credit_invoice'
        return {*super()._get_kept_credit_fields(), 'credit_number'}

    @api.model
    def _get_undefaulted_credit_fields(self):
        # EXTENDS 'credit_invoice'
        return {*super()._get_undefaulted_credit_fields(), 'name', 'credit_number'}

    @api.model
    def _get_typed_credit_fields(self):
        # EXTENDS 'credit_invoice'
        return {*super()._get_typed_credit_fields(), 'credit_number'}

    def _after_credit_create(self, vals_by_move):
        # EXTENDS 'credit_invoice'
        super()._after_credit_create(vals_by_move)
        for move in self:
            vals = vals_by_move[move]
            if vals.get('credit_number'):
                move._check_credit_number(vals['credit_number'])
                move._write_rule_vals({'credit_numbering': 'typed'})
            elif move._is_guarded_number(vals.get('name')):
                move._check_credit_number(vals['name'])
                move._keep_out_of_sequence()

    def _check_credit_write(self, vals):
        # EXTENDS 'credit_invoice'
        if 'name' in vals or 'credit_number' in vals:
            for move in self:
                move._check_number_is_kept(vals)
        super()._check_credit_write(vals)

    def _get_before_credit_write(self, vals):
        # EXTENDS 'credit_invoice'
        renamed, is_renumbered = self.browse(), False
        if 'name' in vals:
            renamed = self.filtered(lambda move: move._is_number_typed(vals['name']))
        if 'credit_number' in vals:
            is_renumbered = any(move._is_other_credit_number(vals) for move in self)
        return {
            **super()._get_before_credit_write(vals),
            'renamed': renamed,
            'is_renumbered': is_renumbered,
        }

    def _prepare_credit_write_vals(self, vals, before):
        # EXTENDS 'credit_invoice'
        vals = super()._prepare_credit_write_vals(vals, before)
        if before['is_renumbered'] and 'credit_numbering' not in vals:
            numbering = 'typed' if vals['credit_number'] else False
            return {'name': False, **vals, 'credit_numbering': numbering}
        return vals

    def _after_credit_write(self, vals, before):
        # EXTENDS 'credit_invoice'
        super()._after_credit_write(vals, before)
        for move in before['renamed']:
            move._keep_out_of_sequence()
        if before['is_renumbered'] and not vals['credit_number']:
            self._reset_credit_numbering()

    def action_switch_move_type(self):
        # EXTENDS 'account': an invoice takes the next number of the invoices anyway
        self.filtered('credit_numbering')._write_rule_vals({
            'credit_numbering': False,
            'credit_number': False,
        })
        return super().action_switch_move_type()

    def _is_guarded_number(self, number):
        return (
            number
            and number != '/'
            # What is posted without a number gets one right now, from the host.
            and self.state != 'posted'
            and self._is_customer_credit()
            and not self.company_id._is_credit_number_prescribed()
        )

    def _check_number_is_kept(self, vals):
        """Refuse to renumber what has its number, and drafts without the right (ts06).

        :param dict vals: what is written, with `name` or `credit_number`
        :raise AccessError: if the user may not change numbers
        :raise UserError: if nobody may
        """
        if 'name' in vals and self._is_other_name(vals['name']):
            if self.name and self.name != '/':
                self._check_is_renumberable()
            if self._is_number_typed(vals['name']):
                self._check_credit_number(vals['name'])
        if self._is_other_credit_number(vals):
            self._check_credit_number(vals['credit_number'])

    def _is_other_name(self, name):
        return (name or '/') != (self.name or '/')

    def _is_number_typed(self, name):
        """Whether a number that is written as its name is one that was entered by hand."""
        return bool(self._is_other_name(name) and self._is_guarded_number(name))

    def _is_other_credit_number(self, vals):
        return 'credit_number' in vals and (vals['credit_number'] or '') != (
            self.credit_number or ''
        )

    def _check_is_renumberable(self):
        """Refuse to change the number of a credited invoice, and of a credit that was posted."""
        if self.env.su or self.company_id._is_credit_number_prescribed():
            return
        if self.move_type in CREDITABLE_TYPES and self.sudo()._get_credits():
            raise UserError(
                self.env._(
                    '%(invoice)s keeps its number: %(credits)s names it.',
                    invoice=self.name,
                    credits=', '.join(self.sudo()._get_credits().mapped('display_name')),
                )
            )
        if self.posted_before and self._is_customer_credit():
            raise UserError(
                self.env._(
                    '%s was posted and keeps its number. To use another, cancel it and credit the '
                    'invoice again.',
                    self.name,
                )
            )

    def _check_credit_number(self, number):
        """Refuse a number of a credit that was entered by hand.

        :param str number: the number, or False where the posting rule shall give it
        :raise AccessError: if the user may not change numbers
        :raise UserError: if the credit was posted before, or another document has the number
        """
        self.ensure_one()
        if self.env.su:
            return
        if not self.env.user.has_group('credit_invoice.group_credit_number'):
            raise AccessError(
                self.env._(
                    'Only people with the right "Change credit numbers" can enter the number of '
                    'a credit note. Leave it empty, or ask one of them.'
                )
            )
        self._check_credit_number_is_open()
        if number and (number == '/' or number != number.strip()):
            raise UserError(
                self.env._('Enter a number without spaces around it instead of "%s".', number)
            )
        if number and self._get_taken_numbers([number]):
            raise UserError(
                self.env._(
                    'The number %(number)s is taken in %(journal)s: enter another one.',
                    number=number,
                    journal=self.journal_id.display_name,
                )
            )

    def _check_credit_number_is_open(self):
        if not self._is_customer_credit():
            raise UserError(
                self.env._(
                    '%s credits no invoice: only credits get a number by hand.', self.display_name
                )
            )
        if self.posted_before or self.state != 'draft' or self.is_move_sent:
            raise UserError(
                self.env._(
                    '%s was posted and keeps its number. To use another, cancel it and credit the '
                    'invoice again.',
                    self.display_name,
                )
            )
        refusal = self.company_id._get_credit_numbering_refusal('prefix')
        if refusal:
            raise UserError(refusal)

    def _keep_out_of_sequence(self):
        """A number entered by hand stands for itself, unless it starts the sequence."""
        if not self.env.su and self._get_last_sequence(relaxed=True):
            self._write_rule_vals({'credit_number': self.name, 'credit_numbering': 'typed'})

    def _reset_credit_numbering(self):
        """Number credits by their rule again, whose number was entered by hand before."""
        for credit in self.filtered(lambda move: move.state == 'draft' and not move.posted_before):
            rule_sudo = credit.sudo().credit_posting_rule_id
            numbering, _why = rule_sudo._get_credit_numbering(credit._get_credit_facts())
            credit._write_rule_vals({'credit_numbering': numbering != 'own' and numbering})

    # === BUSINESS METHODS: NUMBERS THAT STAND FOR THEMSELVES === #

    def _set_single_numbers(self):
        """Number credits after their invoices, or as typed.

        Credits of one invoice are posted one after the other (see `_lock_for_credit`).
        """
        credits = self.filtered(
            lambda move: (
                move.credit_numbering in SINGLE_NUMBERS
                and move.state == 'posted'
                and move.name in (False, '/')
            )
        )
        for credit, number in credits._get_single_numbers().items():
            credit._check_number_is_free(number)
            credit.name = number

    def _get_single_numbers(self):
        """The numbers that these credits would get, if they were posted now in their order.

        :return: dictionary of each credit to its number
        """
        numbers = {}
        for credits in self.grouped('journal_id').values():
            wanted = {credit: credit._get_single_number() for credit in credits}
            taken = credits._get_taken_numbers(list(wanted.values()))
            for credit in credits.sorted(lambda move: (move.date, move._origin.id)):
                number, count = wanted[credit], 1
                while number in taken:
                    count += 1
                    number = f'{wanted[credit]}-{count}'
                taken.add(number)
                numbers[credit] = number
        return numbers

    def _check_number_is_free(self, number):
        if self.credit_numbering == 'typed' and number != self.credit_number:
            raise UserError(
                self.env._(
                    'The number %(number)s is taken in %(journal)s: enter another one.',
                    number=self.credit_number,
                    journal=self.journal_id.display_name,
                )
            )

    def _get_single_number(self):
        """The number of a credit without the suffix that tells it from others.

        To be extended where it is made of something else.
        """
        self.ensure_one()
        if self.credit_numbering == 'typed':
            return self.credit_number
        prefix = self.sudo().credit_posting_rule_id.number_prefix
        return f'{prefix or ""}{self.sudo().reversed_entry_id.name}'

    def _get_taken_numbers(self, numbers):
        """The numbers of other documents of the same journal that start like these.

        :param numbers: list of texts
        :rtype: set[str]
        """
        self.env['account.move'].flush_model(['name', 'journal_id'])
        patterns = [re.sub(r'([\\%_])', r'\\\1', number) for number in numbers]
        rows = self.env.execute_query(
            SQL(
                """
                SELECT name FROM account_move
                 WHERE journal_id IN %s AND id NOT IN %s AND (name = ANY(%s) OR name LIKE ANY(%s))
                """,
                tuple(self.journal_id.ids),
                tuple(self.ids) or (0,),
                list(numbers),
                [f'{pattern}-%' for pattern in patterns],
            )
        )
        return {name for (name,) in rows}
