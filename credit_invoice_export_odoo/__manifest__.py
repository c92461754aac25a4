{
    'name': 'Credit Invoice: Export to Another Odoo',
    'summary': 'Keep the books in another Odoo: invoices, credits and payments are exported to it',
    'version': '19.0.1.0.0',
    'category': 'Accounting/Accounting',
    'author': 'Credit Invoice contributors',
    'license': 'LGPL-3',
    'depends': ['credit_invoice'],
    'data': ['views/credit_export_system_views.xml'],
}
