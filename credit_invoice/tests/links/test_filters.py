from ast import literal_eval
from collections import namedtuple
from itertools import count

from lxml import etree

from odoo import Command, fields
from odoo.fields import Domain
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from ..common import CreditCommon

Filter = namedtuple('Filter', 'name group domain')


class SearchView:
    """The filters of a search view in groups, as the web client makes them.

    See `web/static/src/search/search_arch_parser.js`: filters that follow each other without a
    separator are one group, of which any may hold; the groups hold together.
    """

    def __init__(self, arch, context, uid):
        self.context, self.uid = context, uid
        self.groups, self.group, self.tag = count(1), 0, None
        self.filters = {}
        self._visit(etree.fromstring(arch))
        self.defaults = [
            item for item in self.filters.values() if context.get(f'search_default_{item.name}')
        ]

    def _begin(self, tag=None):
        self.group, self.tag = next(self.groups), tag

    def _visit(self, node):
        for child in node:
            if child.tag in ('separator', 'field'):
                self._begin(child.tag)
            elif child.tag == 'group':
                self._begin()
                self._visit(child)
                self._begin()
            elif child.tag == 'filter':
                self._visit_filter(child)

    def _visit_filter(self, node):
        is_group_by = 'group_by' in safe_eval(
            node.get('context', '{}'), {'uid': self.uid, 'context': self.context}
        )
        tag = 'groupBy' if is_group_by else 'filter'
        if tag != self.tag:
            self._begin(tag)
        hidden = safe_eval(node.get('invisible', 'False'), {'context': self.context})
        if not is_group_by and not node.get('date') and not hidden:
            domain = safe_eval(node.get('domain', '[]'), {'uid': self.uid})
            self.filters[node.get('name')] = Filter(node.get('name'), self.group, Domain(domain))

    def get_domain(self, *chosen):
        """What is searched for with the default filters and the chosen ones."""
        groups = {}
        for item in {*self.defaults, *chosen}:
            groups.setdefault(item.group, []).append(item.domain)
        return Domain.AND(Domain.OR(domains) for domains in groups.values())

    def is_alternative(self, item):
        """Whether a filter asks for another value of what a default filter asks for."""
        peers = [default for default in self.defaults if default.group == item.group]
        names = {condition.field_expr for condition in item.domain.iter_conditions()}
        return any(
            names <= {condition.field_expr for condition in peer.domain.iter_conditions()}
            for peer in peers
        )


@tagged('post_install', '-at_install')
class TestFilters(CreditCommon):
    """Every filter of ours, in every menu where it stands, narrows what is shown."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reader = cls.env['ir.ui.view'].sudo().env

    # === WHAT THERE IS === #

    def get_own_filters(self):
        """The names of the filters of ours, for each search view that they stand in.

        :return: dictionary: the view that is not inherited -> set of names
        """
        data = self.reader['ir.model.data'].search([
            ('model', '=', 'ir.ui.view'),
            ('module', '=like', 'credit_invoice%'),
        ])
        views = self.reader['ir.ui.view'].browse(data.mapped('res_id')).exists()
        names = {}
        for view in views.filtered(lambda view: view.type == 'search'):
            root = view
            while root.inherit_id:
                root = root.inherit_id
            nodes = etree.fromstring(view.arch_db).iter('filter')
            own = {node.get('name') for node in nodes if not node.get('position')}
            names.setdefault(root, set()).update(own)
        return names

    def get_menus(self, root):
        """The windows behind menus and their tabs that search with a view, or one made from it."""
        menus = self.reader['ir.ui.menu'].search([('action', '!=', False)])
        actions = self.reader['ir.actions.act_window'].browse(
            menu.action.id for menu in menus if menu.action._name == 'ir.actions.act_window'
        )
        for action in actions.exists().filtered(lambda action: action.res_model == root.model):
            view = action.search_view_id
            if not view:
                view = view.browse(view.default_view(root.model, 'search'))
            if view == root or root in self.get_ancestors(view):
                yield action, view

    def get_ancestors(self, view):
        ancestors = view.browse()
        while view.inherit_id:
            view = view.inherit_id
            ancestors |= view
        return ancestors

    def iter_filters(self):
        """Every filter of ours that is offered: (its window, its search view, the filter)."""
        for root, names in self.get_own_filters().items():
            for action, view in self.get_menus(root):
                context = safe_eval(
                    action.context, {'uid': self.env.uid, 'active_id': 0, 'active_ids': []}
                )
                arch = self.reader[root.model].get_view(view.id, 'search')['arch']
                search = SearchView(arch, context, self.env.uid)
                for name in sorted(names & search.filters.keys()):
                    yield action, search, search.filters[name]

    def find(self, action, domain):
        window = Domain(literal_eval(action.domain or '[]'))
        context = literal_eval(action.context or '{}')
        model = self.reader[action.res_model].with_context(**context)
        return model.search(window & domain)

    # === DOCUMENTS FOR EACH === #

    def make_documents(self):
        """One document at least for every filter of documents, beside some that are plain."""
        self.env.company.sudo().credit_limit_policy = 'allow'
        partly, over, reserved, settled = (self.make_invoice() for _i in range(4))
        self.make_invoice(post=False)
        self.make_credit(settled, post=True)
        credit = self.make_credit(partly)
        credit.invoice_line_ids[0].quantity = 1
        credit.action_post()
        credit = self.make_credit(over)
        credit.invoice_line_ids[0].quantity = 30
        credit.action_post()
        self.make_credit(reserved)
        waiting = self.make_credit(self.make_invoice())
        waiting.sudo()._without_credit_edit().credit_request_user_id = self.clerk
        self.make_invoice().invalidate_invoice('Twice', not_handed_over=True)
        self.make_old(self.make_invoice(post=False) | self.make_credit(self.make_invoice()))
        self.make_free_credit()
        self.make_free_credit().action_post()
        self.env.flush_all()

    def make_free_credit(self):
        return self.Move.create({
            'move_type': 'out_refund',
            'partner_id': self.partner_a.id,
            'invoice_date': '2026-01-20',
            'invoice_line_ids': [Command.create({'name': 'Goodwill', 'price_unit': 5})],
        })

    def make_old(self, moves):
        self.env.flush_all()
        self.env.cr.execute(
            'UPDATE account_move SET create_date = %s WHERE id IN %s',
            (fields.Datetime.subtract(fields.Datetime.now(), days=9), tuple(moves.ids)),
        )

    # === THE TESTS === #

    def test_ag05_every_filter_of_documents_finds_some_and_not_all_where_it_stands(self):
        self.make_documents()
        seen = set()
        for action, search, item in self.iter_filters():
            if action.res_model != 'account.move' or item.name.startswith('export_'):
                continue
            with self.subTest(menu=action.display_name, id=action.xml_id, filter=item.name):
                seen.add(item.name)
                before = self.find(action, search.get_domain())
                after = self.find(action, search.get_domain(item))
                self.assertTrue(after, 'finds nothing')
                self.assertLess(set(after.ids), set(before.ids), 'does not narrow')
        self.assertIn('partly_credited', seen)
        self.assertIn('credits_to_approve', seen)

    def test_ag05_every_filter_of_ours_stands_in_a_group_that_is_not_open_already(self):
        """A filter in a group of which one is on by default shows more, never less."""
        seen = set()
        for action, search, item in self.iter_filters():
            if item in search.defaults or search.is_alternative(item):
                continue
            with self.subTest(menu=action.display_name, id=action.xml_id, filter=item.name):
                seen.add(action.res_model)
                peers = [peer.name for peer in search.defaults if peer.group == item.group]
                self.assertFalse(peers, 'any of them holds: it narrows nothing')
                self.find(action, search.get_domain(item))
        self.assertGreater(len(seen), 5)
