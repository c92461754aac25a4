"""What the web client asks for when it opens a view."""

from lxml import etree

ALWAYS = ('1', 'True')


def get_spec(env, model, view_type, view=None):
    """The specification with which the web client reads the fields of a view.

    It is made of the view as the user gets it, add-ons included, as by `getFieldsSpec` in
    `web/static/src/model/relational_model/utils.js`.

    :param view: external id of the view, the model's default one if none
    """
    views = env[model].get_views([(view and env.ref(view).id, view_type)])
    return _get_arch_spec(env[model], etree.fromstring(views['views'][view_type]['arch']))


def _get_arch_spec(model, arch):
    spec = {'id': {}}
    depth = sum(1 for _field in arch.iterancestors('field'))
    for node in arch.xpath(f'.//field[count(ancestor::field) = {depth}]'):
        field = model._fields[node.get('name')]
        field_spec = _get_field_spec(model, field, node)
        # A field that stands twice is invisible only if it is so at both places.
        if field.name not in spec or field_spec.get('fields'):
            spec[field.name] = field_spec
    return spec


def _get_field_spec(model, field, node):
    is_invisible = any(node.get(name) in ALWAYS for name in ('invisible', 'column_invisible'))
    if field.type == 'many2one':
        return {'fields': {} if is_invisible else {'display_name': {}}}
    if field.type not in ('one2many', 'many2many') or is_invisible:
        return {}
    lines = next(node.iterchildren('list', 'kanban'), None)
    if lines is None:
        return {'fields': {'display_name': {}}}
    return {
        'fields': _get_arch_spec(model.env[field.comodel_name], lines),
        'limit': int(lines.get('limit', 40)),
    }
