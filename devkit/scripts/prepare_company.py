"""Run in the host's shell: make the company that classes of tests would else make, each anew."""
# ruff: noqa: F821 `env` is the shell's

import os

company = env['res.company'].create({'name': 'Prepared Company'})
env['account.chart.template'].try_loading('generic_coa', company, install_demo=False)
module, name = os.environ['XML_ID'].split('.')
env['ir.model.data'].create({
    'module': module,
    'name': name,
    'model': 'res.company',
    'res_id': company.id,
    'noupdate': True,
})
env.cr.commit()
