{
    'name': 'Credit Invoice',
    'summary': 'Credit a customer invoice in one click, mirrored to the cent and linked both ways',
    'version': '19.0.1.0.0',
    'category': 'Accounting/Accounting',
    'author': 'Credit Invoice contributors',
    'license': 'LGPL-3',
    'depends': ['account'],
    'data': [
        'security/ir.model.access.csv',
        'views/account_move_views.xml',
        'views/res_config_settings_views.xml',
        'wizards/account_move_reversal_views.xml',
        'wizards/credit_link_wizard_views.xml',
        'data/account_move_action_data.xml',
        'report/report_invoice.xml',
    ],
    'assets': {
        'web.assets_backend': ['credit_invoice/static/src/**/*'],
    },
    'installable': True,
    'application': True,
}
