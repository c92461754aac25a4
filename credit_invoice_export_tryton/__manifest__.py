{
    'name': 'Credit Invoice: Tryton',
    'summary': 'Export invoices and credits to Tryton, and apply the credits there',
    'version': '19.0.1.0.0',
    'category': 'Accounting/Accounting',
    'author': 'Credit Invoice contributors',
    'license': 'LGPL-3',
    'depends': ['credit_invoice'],
    'data': ['views/credit_export_system_views.xml'],
}
