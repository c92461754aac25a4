from freezegun import freeze_time

from odoo.service.model import call_kw
from odoo.tests import tagged

# The module: the tests of a class that is imported by its name would run here, too.
from odoo.addons.credit_invoice.tests.posting import test_rights
from odoo.addons.credit_invoice.tests.posting.test_rights import APPROVERS, READERS, Row

MATRIX = [
    Row('open_window', APPROVERS, ('draft', 'action_approve_credits')),
    Row('approve', APPROVERS),
    Row('approve_in_window', APPROVERS),
    Row('create_and_approve', APPROVERS, ('dialog', 'action_create_and_approve')),
    Row('settle', APPROVERS, ('kept', 'action_approve_credits')),
    Row('refund', APPROVERS),
    Row('undo_settlement', APPROVERS, ('settlement', 'action_undo')),
    Row('write_settlement', set()),
    Row('see_settlements', READERS),
]


@tagged('post_install', '-at_install')
@freeze_time('2026-03-10')
class TestSettleRights(test_rights.RightsCommon):
    """Approving, settling and refunding by everybody, in the view and over RPC."""

    matrix = MATRIX

    @classmethod
    def make_documents(cls):
        super().make_documents()
        paid = cls.make_invoice(lines=[(1, 40)])
        cls.pay(cls, paid)
        cls.kept = cls.make_credit(paid, post=True)
        cls.settlement = cls.posted.credit_settlement_ids

    def do_open_window(self, env):
        self.rpc(env, self.draft, 'action_approve_credits')

    def do_approve(self, env):
        self.rpc(env, self.draft, 'approve_credits')
        self.assertEqual(self.draft.state, 'posted')

    def do_approve_in_window(self, env):
        window = self.rpc_create(env, 'credit.approve.wizard', {}, default_move_ids=self.draft.ids)
        self.rpc(env, window, 'action_approve')

    def do_create_and_approve(self, env):
        self.rpc(env, self.open_dialog_over_rpc(env), 'action_create_and_approve')

    def do_settle(self, env):
        ids = [self.kept.ids]
        uses = [(self.invoice.id, 5.0)]
        choice = {'settlement': 'chosen', 'uses': uses}
        call_kw(self.kept.with_env(env), 'approve_credits', ids, choice)
        self.assertEqual(self.invoice.amount_residual, self.invoice.amount_total - 5.0)

    def do_refund(self, env):
        ids = [self.kept.ids]
        call_kw(self.kept.with_env(env), 'approve_credits', ids, {'settlement': 'refund'})
        self.assertEqual(self.kept.amount_residual, 0.0)

    def do_undo_settlement(self, env):
        self.rpc(env, self.settlement, 'action_undo')

    def do_write_settlement(self, env):
        self.rpc(env, self.settlement, 'write', {'description': 'Nothing'})

    def do_see_settlements(self, env):
        call_kw(env['credit.settlement'], 'search_read', [[]], {})

    def test_ts01_everybody_may_settle_what_they_may_and_nothing_else(self):
        self.check_who_may()

    def test_ts01_everybody_sees_what_they_may_settle_and_nothing_else(self):
        self.check_who_sees()

    def test_ts01_nobody_settles_in_another_company(self):
        self.check_another_company(without=['see_settlements'])
