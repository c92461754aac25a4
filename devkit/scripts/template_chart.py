"""Run in the host's shell: put the main company on the chart of accounts $CHART."""
# ruff: noqa: F821 `env` is the shell's

import os

code = os.environ['CHART']
company = env.ref('base.main_company')
mapping = env['account.chart.template']._get_chart_template_mapping(get_all=True)[code]
if country_id := mapping.get('country_id'):
    company.country_id = country_id
if company.chart_template != code:
    env['account.chart.template'].try_loading(code, company)
assert company.chart_template == code, f'the company is on {company.chart_template}, not {code}'
env.cr.commit()
