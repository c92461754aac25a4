from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError
from odoo.service.model import call_kw
from odoo.tests import new_test_user, tagged

from ..common import CreditCommon

APPROVE = 'credit_invoice.group_credit_approve'
# Nothing asks for these yet, or they come and go by themselves: no form offers them.
NOT_OFFERED = {
    'credit_invoice.group_credit_write_off',
    'credit_invoice.group_credit_restore',
    'credit_invoice.group_credit_export_shown',
}


@tagged('post_install', '-at_install')
@freeze_time('2026-03-10')
class TestUserRights(CreditCommon):
    """Rights are given and taken on the form of a user, one by one (ts01)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.make_person('other_clerk', 'account.group_account_invoice')
        cls.approve = cls.env.ref(APPROVE).sudo()
        hierarchy = cls.env['res.groups'].sudo()._get_view_group_hierarchy()
        cls.groups, cls.privileges = hierarchy['groups'], hierarchy['privileges']
        cls.categories = hierarchy['categories']

    def get_our_groups(self):
        """Our groups, by external id."""
        data = self.env['ir.model.data'].sudo()
        ours = data.search([('module', '=', 'credit_invoice'), ('model', '=', 'res.groups')])
        return {record.complete_name: record.res_id for record in ours}

    def let_only_some_approve(self):
        """What an administrator does in the settings."""
        settings = self.env['res.config.settings'].sudo().create({'group_credit_approve': False})
        settings.execute()

    def get_boxes(self, user):
        """What the form of a user shows.

        :return: {id of a privilege: id of the group that is chosen there}
        """
        chosen = {}
        for privilege in self.privileges.values():
            groups = [group for group in privilege['group_ids'] if group in user.group_ids.ids]
            if groups:
                chosen[privilege['id']] = groups[-1]
        return chosen

    def save_boxes(self, user, boxes):
        """Save the form of a user, as the client does: with what the boxes show, and no more."""
        extra = [gid for gid in user.group_ids.ids if not self.groups[gid]['privilege_id']]
        user.sudo().write({'group_ids': [Command.set([*boxes.values(), *extra])]})

    def test_ts01_each_box_holds_rights_that_include_each_other(self):
        for name, group_id in self.get_our_groups().items():
            privilege = self.privileges.get(self.groups[group_id]['privilege_id'])
            if name in NOT_OFFERED:
                self.assertFalse(privilege, name)
                continue
            levels = privilege['group_ids']
            for lower, higher in zip(levels, levels[1:], strict=False):
                self.assertIn(lower, self.groups[higher]['all_implied_ids'], privilege['name'])

    def test_ts01_each_right_is_explained_on_the_form(self):
        for name, group_id in self.get_our_groups().items():
            self.assertRegex(self.groups[group_id]['comment'] or '', r'^\w.*\.$', name)

    def test_ts01_the_rights_stand_together_on_the_form(self):
        category = self.env.ref('credit_invoice.module_category_customer_credits')
        shown = next(row for row in self.categories if row['id'] == category.id)
        ours = {
            self.groups[group_id]['privilege_id'] for group_id in self.get_our_groups().values()
        }
        self.assertEqual(set(shown['privilege_ids']), ours - {False})
        self.assertEqual(len(shown['privilege_ids']), 7)

    def test_ts01_several_rights_of_one_person_survive_saving_the_form(self):
        rights = self.env['res.groups']
        drafts = {'credit_invoice.group_credit_draft'}
        for name in set(self.get_our_groups()) - NOT_OFFERED - drafts:
            rights += self.env.ref(name)
        self.other.sudo().group_ids += rights
        before = self.other.group_ids
        self.save_boxes(self.other, self.get_boxes(self.other))
        self.assertEqual(self.other.group_ids, before)

    def test_ts01_everybody_keeps_the_right_when_it_is_no_longer_everybodys(self):
        self.assertNotIn(self.approve, self.clerk.group_ids)
        self.let_only_some_approve()
        self.assertIn(self.approve, self.clerk.group_ids)
        self.assertTrue(self.clerk.has_group(APPROVE))
        self.assertTrue(self.env.ref('base.user_admin').sudo().has_group(APPROVE))
        newcomer = new_test_user(
            self.env(su=True), login='newcomer', groups='account.group_account_invoice'
        )
        self.assertFalse(newcomer.has_group(APPROVE))

    def test_ts01_approving_is_taken_from_one_clerk(self):
        self.let_only_some_approve()
        boxes = self.get_boxes(self.clerk)
        del boxes[self.approve.privilege_id.id]
        self.save_boxes(self.clerk, boxes)
        draft = self.make_credit(self.make_invoice())
        with self.assertRaisesRegex(AccessError, 'Approve credits'), self.cr.savepoint():
            call_kw(draft.with_user(self.clerk), 'action_post', [draft.ids], {})
        self.assertEqual(draft.state, 'draft')
        call_kw(draft.with_user(self.other), 'action_post', [draft.ids], {})
        self.assertEqual(draft.state, 'posted')

    def test_ts01_the_settings_make_it_everybodys_again(self):
        self.let_only_some_approve()
        settings = self.env['res.config.settings'].sudo().create({})
        self.assertFalse(settings.group_credit_approve)
        self.clerk.sudo().group_ids -= self.approve
        self.assertFalse(self.clerk.has_group(APPROVE))
        settings.group_credit_approve = True
        settings.execute()
        self.assertTrue(self.clerk.has_group(APPROVE))

    def test_ts01_saving_other_settings_changes_no_rights(self):
        before = self.clerk.group_ids
        settings = self.env['res.config.settings'].sudo().create({'credit_rate': 'date'})
        self.assertTrue(settings.group_credit_approve)
        settings.execute()
        self.assertEqual(self.clerk.group_ids, before)
        self.assertTrue(self.clerk.has_group(APPROVE))
