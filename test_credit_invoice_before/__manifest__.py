{
    'name': 'Test: Localisation Loaded Before Credit Invoice',
    'summary': 'A fake localisation that Credit Invoice finds below itself',
    'version': '19.0.1.0.0',
    'category': 'Hidden/Tests',
    'author': 'Credit Invoice contributors',
    'license': 'LGPL-3',
    # Only this: the host loads a module whose name begins with `test_` right after the last of its
    # dependencies, so before Credit Invoice.
    'depends': ['account'],
    'data': ['views/account_move_reversal_views.xml'],
}
