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
    uses = {
        'account.journal': ('account.move', 'journal_id'),
        'account.account': ('account.move.line', 'account_id'),
        'product.product': ('account.move.line', 'product_id'),
        'credit.posting.rule': ('account.move', 'credit_posting_rule_id'),
    }
    for model, (user_model, name) in uses.items():
        made = env['ir.model.data'].search([
            ('module', '=', 'credit_invoice_settle'),
            ('model', '=', model),
        ])
        users = env[user_model].with_context(active_test=False)
        used = {
            record.id
            for (record,) in users._read_group([(name, 'in', made.mapped('res_id'))], [name])
        }
        made.filtered(lambda data, used=used: data.res_id in used).unlink()
