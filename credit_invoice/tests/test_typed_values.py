from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import UserError
from odoo.models import MAGIC_COLUMNS
from odoo.service.model import call_kw
from odoo.tests import new_test_user, tagged

from .common import CreditCommon

NO_NUMBERS = (float('nan'), float('inf'), 'ten', [1], {'a': 1})
# What nobody can mean, by the type of the field.
BAD_VALUES = {
    'integer': (*NO_NUMBERS, 2**40),
    'float': NO_NUMBERS,
    'monetary': NO_NUMBERS,
    'char': ('a\x00b', '\ud800', 'long' * 10**5),
    'text': ('a\x00b', '\ud800'),
    'html': ('a\x00b', '\ud800'),
    'selection': ('nonsense', 5, ['x']),
    'date': ('yesterday', 'a\x00b', 5, [1]),
    'datetime': ('yesterday', 5),
    'many2one': ('x', 2**40, [1]),
    'one2many': ('x', 5, ['x'], [[9, 9, 9]]),
    'many2many': ('x', 5, ['x'], [[9, 9, 9]], [2**40]),
    'binary': (5, ['x']),
}

# Into documents of the host, our fields take texts and numbers that people type.
TYPED_MODELS = ('account.move', 'account.move.line', 'account.move.reversal')
TYPED_TYPES = ('integer', 'float', 'monetary', 'char', 'text', 'html')


@tagged('post_install', '-at_install')
class TestTypedValues(CreditCommon):
    """What a program sends into any field of ours is taken, or refused in a sentence."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.draft = cls.make_credit(cls.make_invoice())
        cls.draft.flush_recordset()
        person = new_test_user(
            cls.env(su=True),
            login='credit_of_all_rights',
            groups='account.group_account_manager,base.group_system,'
            'credit_invoice.group_credit_approve,credit_invoice.group_credit_exceed,'
            'credit_invoice.group_credit_number,credit_invoice.group_credit_export_difference',
            company_id=cls.env.company.id,
            company_ids=[Command.set(cls.env.company.ids)],
        )
        cls.env = cls.env(user=person)

    def find_models(self):
        """The models with fields of the add-ons in which this person can make records.

        :return: dictionary of models to their fields
        """
        found = {}
        for name in self.env.registry:
            model = self.env[name]
            is_own = model._original_module.startswith('credit_')
            is_typed = is_own or name in TYPED_MODELS
            if not is_typed or model._abstract or not model.has_access('create'):
                continue
            found[model] = [
                field
                for field in model._fields.values()
                if field.name not in MAGIC_COLUMNS
                and field._modules
                and field._modules[0].startswith('credit_')
                and (field.store or field.inverse)
                and model._has_field_access(field, 'write')
                and (is_own or (not field.readonly and field.type in TYPED_TYPES))
            ]
        self.assertGreater(len(found), 10)
        return found

    def try_call(self, model, method, args):
        """What is raised that is no sentence, or nothing."""
        try:
            with self.cr.savepoint():
                call_kw(model, method, args, {})
                self.env.flush_all()
        # The host makes a sentence of what a constraint of the database refuses.
        except (UserError, IntegrityError):
            return None
        except Exception as error:  # noqa: BLE001, it is what this test is about
            return f'{type(error).__name__}: {str(error)[:120]}'
        finally:
            self.env.invalidate_all(flush=False)
            self.env.cr.clear()
        return None

    def get_base(self, model):
        values = {
            'account.move': {'move_type': 'out_refund', 'partner_id': self.partner_a.id},
            'account.move.line': {'move_id': self.draft.id, 'name': 'Work'},
        }
        return values.get(model._name, {})

    def assertSentences(self, method, prepare):
        raw = []
        for model, fields in self.find_models().items():
            if method == 'onchange' and model._name in ('account.move', 'account.move.line'):
                continue  # the forms of the host
            for field in fields:
                for value in BAD_VALUES.get(field.type, ()):
                    error = self.try_call(model, method, prepare(model, field.name, value))
                    if error:
                        raw.append(f'{model._name}.{field.name} = {str(value)[:20]!r}: {error}')
        self.assertFalse(raw, f'{len(raw)} of them:\n' + '\n'.join(raw))

    def test_l8_what_cannot_be_meant_is_no_value_of_a_new_record(self):
        self.assertSentences(
            'create', lambda model, name, value: [[{**self.get_base(model), name: value}]]
        )

    def test_l8_what_cannot_be_meant_is_typed_into_no_form(self):
        self.assertSentences(
            'onchange',
            lambda model, name, value: [
                [],
                {**self.get_base(model), name: value},
                [name],
                {name: {}},
            ],
        )

    def test_l8_no_default_is_what_cannot_be_meant(self):
        raw = []
        for model, fields in self.find_models().items():
            if not model._original_module.startswith('credit_'):
                continue
            for field in fields:
                for value in BAD_VALUES.get(field.type, ())[:2]:
                    with_default = model.with_context(**{f'default_{field.name}': value})
                    error = self.try_call(with_default, 'create', [[self.get_base(model)]])
                    if error:
                        raw.append(f'{model._name}.{field.name} = {str(value)[:20]!r}: {error}')
        self.assertFalse(raw, f'{len(raw)} of them:\n' + '\n'.join(raw))
