"""What a method of ours returns to the client: every window, notice and reload is made here.

A client that gets an action as the `next` of a notice takes it as it is, and needs its `views`.
The host completes them only in what a button itself returns.
"""


def open_records(records, name, **changes):
    """Open documents: the only one in its form, several in a list.

    :param records: recordset of any model; may be empty
    :param str name: title of the window or list
    :param changes: further keys of the action, as `context` or `target`
    :rtype: dict
    """
    context = {'create': False}
    if records._name == 'account.move':
        types = set(records.sudo().mapped('move_type'))
        if len(types) == 1:
            # As the host's menus: columns and filters of the list depend on it.
            context['default_move_type'] = types.pop()
    action = {
        'type': 'ir.actions.act_window',
        'name': name,
        'res_model': records._name,
        'context': context,
    }
    if len(records) == 1:
        action |= {'view_mode': 'form', 'views': [(False, 'form')], 'res_id': records.id}
    else:
        action |= {
            'view_mode': 'list,form',
            'views': [(False, 'list'), (False, 'form')],
            'domain': [('id', 'in', records.ids)],
        }
    return {**action, **changes}


def open_window(records, name, **changes):
    """Open a window over the page: that of one record, or of a new one of the model.

    :param records: the record to show, or an empty recordset of the model
    :param str name: title of the window
    :param changes: further keys of the action, as `context`
    :rtype: dict
    """
    return {
        'type': 'ir.actions.act_window',
        'name': name,
        'res_model': records._name,
        'res_id': records.id,
        'view_mode': 'form',
        'views': [(False, 'form')],
        'target': 'new',
        **changes,
    }


def open_action(env, xml_id, **changes):
    """Open a window action that is in the database, as consultants may have changed it.

    :param env: environment
    :param str xml_id: its external id, with the module
    :param changes: keys of the action that are other ones now
    :rtype: dict
    """
    return {**env['ir.actions.act_window']._for_xml_id(xml_id), **changes}


def notify(message, *, kind='success', is_sticky=False, then=None, **params):
    """Show a notice.

    :param str message: its text
    :param str kind: `success`, `warning`, `danger` or `info`
    :param bool is_sticky: whether it stays until it is closed
    :param dict then: the action that follows, if any
    :param params: further parameters of the host's `display_notification`
    :rtype: dict
    """
    params = {'message': message, 'type': kind, 'sticky': is_sticky, **params}
    if then:
        params['next'] = then
    return {'type': 'ir.actions.client', 'tag': 'display_notification', 'params': params}


def close_window():
    """Close the window, and show the page under it with what has changed on it.

    What a button of a page returns this way shows the page anew, too.

    :rtype: dict
    """
    return {'type': 'ir.actions.act_window_close'}


def reload_page():
    """Show the page anew, with what has changed on it.

    :rtype: dict
    """
    return {'type': 'ir.actions.client', 'tag': 'soft_reload'}


def open_import(model, name):
    """Open the host's import of a file.

    :param str model: what the rows of the file become
    :param str name: title of the page
    :rtype: dict
    """
    return {
        'type': 'ir.actions.client',
        'tag': 'import',
        'name': name,
        'params': {'active_model': model, 'context': {}},
    }
