from odoo.addons.credit_invoice.hooks import leave_what_is_used


def post_init_hook(env):
    """Give each company with a chart of accounts its default posting rule.

    Companies whose chart is loaded later get theirs with it, see `account.chart.template`. What is
    made has external ids of this module, so that uninstalling it takes away what was never used.
    """
    companies = env['res.company'].search([('chart_template', '!=', False)])
    for company in companies.filtered(lambda company: not company.parent_id):
        env['credit.posting.rule']._ensure_refund_setup(company)


def uninstall_hook(env):
    """Leave the journals, accounts, products and rules that documents use; matches and payments
    stay as they are.
    """
    leave_what_is_used(env, 'credit_invoice_settle')
