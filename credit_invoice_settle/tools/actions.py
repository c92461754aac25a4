"""Notices of what was settled, from which it can be undone.

As `tools/actions.py` of `credit_invoice`: what a method returns to the client is made here.
"""


def notify_with_undo(message, settlements, *, then, kind='success', is_sticky=False):
    """Show what was settled, after the page shows it, with an *Undo* as long as the notice stands.

    Without anything to undo it is a plain notice.

    :param str message: its text
    :param settlements: recordset of `credit.settlement`, all of which *Undo* takes back
    :param dict then: the action that shows the page, before the notice
    :param str kind: as of `notify`
    :param bool is_sticky: as of `notify`
    :rtype: dict
    """
    undoable = settlements.filtered('can_be_undone')
    params = {'message': message, 'type': kind, 'sticky': is_sticky, 'next': then}
    if undoable:
        params |= {
            'settlement_ids': undoable.ids,
            'undo_label': settlements.env._('Undo'),
            'undo_note': undoable._get_undo_note(),
        }
    return {'type': 'ir.actions.client', 'tag': 'credit_settlement_notice', 'params': params}
