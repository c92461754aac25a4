"""Run in the host's shell: load the demonstration data of $ADDONS, of nothing else.

The host itself loads a module's only where all modules below have theirs.
"""
# ruff: noqa: F821 `env` is the shell's

import os

from odoo.modules.loading import load_data
from odoo.modules.module_graph import ModuleGraph

names = os.environ['ADDONS'].split(',')
graph = ModuleGraph(env.cr, mode='load')
graph.extend(env['ir.module.module'].search([('state', '=', 'installed')]).mapped('name'))
for package in graph:
    if package.name in names:
        load_data(env(su=True), {}, 'init', kind='demo', package=package)
env.cr.commit()

# Else the first pages that a person opens take half a minute.
BUNDLES = ('web.assets_web', 'web.assets_frontend', 'web.assets_frontend_minimal')
for name in BUNDLES:
    bundle = env['ir.qweb']._get_asset_bundle(name, css=True, js=True)
    bundle.css()
    bundle.js()
env.cr.commit()
