from odoo import fields, models


class ResCompany(models.Model):
    _inherit = 'res.company'

    credit_rate = fields.Selection(
        selection=[
            ('origin', "The invoice's rate"),
            ('date', "The rate of the credit note's date"),
        ],
        string='Currency Rate',
        default='origin',
        required=True,
        help='At the rate of the invoice, a full credit leaves no exchange difference.',
        groups='base.group_user',
    )
    credit_title = fields.Selection(
        selection=[
            ('country', 'As usual in the country'),
            ('credit_note', 'Credit Note'),
            ('credit_memo', 'Credit Memo'),
        ],
        string='Title on Paper',
        default='country',
        required=True,
        groups='base.group_user',
    )
    credit_limit_policy = fields.Selection(
        selection=[
            ('block', 'Block'),
            ('warn', 'Warn'),
            ('allow', 'Allow'),
        ],
        string='Credit Notes Above the Invoice',
        default='block',
        required=True,
        help='What happens when a credit note takes more than can still be credited of its '
        'invoice.',
        groups='base.group_user',
    )
    credit_without_origin = fields.Selection(
        selection=[
            ('allow', 'Allow'),
            ('refuse', 'Refuse'),
        ],
        string='Credit Notes Without Invoice',
        default='allow',
        required=True,
        help='Whether a credit note that names no invoice can be posted. It can be linked '
        'afterwards.',
        groups='base.group_user',
    )

    def _is_credit_memo(self):
        """Whether this company's credits are called *Credit Memo* on paper (decision 23).

        :return: True where the company chose it, or where its country is the United States
        """
        self.ensure_one()
        if self.credit_title == 'country':
            return self.account_fiscal_country_id.code == 'US'
        return self.credit_title == 'credit_memo'

    def _get_credit_policy_company(self):
        """The company whose credit policies count: branches follow their root company.

        :return: with elevated rights, as people of a branch alone may not read its root
        """
        return self.sudo().root_id
