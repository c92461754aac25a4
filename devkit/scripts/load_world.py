"""Run in the host's shell: make a company for each chart of accounts of $CHARTS, named like it."""
# ruff: noqa: F821 `env` is the shell's

import os

charts = env['account.chart.template']
for code in os.environ['CHARTS'].split(','):
    mapping = charts._get_chart_template_mapping(get_all=True)[code]
    company = env['res.company'].create({'name': code, 'country_id': mapping.get('country_id')})
    charts.try_loading(code, company)
    assert company.chart_template == code, f'{code} is on {company.chart_template}'
env.cr.commit()
