from odoo import api, fields, models
from odoo.tools import formatLang

HEAD_FIELDS = ('partner_id', 'currency_id', 'fiscal_position_id', 'invoice_cash_rounding_id')
# Lines that follow from the others: nobody typed them.
DERIVED_KINDS = ('discount', 'deduction')


class AccountMove(models.Model):
    """What a draft credit takes of its invoice, and what was changed on it since it was made."""

    _inherit = 'account.move'

    credit_made_values = fields.Json(
        string='Values When It Was Made',
        copy=False,
        readonly=True,
        help='What the dialog chose, where that is not all of the invoice as it is.',
    )
    credit_difference_html = fields.Html(
        string='Differences to the Invoice',
        compute='_compute_credit_difference_html',
        compute_sudo=True,
    )
    credit_part_html = fields.Html(
        string='Part of the Invoice',
        compute='_compute_credit_part_html',
        compute_sudo=True,
        sanitize=False,
    )

    # === COMPUTE METHODS === #

    @api.depends(
        'state',
        'reversed_entry_id',
        'invoice_line_ids.price_total',
        'invoice_line_ids.quantity',
        'invoice_line_ids.product_id',
        'invoice_line_ids.tax_ids',
        'invoice_line_ids.account_id',
        *HEAD_FIELDS,
    )
    @api.depends_context('uid')
    def _compute_credit_difference_html(self):
        for move in self:
            differences = []
            if move._is_draft_credit_shown():
                differences = move._get_credit_differences()
            move.credit_difference_html = bool(differences) and self.env['ir.qweb']._render(
                'credit_invoice.credit_differences', {'differences': differences}
            )

    @api.depends('credit_difference_html', 'amount_total')
    @api.depends_context('uid')
    def _compute_credit_part_html(self):
        for move in self:
            values = False
            if move._is_draft_credit_shown():
                values = move._get_credit_part_values()
            move.credit_part_html = bool(values) and self.env['ir.qweb']._render(
                'credit_invoice.credit_part', values
            )

    # === BUSINESS METHODS: WHAT WAS CHANGED === #

    def _is_draft_credit_shown(self):
        return self.state == 'draft' and self._is_customer_credit() and self._is_origin_readable()

    def _get_credit_differences(self):
        """What was changed on a draft credit since it was made.

        :return: list of dictionaries with `name`, `origin` (as it was made) and `credit`: texts to
            be shown
        """
        self.ensure_one()
        made = self.credit_made_values or {}
        differences = []
        for name in HEAD_FIELDS:
            before = self.reversed_entry_id._origin[name]
            if name in made:
                before = before.browse(made[name])
            if self[name]._origin != before:
                differences.append({
                    'name': self._fields[name].get_description(self.env, ['string'])['string'],
                    'origin': before.display_name or '',
                    'credit': self[name].display_name or '',
                })
        credited = self._get_lines_by_credited_line()
        facts = self._get_credit_made_facts()
        for line_id, before in facts.items():
            line = self.env['account.move.line'].browse(line_id)
            differences += line._get_credit_line_differences(before, credited.get(line_id))
        for line_id, line in credited.items():
            if line_id not in facts:
                differences.append(line._get_added_difference())
        return differences

    def _get_lines_by_credited_line(self):
        """The lines of this credit, also while it is edited.

        :return: dictionary: id of the line that is credited, or the line itself where none is ->
            line
        """
        return {
            line.credited_line_id._origin.id or line: line
            for line in self.invoice_line_ids
            if line.display_type == 'product' and line.credit_kind not in DERIVED_KINDS
        }

    def _get_credit_made_facts(self):
        """What was credited of each line when this credit was made.

        :return: dictionary: id of the line of the invoice -> facts, see
            `account.move.line._get_credit_facts`
        """
        made = self.credit_made_values
        if made:
            return {int(line_id): facts for line_id, facts in made['lines'].items()}
        return {line.id: line._get_credit_facts() for line in self._get_creditable_lines()}

    def _get_creditable_lines(self):
        """The products of the invoices that this document credits."""
        origins = self.reversed_entry_id._origin
        origins |= self.invoice_line_ids.credited_line_id._origin.move_id
        return origins.invoice_line_ids.filtered(lambda line: line.display_type == 'product')

    def _keep_credit_made_values(self):
        """Note what was made of these draft credits, where that is not the whole invoice as it is.

        What is changed from now on is a difference.
        """
        # Read for all at once.
        self.sudo().reversed_entry_id.invoice_line_ids.fetch(['display_type'])
        for credit in self:
            if credit.state != 'draft' or not credit._is_customer_credit():
                continue
            # Who may make the credit may not be allowed to read all of its invoice.
            credit_sudo = credit._without_credit_edit().sudo()
            if credit_sudo._get_credit_differences():
                # Nothing of the amounts is written: nothing is to be derived.
                credit_sudo.with_context(skip_invoice_sync=True).credit_made_values = {
                    **{name: credit_sudo[name].id for name in HEAD_FIELDS},
                    'lines': {
                        line_id: line._get_credit_facts()
                        for line_id, line in credit_sudo._get_lines_by_credited_line().items()
                        if isinstance(line_id, int)
                    },
                }

    # === BUSINESS METHODS: HOW MUCH OF THE INVOICE === #

    def _get_credit_part_values(self):
        """The values of the template `credit_invoice.credit_part`.

        :return: dictionary, or False where all of the invoice is credited as it is
        """
        self.ensure_one()
        credited = self._get_lines_by_credited_line()
        lines = self._get_creditable_lines()
        rows = []
        for line in lines:
            rows += line._get_credit_line_differences(
                line._get_credit_facts(), credited.get(line.id)
            )
        if not rows:
            return False
        total = sum(lines.move_id.mapped('amount_total'))
        return {
            'rows': rows,
            'text': self.env._(
                '%(credited)s of %(lines)s lines credited, %(amount)s of %(total)s',
                credited=len(set(lines.ids) & set(credited)),
                lines=len(lines),
                amount=formatLang(self.env, self.amount_total, currency_obj=self.currency_id),
                total=formatLang(self.env, total, currency_obj=self.currency_id),
            ),
        }
