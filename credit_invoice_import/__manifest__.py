{
    'name': 'Credit Invoice: Import',
    'summary': 'Credit invoices from a spreadsheet: number, line, quantity or amount, and reason',
    'version': '19.0.1.0.0',
    'category': 'Accounting/Accounting',
    'author': 'Credit Invoice contributors',
    'license': 'LGPL-3',
    'depends': ['credit_invoice', 'base_import'],
    'auto_install': True,
    'data': [
        'security/credit_import_line_security.xml',
        'security/ir.model.access.csv',
        'views/credit_import_line_views.xml',
    ],
}
