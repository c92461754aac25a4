from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ...tools.actions import notify, reload_page
from ...tools.credentials import mask
from ...tools.export_contract import Connection, ExportError


class CreditExportSystem(models.Model):
    """How a system is reached: its connector, what that is given, and what is tried with it."""

    _inherit = 'credit.export.system'

    # === CONSTRAINTS === #

    @api.constrains('active', 'connector')
    def _check_has_connector(self):
        for system in self.filtered('active'):
            if not system._has_connector():
                raise ValidationError(system._get_missing_connector_text())

    # === ACTION METHODS === #

    def action_test_connection(self):
        """Ask the other side who it is, and whether it knows the accounts and taxes mapped.

        :return: the client action that shows what it said
        :rtype: dict
        :raise UserError: with what went wrong
        """
        self.ensure_one()
        self.check_access('write')
        mapping = self.mapping_ids
        try:
            result = self._get_connector().test(
                accounts=tuple(mapping.filtered('account_id').mapped('code')),
                taxes=tuple(mapping.filtered('tax_id').mapped('code')),
            )
        except ExportError as error:
            raise UserError(self._mask(str(error))) from error
        self._note_contact(result.description)
        unknown = [*result.unknown_accounts, *result.unknown_taxes]
        return notify(
            title=self.env._('%s answers', self.name),
            message=self._get_unknown_text(unknown) if unknown else self._mask(result.description),
            kind='warning' if unknown else 'success',
            is_sticky=bool(unknown),
            then=reload_page(),
        )

    def action_check_mapping(self):
        """Ask the other side for every account and tax that its documents use, mapped or not.

        :return: the client action that shows what is not known there
        :rtype: dict
        :raise UserError: with what went wrong
        """
        self.ensure_one()
        self.check_access('write')
        accounts, taxes = self._get_used_codes()
        unknown = self._get_unknown_codes(accounts, taxes)
        return notify(
            title=self.env._('Accounts and taxes'),
            message=self._get_unknown_text(unknown)
            if unknown
            else self.env._(
                '%(system)s knows all of them: accounts %(accounts)s, taxes %(taxes)s.',
                system=self.name,
                accounts=len(accounts),
                taxes=len(taxes),
            ),
            kind='warning' if unknown else 'success',
            is_sticky=bool(unknown),
        )

    def _get_unknown_codes(self, accounts, taxes):
        """What is not known over there. To be extended where nobody can be asked.

        :raise UserError: with what went wrong
        """
        try:
            result = self._get_connector().test(accounts=accounts, taxes=taxes)
        except ExportError as error:
            raise UserError(self._mask(str(error))) from error
        return [*result.unknown_accounts, *result.unknown_taxes]

    def _get_unknown_text(self, codes):
        return self.env._(
            '%(system)s does not know %(codes)s. Add a line for each under Accounts and Taxes.',
            system=self.name,
            codes=', '.join(f'"{code}"' for code in sorted(codes)),
        )

    def _get_used_codes(self):
        """The codes over there of what the covered documents are booked on.

        :return: (codes of accounts, codes of taxes)
        """
        accounts, taxes = self._get_used_records()
        return (
            tuple(sorted({self._get_code(account) for account in accounts})),
            tuple(sorted({self._get_code(tax) for tax in taxes})),
        )

    def _get_used_records(self):
        """What the covered documents are booked on.

        :return: (accounts, taxes), with elevated rights
        """
        domain = (
            Domain('move_id', 'any', self._get_journal_domain())
            & Domain('move_id.move_type', 'in', self._get_exported_types())
            & Domain('parent_state', '=', 'posted')
            & Domain('display_type', 'in', ('product', 'payment_term', 'rounding'))
        )
        Line = self.env['account.move.line'].sudo()
        accounts = [account for (account,) in Line._read_group(domain, ['account_id'])]
        taxes = [tax for (tax,) in Line._read_group(domain, ['tax_ids']) if tax]
        return (
            self.env['account.account'].sudo().union(*accounts),
            # A document tells a group of taxes as its taxes.
            self.env['account.tax'].sudo().union(*taxes).flatten_taxes_hierarchy(),
        )

    # === BUSINESS METHODS === #

    def _get_connector_class(self):
        """The class that talks to this system, see `tools/export_contract.py`.

        To be extended by each connector, for its own value of `connector`.

        :rtype: type
        """
        self.ensure_one()
        raise UserError(self._get_missing_connector_text())

    def _get_connector(self, timeout=None):
        """The connector to this system, ready to be called.

        :param float timeout: seconds, where somebody waits; else the system's own
        """
        self.ensure_one()
        return self._get_connector_class()(self._prepare_connection(timeout))

    def _prepare_connection(self, timeout=None):
        self_sudo = self.sudo()
        return Connection(
            address=self_sudo.address or '',
            database=self_sudo.database or '',
            login=self_sudo.login or '',
            secret=self_sudo.secret or '',
            timeout=timeout or self_sudo.timeout,
            company=self_sudo.company_id.name,
            options=self_sudo._prepare_connection_options(),
        )

    def _prepare_connection_options(self):
        """Further settings of a connector's own fields. To be extended.

        :rtype: dict
        """
        return {}

    def _has_connector(self):
        """Whether it has one, and that is installed: otherwise it stays archived."""
        self.ensure_one()
        installed = set(self._fields['connector'].get_values(self.env)) - {'none'}
        return self.connector in installed

    def _get_missing_connector_text(self):
        if self.connector == 'none':
            return self.env._(
                '%s has no connector: choose what program it is, and how it is reached.', self.name
            )
        return self.env._(
            'The connector of %(system)s (%(connector)s) was uninstalled: install it again first.',
            system=self.name,
            connector=self.connector,
        )

    def _can(self, capability):
        """Whether the connector can do something, see `tools/export_contract.py`."""
        return self._has_connector() and capability in self._get_connector().capabilities()

    def _mask(self, text):
        """A text of the other side without any credential of ours.

        :rtype: str
        """
        self_sudo = self.sudo()
        return mask(text or '', self_sudo.secret or '', self_sudo.login or '')

    def _note_contact(self, answer, is_contact=True):
        vals = {'last_answer': self._mask(answer)[:500]}
        if is_contact:
            vals['last_contact'] = fields.Datetime.now()
        self.sudo().write(vals)
