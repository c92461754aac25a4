{
    'name': 'Credit Invoice: Files',
    'summary': 'Export invoices and credits to programs that take files, and read what they answer',
    'version': '19.0.1.0.0',
    'category': 'Accounting/Accounting',
    'author': 'Credit Invoice contributors',
    'license': 'LGPL-3',
    'depends': ['credit_invoice'],
    'auto_install': True,
    'data': [
        'security/credit_export_batch_security.xml',
        'security/ir.model.access.csv',
        'views/credit_export_batch_views.xml',
        'views/credit_export_record_views.xml',
        'views/credit_export_system_views.xml',
        'views/credit_export_menus.xml',
        'wizards/credit_export_acknowledgement_views.xml',
    ],
}
