from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import float_compare, format_date, formatLang

from ...tools.splitting import is_between
from ..links.account_move_line import CREDITABLE_TYPES


class AccountMove(models.Model):
    """What a credit may take, checked when it is posted, whatever route it took (decision 6)."""

    _inherit = 'account.move'

    credit_exceed_reason = fields.Char(
        string='Reason to Credit More',
        copy=False,
        help='Why this credit note goes beyond what can still be credited.',
    )
    credit_exceed_user_id = fields.Many2one(
        comodel_name='res.users',
        string='Reason Entered by',
        copy=False,
        readonly=True,
        help='Who gave the reason to credit more.',
    )
    credit_excess_message = fields.Text(
        string='Beyond What Can Be Credited',
        compute='_compute_credit_excess_message',
        compute_sudo=True,
    )

    # === COMPUTE METHODS === #

    @api.depends_context('uid')
    def _compute_credit_excess_message(self):
        for move in self:
            excess = []
            if move._is_draft_credit_shown():
                excess = move._get_credit_excess(move.browse())
            move.credit_excess_message = '\n'.join(excess)

    # === BUSINESS METHODS: LINKED AFTERWARDS === #

    def _check_posted_links(self):
        """Check what posted credits may take of invoices that they were just linked with.

        :raise AccessError: if the user may not approve credits
        :raise UserError: if that is refused
        """
        self._check_credit_approve_rights()
        self._get_credit_origins()._lock_for_credit()
        for credit in self:
            for origin in credit._get_credit_origins().sudo():
                if credit._get_credit_document_refusal(origin, credit.browse()):
                    raise UserError(
                        self.env._(
                            '%(credit)s cannot be the credit note of %(invoice)s: choose a '
                            'posted invoice of the same company, customer and currency that is '
                            'not dated later.',
                            credit=credit.display_name,
                            invoice=origin.display_name,
                        )
                    )
            credit._check_four_eyes(credit.browse())
            excess = credit._get_credit_excess(credit.browse())
            if excess:
                credit._handle_credit_excess(excess)

    # === BUSINESS METHODS: BEFORE POSTING === #

    def _check_credit_document(self, posting):
        """Refuse what no policy allows.

        :param posting: the documents that are posted together
        :raise UserError: names the credit and its invoice, and says what to do
        """
        self.ensure_one()
        for origin in self._get_credit_origins().sudo():
            reason = self._get_credit_document_refusal(origin, posting)
            if reason:
                raise UserError(reason)
        reason = self._get_credit_date_refusal()
        if reason:
            raise UserError(reason)

    def _have_credit_in_common(self):
        """Whether one credit can take lines of all these invoices (mp24).

        A credit has one customer, one currency and one rate; and what was given before, as a
        discount or freely, is taken off the credit of one invoice only.
        """
        if len(self) <= 1:
            return True
        company = self.company_id[:1]._get_credit_policy_company()
        return (
            len(self.partner_id.commercial_partner_id) == 1
            and len(self.company_id) == 1
            and len(self.currency_id) == 1
            and (
                company.credit_rate != 'origin'
                or len(set(self.mapped('invoice_currency_rate'))) == 1
            )
            and not any(move._get_discount_taken_amount() for move in self)
        )

    def _check_credit_without_origin(self):
        company = self.company_id._get_credit_policy_company()
        if company.credit_without_origin == 'refuse':
            raise UserError(
                self.env._(
                    '%s names no invoice, and credits without one are not allowed. Enter the '
                    'invoice under Credits Invoice, or credit it from there.',
                    self.display_name,
                )
            )

    def _get_credit_document_refusal(self, origin, posting):
        """Why this credit cannot be one of an invoice.

        To be extended where more has to agree between a credit and its invoice.

        :param origin: the invoice
        :param posting: the documents that are posted together
        :return: one sentence, or False
        """
        names = {'credit': self.display_name, 'invoice': origin.display_name}
        if origin.move_type not in CREDITABLE_TYPES:
            return self.env._(
                '%(credit)s cannot credit %(invoice)s, which is no customer invoice: choose '
                'another one.',
                **names,
            )
        if origin.state != 'posted' and origin not in posting:
            return self.env._(
                '%(credit)s cannot be posted: %(invoice)s, which it credits, is not posted. Post '
                'the invoice, or discard the credit note.',
                **names,
            )
        if self.company_id != origin.company_id:
            return self.env._(
                '%(credit)s cannot credit %(invoice)s: it belongs to another company.', **names
            )
        if self.commercial_partner_id not in origin._get_credit_customers():
            return self.env._(
                '%(credit)s cannot credit %(invoice)s: that was for %(customer)s. Set the customer '
                'back; to invoice someone else, use Credit and Re-invoice on the invoice.',
                customer=origin.partner_id.display_name,
                **names,
            )
        if not self._get_credit_origins()._have_credit_in_common():
            return self.env._(
                '%(credit)s credits invoices of different rates or with a payment discount taken: '
                'credit them one by one.',
                **names,
            )
        if self.currency_id != origin.currency_id:
            return self.env._(
                '%(credit)s cannot credit %(invoice)s: that is in %(currency)s. Set the currency '
                'back.',
                currency=origin.currency_id.name,
                **names,
            )
        if self.state == 'draft' and self._is_rate_another(origin):
            return self.env._(
                '%(credit)s cannot be posted: credit notes have the rate of their invoice, which '
                'is %(rate)s. Set the rate back.',
                rate=origin.invoice_currency_rate,
                **names,
            )
        date = self.invoice_date or fields.Date.context_today(self)
        if origin.invoice_date and date < origin.invoice_date:
            return self.env._(
                '%(credit)s cannot be posted: it is dated before %(invoice)s. Choose %(date)s, the '
                'date of the invoice, or a later one.',
                date=format_date(self.env, origin.invoice_date),
                **names,
            )
        return False

    def _is_rate_another(self, origin):
        """Whether this credit should have the rate of its invoice, and has not."""
        company = self.company_id._get_credit_policy_company()
        return company.credit_rate == 'origin' and bool(
            float_compare(
                self.invoice_currency_rate, origin.invoice_currency_rate, precision_digits=12
            )
        )

    def _get_credit_customers(self):
        """The customers for whom these invoices can be credited.

        The one that was invoiced, and the one that its contact belongs to by now: customers are
        merged, and contacts become firms of their own.
        """
        return self.partner_id.commercial_partner_id | self.commercial_partner_id

    def _get_credit_date_refusal(self):
        """Why this credit cannot have its date: the host would move its entry, but not its date.

        :return: one sentence, or False
        """
        date = self.invoice_date or fields.Date.context_today(self)
        locks = self._get_violated_lock_dates(date, bool(self.line_ids.tax_ids))
        return locks and self.env._(
            '%(credit)s cannot be posted: %(date)s is in a closed period (%(locks)s). Choose '
            '%(first)s, the first open day, or a later one.',
            credit=self.display_name,
            date=format_date(self.env, date),
            first=format_date(self.env, self._get_first_open_credit_day(date)),
            locks=self.env['res.company']._format_lock_dates(locks),
        )

    def _handle_credit_excess(self, excess):
        """What happens to a credit that goes beyond what can be credited, by policy.

        :param list excess: sentences
        :raise UserError: if the policy blocks it, and nobody with the right gave a reason
        """
        self.ensure_one()
        refusal = self._get_excess_refusal(excess)
        if refusal:
            raise UserError(refusal)
        company = self.company_id._get_credit_policy_company()
        if company.credit_limit_policy != 'allow' or self.credit_exceed_reason:
            self._log_credit_excess(' '.join(excess))

    def _get_excess_refusal(self, excess):
        """Why this credit cannot go beyond what can be credited, by policy.

        :param list excess: sentences
        :return: one text, or False
        """
        company = self.company_id._get_credit_policy_company()
        if not excess or company.credit_limit_policy != 'block':
            return False
        values = {'refusal': self._get_refusal_sentence(), 'excess': ' '.join(excess)}
        if not self._is_exceeding_granted():
            return self.env._(
                '%(refusal)s %(excess)s Lower the credit note, or ask someone who may credit '
                'more than invoiced.',
                **values,
            )
        if not self.credit_exceed_reason:
            return self.env._(
                '%(refusal)s %(excess)s Lower the credit note, or enter the reason to credit more.',
                **values,
            )
        return False

    def _get_refusal_sentence(self):
        if self.state == 'posted':
            return self.env._('%s cannot be linked.', self.display_name)
        return self.env._('%s cannot be posted.', self.display_name)

    def _is_exceeding_granted(self):
        """Whether the user may credit more than is left.

        The scheduler may post what such a user gave the reason for.
        """
        user = self.env.user
        if user == self.env.ref('base.user_root') and self.credit_exceed_user_id:
            user = self.credit_exceed_user_id
        return user.has_group('credit_invoice.group_credit_exceed')

    def _log_credit_excess(self, text):
        reason = self.credit_exceed_reason or self.env._('none, the policy allows it')
        for move in self | self._get_credit_origins():
            move._message_log(
                body=self.env._(
                    '%(user)s credited more than was left: %(excess)s Reason: %(reason)s.',
                    user=self.env.user.name,
                    excess=text,
                    reason=reason,
                )
            )

    # === BUSINESS METHODS: WHAT IS TOO MUCH === #

    def _get_credit_excess(self, accepted):
        """By how much this credit goes beyond what can be credited.

        :param accepted: credits that count as if they were posted
        :return: list of sentences, empty if it stays within
        """
        self.ensure_one()
        excess = []
        self_sudo = self.sudo()
        if self_sudo._is_first_and_whole(accepted):
            return excess
        totals = self_sudo._get_credited_amount_by_origin()
        for origin in self_sudo._get_credit_origins():
            if origin.currency_id == self.currency_id:
                credits = origin._get_other_credits(self_sudo, accepted)
                excess += self_sudo._get_line_excess(origin, credits)
                excess += self_sudo._get_tax_excess(origin, credits)
                excess += self_sudo._get_total_excess(origin, credits, totals.get(origin, 0.0))
        return excess

    def _is_first_and_whole(self, accepted):
        """Whether this is the only credit of its invoice and a mirror of nothing but its lines."""
        origin = self.reversed_entry_id
        if not origin:
            return False
        lines = self.invoice_line_ids.filtered(lambda line: line.display_type == 'product')
        credited = lines.credited_line_id
        return (
            not origin._get_other_credits(self, accepted)
            and credited.move_id == origin
            and len(credited) == len(lines)
            and all(line._is_mirrored() for line in lines)
            and self._get_tax_sums() == origin._get_tax_sums()
            and self.currency_id.compare_amounts(
                self.amount_total, origin._get_creditable_amount(self.browse())
            )
            <= 0
        )

    def _get_tax_sums(self):
        """What each tax adds to the total of this document, in its currency."""
        sums = {}
        for line in self._get_tax_items():
            amount = self.direction_sign * line.amount_currency
            sums[line.tax_line_id] = sums.get(line.tax_line_id, 0.0) + amount
        return {tax: self.currency_id.round(amount) for tax, amount in sums.items()}

    def _get_line_excess(self, origin, credits):
        excess = []
        remaining = origin._get_remaining_lines(credits)
        for line, taken in self._get_figures_by_line():
            left = remaining.get(line.credited_line_id.id)
            if not left:
                continue
            figures = origin._get_taken_figures(self, taken.figures, left)
            quantity = line._get_returned_quantity()
            if line._is_quantity_beyond(quantity, left):
                excess.append(self._get_quantity_sentence(line, quantity, left))
            elif left.get_excess(figures):
                excess.append(self._get_amount_sentence(line, figures, left))
            left.subtract(figures, quantity)
        return excess

    def _get_quantity_sentence(self, line, quantity, left):
        return self.env._(
            'Of "%(line)s", %(left)s can still be credited, not %(quantity)s.',
            line=line.credited_line_id.name or '',
            left=formatLang(self.env, left.quantity, dp='Product Unit'),
            quantity=formatLang(self.env, quantity, dp='Product Unit'),
        )

    def _get_amount_sentence(self, line, figures, left):
        currency, origin = self.currency_id, line.credited_line_id.move_id
        untaxed, tax = (None, 'total_excluded_currency'), self.env._('tax')
        # The taxes of both: that of the credit may be none of the invoice's.
        taxes = [name for name in figures if name[1] == 'tax_amount_currency']
        taxes = list(dict.fromkeys([*left.tax_names, *taxes]))
        if left.get_excess(figures).keys() == {untaxed}:
            tax = self.env._('without tax')
            names = [untaxed]
        elif untaxed not in left.get_excess(figures):
            names = taxes
        else:
            names, tax = [untaxed, *taxes], self.env._('with tax')
        amounts = [
            formatLang(
                self.env,
                origin._get_amount(sum(each.get(name, 0) for name in names)),
                currency_obj=currency,
            )
            for each in (left.figures, figures)
        ]
        return self.env._(
            'Of "%(line)s", %(left)s (%(what)s) can still be credited, not %(amount)s.',
            line=line.credited_line_id.name or '',
            left=amounts[0],
            what=tax,
            amount=amounts[1],
        )

    def _get_tax_excess(self, origin, credits):
        """Lines that credit no line take no more of a tax than is left of it on the invoice."""
        free = self._get_tax_units(origin, is_free_only=True)
        if not free:
            return []
        own = self._get_tax_units(origin)
        left = origin._get_tax_units(origin)
        for credit in credits:
            for tax, units in credit._get_tax_units(origin).items():
                left[tax] -= units
        return [
            self._get_tax_sentence(origin, tax, left[tax], own[tax])
            for tax in free
            if free[tax] and not is_between(own[tax], left[tax])
        ]

    def _get_tax_sentence(self, origin, tax, left, units):
        left, amount = (
            formatLang(self.env, origin._get_amount(each), currency_obj=origin.currency_id)
            for each in (left, units)
        )
        return self.env._(
            'Of the tax "%(tax)s" of %(invoice)s, %(left)s can still be credited, not %(amount)s.',
            tax=self.env['account.tax'].browse(tax).name,
            invoice=origin.display_name,
            left=left,
            amount=amount,
        )

    def _get_tax_units(self, origin, is_free_only=False):
        """The taxes of this document, as far as it counts for an invoice, in units.

        :param origin: the invoice, which may be this document
        :param bool is_free_only: whether only lines count that credit no line
        :return: dictionary of the ids of taxes to amounts in the invoice's currency
        """
        units = defaultdict(int)
        if self.currency_id != origin.currency_id:
            return units
        for line, taken in self._get_figures_by_line():
            credited = line.credited_line_id
            if is_free_only and credited:
                continue
            # They take off what was given before, and give nothing themselves.
            is_off = is_free_only and line.credit_kind in ('discount', 'deduction')
            if (credited.move_id or self.reversed_entry_id or self) != origin:
                continue
            for (tax, name), amount in taken.figures.items():
                if tax and name == 'tax_amount_currency' and not (is_off and amount <= 0):
                    units[tax] += amount
        return units

    def _get_total_excess(self, origin, credits, total):
        left = origin._get_creditable_amount(credits)
        if self.currency_id.compare_amounts(total, max(left, 0.0)) <= 0:
            return []

        def text(amount):
            return formatLang(self.env, amount, currency_obj=self.currency_id)

        if not credits:
            return [
                self.env._(
                    'Of %(invoice)s, %(left)s can still be credited, not %(total)s.',
                    invoice=origin.display_name,
                    left=text(left),
                    total=text(total),
                )
            ]
        return [
            self.env._(
                'Of %(invoice)s, %(left)s can still be credited after %(credits)s, not %(total)s.',
                invoice=origin.display_name,
                left=text(left),
                credits=', '.join(credits.mapped('display_name')),
                total=text(total),
            )
        ]
