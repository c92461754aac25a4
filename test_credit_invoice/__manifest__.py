{
    'name': 'Test: Credit Invoice Among Other Add-ons',
    'summary': 'Fakes that Credit Invoice must get along with, and a small customisation of it',
    'version': '19.0.1.0.0',
    'category': 'Hidden/Tests',
    'author': 'Credit Invoice contributors',
    'license': 'LGPL-3',
    'depends': ['credit_invoice', 'test_credit_invoice_before'],
    'data': [
        'views/account_move_views.xml',
        'views/account_move_reversal_views.xml',
    ],
}
