from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..mirror.mirror_batch import get_batch
from .credit_facts import CreditFacts

# The kinds of line that say nothing about the credit as a whole.
SIDE_KINDS = ('discount', 'deduction')
RULE_FIELDS = ('credit_posting_rule_id', 'credit_numbering')

# In the context of what this module writes by itself; no client can send it.
CHOSEN = object()


class AccountMove(models.Model):
    """By which rule a credit is posted: chosen with the draft, fixed when posted (decision 17)."""

    _inherit = 'account.move'

    credit_posting_rule_why = fields.Text(
        string='Decided by',
        compute='_compute_credit_posting_rule_why',
        help='Which posting rule decides, and where journal, accounts and number come from.',
    )

    # === COMPUTE METHODS === #

    @api.depends(
        'credit_posting_rule_id',
        'credit_reason_id',
        'credit_numbering',
        'journal_id',
        'invoice_line_ids.account_id',
        'invoice_line_ids.credit_kind',
    )
    def _compute_credit_posting_rule_why(self):
        for move in self:
            rule = move.credit_posting_rule_id
            move.credit_posting_rule_why = (
                move.move_type == 'out_refund' and rule._get_explanation_text(move)
            )

    # === CRUD METHODS === #

    @api.model
    def _get_kept_credit_fields(self):
        # EXTENDS 'credit_invoice'
        return {*super()._get_kept_credit_fields(), *RULE_FIELDS}

    @api.model
    def _get_undefaulted_credit_fields(self):
        # EXTENDS 'credit_invoice'
        return {*super()._get_undefaulted_credit_fields(), *RULE_FIELDS}

    @api.model
    def _clean_credit_create_vals(self, vals):
        # EXTENDS 'credit_invoice': whoever makes a credit goes no other way; in a batch, its rule
        # came with its values
        vals = super()._clean_credit_create_vals(vals)
        if get_batch(self.env):
            return vals
        return {name: value for name, value in vals.items() if name not in RULE_FIELDS}

    def _after_credit_create(self, vals_by_move):
        # EXTENDS 'credit_invoice'
        super()._after_credit_create(vals_by_move)
        for move in self.browse() if get_batch(self.env) else self:
            if move.move_type == 'out_refund' and not move.credit_posting_rule_id:
                is_chosen = 'journal_id' in vals_by_move[move]
                move._update_credit_posting_rule(is_journal_chosen=is_chosen)

    def _check_credit_write(self, vals):
        # EXTENDS 'credit_invoice'
        self._check_credit_posting_rule_is_kept(vals)
        super()._check_credit_write(vals)

    def _after_credit_write(self, vals, before):
        # EXTENDS 'credit_invoice'
        super()._after_credit_write(vals, before)
        deciding = {'credit_reason_id', 'reversed_entry_id', 'line_ids', 'invoice_line_ids'}
        if vals.keys() & deciding and not vals.keys() & set(RULE_FIELDS):
            self._update_credit_posting_rule()

    def _check_credit_posting_rule_is_kept(self, vals):
        """The conditions choose the rule of a draft, and a posted credit keeps it.

        :raise UserError: if somebody writes another one
        """
        names = [name for name in RULE_FIELDS if name in vals]
        if not names or self.env.context.get('credit_rule') is CHOSEN:
            return
        for move in self:
            for name in names:
                if move._fields[name].convert_to_write(move[name], move) != vals[name]:
                    raise UserError(
                        self.env._(
                            'The posting rule of %s follows from its reason, lines and invoice: '
                            'change those while it is a draft, or change the rules.',
                            move.display_name,
                        )
                    )

    def _write_rule_vals(self, vals):
        """Write what follows from a posting rule, which nobody else can."""
        self.with_context(credit_rule=CHOSEN, skip_is_manually_modified=True).write(vals)

    # === BUSINESS METHODS: CHOOSING === #

    def _get_credit_posting_rule(self):
        """The rule that decides how this credit is posted, settled and refunded.

        Also of an invoice that was overpaid, and of documents that are older than the rules: then
        it is the one that fits today.

        :return: a record of `credit.posting.rule`, or none
        """
        self.ensure_one()
        return self.credit_posting_rule_id or self.env['credit.posting.rule']._find(
            self._get_credit_facts()
        )

    def _get_credit_facts(self):
        """What posting rules look at.

        To be extended, with `CreditFacts`, where rules have more conditions than can be told from
        the invoice and the credit.

        :rtype: CreditFacts
        """
        self.ensure_one()
        move_sudo = self.sudo()
        is_credit = self.move_type == 'out_refund'
        origin_sudo = move_sudo._get_credit_origins().sudo()[:1] if is_credit else move_sudo
        return CreditFacts(
            company=move_sudo.company_id,
            origin=move_sudo.reversed_entry_id or origin_sudo,
            kind=self._get_common_kind(move_sudo.invoice_line_ids.mapped('credit_kind')),
            reason=move_sudo.credit_reason_id,
            credit=move_sudo if is_credit else move_sudo.browse(),
        )

    @api.model
    def _get_common_kind(self, kinds):
        """What all lines of a credit do, or False where they differ.

        :param kinds: of the lines, as of `account.move.line.credit_kind`
        """
        kinds = {kind for kind in kinds if kind and kind not in SIDE_KINDS}
        return kinds.pop() if len(kinds) == 1 else False

    # === BUSINESS METHODS: CREDITS THAT ARE MIRRORED === #

    def _mirror_credit_vals(self, vals, parts=None):
        # EXTENDS 'credit_invoice': all credits of a batch, without a query for each
        is_complete = super()._mirror_credit_vals(vals, parts)
        lines = [values for _command, _id, values in vals['line_ids'] if values]
        facts = CreditFacts(
            company=self.env['res.company'].browse(vals.get('company_id') or self.company_id.id),
            origin=self,
            kind=self._get_common_kind(line.get('credit_kind') for line in lines),
            reason=self.env['credit.reason'].browse(vals.get('credit_reason_id') or ()),
            credit=self.browse(),
        )
        rule = self.env['credit.posting.rule']._find(facts)
        if rule:
            vals.update(self._prepare_posting_rule_vals(rule.sudo(), facts, vals.get('journal_id')))
            self._apply_credit_account(rule.sudo(), lines)
        return is_complete

    @api.model
    def _prepare_posting_rule_vals(self, rule, facts, journal_id):
        """Values of a credit that follow from its rule.

        :param rule: the rule, with the right to read it
        :param CreditFacts facts: of the credit
        :param int journal_id: the journal so far; another one than the invoice's was chosen by
            somebody, and stays
        """
        numbering, _why = rule._get_credit_numbering(facts)
        vals = {
            'credit_posting_rule_id': rule.id,
            'credit_numbering': numbering != 'own' and numbering,
        }
        if not journal_id or journal_id == facts.origin.journal_id.id:
            vals['journal_id'] = rule._get_credit_journal(facts)[0].id
        return {name: value for name, value in vals.items() if name != 'journal_id' or value}

    @api.model
    def _apply_credit_account(self, rule, lines):
        """Give the lines of a credit the account of its rule.

        Taxes without an account of their own follow the lines that they are of.

        :param list lines: dictionaries of values of `account.move.line`, changed in place
        """
        if rule.account_choice == 'origin':
            return
        accounts, replaced = self.env['account.account'].sudo(), {}
        for line in lines:
            if line.get('display_type') == 'product' and line.get('account_id'):
                account = rule._get_credit_account(accounts.browse(line['account_id']))[0]
                replaced[line['account_id']] = line['account_id'] = account.id
        Repartition = self.env['account.tax.repartition.line'].sudo()
        for line in lines:
            repartition = Repartition.browse(line.get('tax_repartition_line_id') or ())
            if repartition and not repartition._get_aml_target_tax_account():
                line['account_id'] = replaced.get(line['account_id'], line['account_id'])

    # === BUSINESS METHODS: DRAFTS THAT CHANGE === #

    def _update_credit_posting_rule(self, *, is_journal_chosen=False):
        """Choose the rule of draft credits again, and do what it says.

        What a person chose stays: only what came from the former rule or the invoice changes.

        :param bool is_journal_chosen: whether the journal was given by the caller
        """
        for credit in self:
            if credit.move_type != 'out_refund' or credit.state != 'draft':
                continue
            facts = credit._get_credit_facts()
            rule_sudo = self.env['credit.posting.rule']._find(facts).sudo()
            if facts.origin and rule_sudo != credit.sudo().credit_posting_rule_id:
                credit._change_credit_posting_rule(rule_sudo, facts, is_journal_chosen)

    def _change_credit_posting_rule(self, rule, facts, is_journal_chosen):
        former = self.sudo().credit_posting_rule_id
        journal = self.journal_id
        if former and journal == former._get_credit_journal(facts)[0]:
            journal = facts.origin.journal_id
        elif not former and not is_journal_chosen:
            journal = journal.browse()
        vals = self._prepare_posting_rule_vals(rule, facts, journal.id)
        if self.posted_before:
            # It has its number (decision 16).
            vals = {'credit_posting_rule_id': rule.id}
        elif self.credit_numbering == 'typed':
            vals.pop('credit_numbering')
        if vals.get('journal_id') == self.journal_id.id:
            vals.pop('journal_id')
        commands = self._get_account_commands(former, rule)
        if commands:
            vals['invoice_line_ids'] = commands
        self._write_rule_vals(vals)

    def _get_account_commands(self, former, rule):
        """Commands that move lines from the account of one rule to that of another."""
        commands = []
        for line in self.invoice_line_ids.filtered(lambda line: line.display_type == 'product'):
            origin_account = line.sudo().credited_line_id.account_id
            if line.account_id not in (
                origin_account,
                former._get_credit_account(origin_account)[0],
            ):
                continue
            account = rule._get_credit_account(origin_account or line.account_id)[0]
            if account and account != line.account_id:
                commands.append(Command.update(line.id, {'account_id': account.id}))
        return commands
