import re
from decimal import Decimal
from urllib.parse import urlsplit

from odoo import api, fields, models, tools
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.forgetting import forget_cached

# What nobody may see who is no administrator; never written to a log, a message or an export.
SECRET_FIELDS = ('secret', 'stored_secret')
EXPORTED_TYPES = ('out_invoice', 'out_receipt', 'out_refund')


class CreditExportSystem(models.Model):
    """An outside accounting system that a company's invoices and credits are exported to."""

    _name = 'credit.export.system'
    _description = 'Accounting System'
    _inherit = ['mail.thread', 'credit.checked.mixin']
    _order = 'company_id, sequence, id'
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one(
        comodel_name='res.company',
        required=True,
        default=lambda self: self.env.company,
        tracking=True,
    )
    connector = fields.Selection(
        selection=[('none', 'No connector')],
        required=True,
        default='none',
        tracking=True,
        help='What program it is, and how it is reached.',
    )
    address = fields.Char(
        tracking=True, help='Where it is reached, such as https://books.example.com.'
    )
    database = fields.Char(
        tracking=True, help='The name of the database or company file over there.'
    )
    login = fields.Char(tracking=True, help='As whom documents are exported.')
    secret = fields.Char(
        string='Password or Key',
        compute='_compute_secret',
        inverse='_inverse_secret',
        groups='base.group_system',
        copy=False,
        exportable=False,
        help='Only administrators see it.',
    )
    stored_secret = fields.Char(groups='base.group_system', copy=False, exportable=False)
    timeout = fields.Integer(
        default=30, help='For how many seconds an answer is waited for, at the longest.'
    )
    quiet_minutes = fields.Integer(
        string='Quiet Time',
        default=15,
        help='After a lost answer, so many minutes pass before a document that is not found over '
        'there is sent again. It must be longer than the other system can take to finish what it '
        'has begun.',
    )
    date_start = fields.Date(
        string='Exported from',
        required=True,
        default=fields.Date.context_today,
        tracking=True,
        help='Documents posted with this accounting date or a later one are exported by '
        'themselves. Older ones are looked up when they are credited, or with Check All.',
    )
    journal_ids = fields.Many2many(
        comodel_name='account.journal',
        string='Journals',
        domain="[('type', '=', 'sale'), ('company_id', 'child_of', company_id)]",
        # One that is archived is still meant: without it, all would be.
        context={'active_test': False},
        help='The journals whose documents are exported. Empty: all sales journals.',
    )
    is_exporting_payments = fields.Boolean(
        string='Export Payments',
        help='Payments of exported invoices are exported, too, where the system takes them.',
    )
    mapping_ids = fields.One2many(
        comodel_name='credit.export.mapping',
        inverse_name='system_id',
        string='Accounts and Taxes',
        copy=True,
    )
    last_contact = fields.Datetime(readonly=True, copy=False, help='When it last answered.')
    last_answer = fields.Char(readonly=True, copy=False, help='What it said, or what went wrong.')

    # === COMPUTE METHODS === #

    @api.depends('stored_secret')
    def _compute_secret(self):
        for system in self:
            system.secret = system.stored_secret

    def _inverse_secret(self):
        for system in self:
            # By itself and unlogged: the host logs statements that fail, as any may that meets
            # another transaction, with all their values.
            self.env.cr.execute(
                SQL(
                    'UPDATE credit_export_system SET stored_secret = %s WHERE id = %s',
                    system.secret or None,
                    system.id,
                ),
                log_exceptions=False,
            )
        self.invalidate_recordset(['stored_secret'])

    # === CONSTRAINTS === #

    @api.constrains('journal_ids', 'company_id')
    def _check_journals(self):
        for system in self:
            for journal in system.journal_ids:
                if system.company_id not in journal.company_id.parent_ids:
                    raise ValidationError(
                        self.env._(
                            '%(journal)s is no journal of %(company)s or its branches: take it off '
                            'the journals of %(system)s.',
                            journal=journal.display_name,
                            company=system.company_id.name,
                            system=system.name,
                        )
                    )

    @api.constrains('address')
    def _check_address(self):
        for system in self.filtered('address'):
            parts = self._split_address(system.address)
            if not parts:
                raise ValidationError(
                    self.env._(
                        'Enter an address that begins with https://, such as https://books.example.com.'
                    )
                )
            if parts.username or parts.password or parts.query or parts.fragment:
                raise ValidationError(
                    self.env._(
                        'Enter the address alone: login and key have fields of their own, which '
                        'nobody else sees.'
                    )
                )

    @api.model
    def _split_address(self, address):
        """The parts of an address under which something can be asked for.

        :return: as of `urlsplit`; None if it is no such address
        """
        try:
            parts = urlsplit(address)
            # Whether it is a number is known when it is asked for.
            is_whole = parts.hostname and parts.port != 0
        except ValueError:
            return None
        is_plain = is_whole and not re.search(r'\s', address)
        return parts if is_plain and parts.scheme in ('http', 'https') else None

    @api.constrains('timeout', 'quiet_minutes')
    def _check_quiet_time(self):
        for system in self:
            if not 0 < system.timeout <= 600:
                raise ValidationError(
                    self.env._('Enter a time-out between 1 and 600 seconds for %s.', system.name)
                )
            if system.quiet_minutes * 60 <= system.timeout:
                raise ValidationError(
                    self.env._(
                        'The quiet time of %(system)s must be longer than its time-out of '
                        '%(seconds)s seconds: enter more minutes.',
                        system=system.name,
                        seconds=system.timeout,
                    )
                )

    # === ONCHANGE METHODS === #

    @api.onchange('address', 'database')
    def _onchange_address(self):
        before = self._origin
        domain = [('system_id', 'in', before.ids), ('external_id', '!=', False)]
        count = self.env['credit.export.record'].sudo().search_count(domain)
        if not count or (self.address, self.database) == (before.address, before.database):
            return None
        message = self.env._(
            'Documents known to be in %(system)s: %(count)s. Change where it is only if the same '
            'books have moved. For other books, archive this system and make another one.',
            count=count,
            system=before.name,
        )
        return {'warning': {'title': self.env._('Other books?'), 'message': message}}

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        # EXTENDS 'base'
        systems = super().create(vals_list)
        self._forget_systems()
        return systems

    def write(self, vals):
        # EXTENDS 'base'
        self.filtered(
            lambda system: (
                vals.get('connector', system.connector) != system.connector
                or vals.get('company_id', system.company_id.id) != system.company_id.id
            )
        )._check_is_unused()
        result = super().write(vals)
        if vals.keys() & {'active', 'company_id', 'connector', 'sequence'}:
            self._forget_systems()
        return result

    def unlink(self):
        # EXTENDS 'base'
        result = super().unlink()
        self._forget_systems()
        return result

    def _forget_systems(self):
        """Forget which systems there are."""
        forget_cached(self.env)
        self._show_or_hide()

    @api.model
    def _show_or_hide(self):
        """Show accounting systems to whoever sees documents, as long as there are any (mp17)."""
        shown, draft, again = (
            self.env.ref(f'credit_invoice.{name}').sudo()
            for name in (
                'group_credit_export_shown',
                'group_credit_draft',
                'account_move_action_send_again',
            )
        )
        readers = draft | self.env.ref('account.group_account_readonly').sudo()
        if self._get_all_system_ids():
            readers._apply_group(shown)
            again.create_action()
        else:
            readers._remove_group(shown)
            again.unlink_action()

    def _export_rows(self, fields, *, _is_toplevel_call=True):
        # EXTENDS 'base': a key is typed in, and leaves no more, whoever asks by whatever path
        if any(path and path[0] in SECRET_FIELDS for path in fields):
            raise AccessError(self.env._('Passwords and keys cannot be exported.'))
        return super()._export_rows(fields, _is_toplevel_call=_is_toplevel_call)

    def _check_is_unused(self):
        """Refuse to turn a system into another one under what stands in it."""
        records_sudo = self.env['credit.export.record'].sudo()
        for system in self:
            if records_sudo.search_count([('system_id', '=', system.id)], limit=1):
                raise UserError(
                    self.env._(
                        '%s has been used: archive it and make another one.', system.display_name
                    )
                )

    # === BUSINESS METHODS === #

    @api.model
    @tools.ormcache('company_id')
    def _get_system_ids(self, company_id):
        """The ids of the systems of a company; without any, nothing is asked for (mp17)."""
        systems = self.sudo().search([
            ('company_id', 'parent_of', company_id),
            ('active', '=', True),
        ])
        return tuple(systems.ids)

    @api.model
    @tools.ormcache()
    def _has_ever_been_used(self):
        """Whether there is any system, archived ones included: documents may stand there."""
        return bool(self.sudo().with_context(active_test=False).search_count([], limit=1))

    @api.model
    def _get_all_systems(self):
        """Every system in use, with elevated rights."""
        return self.sudo().browse(self._get_all_system_ids())

    @api.model
    @tools.ormcache()
    def _get_all_system_ids(self):
        """The ids of all systems in use."""
        return tuple(self.sudo().search([('active', '=', True)]).ids)

    @api.model
    def _get_systems(self, company):
        """The systems that documents of a company are exported to.

        :rtype: recordset with elevated rights
        """
        return self.sudo().browse(self._get_system_ids(company.id))

    def _get_journal_domain(self):
        self.ensure_one()
        if self.journal_ids:
            return Domain('journal_id', 'in', self.journal_ids.ids)
        return Domain('journal_id.type', '=', 'sale') & Domain(
            'company_id', 'child_of', self.company_id.ids
        )

    def _get_covered_domain(self):
        """The documents that belong into this system, whatever their state; as `_covers`."""
        return self._get_journal_domain() & Domain('move_type', 'in', self._get_exported_types())

    def _covers(self, move):
        """Whether a document belongs into this system, whenever it was posted.

        To be extended where more than the journal decides.
        """
        self.ensure_one()
        return move.move_type in self._get_exported_types() and (
            not self.journal_ids or move.journal_id in self.journal_ids
        )

    @api.model
    def _get_exported_types(self):
        """The kinds of documents that are exported. To be extended, with `_prepare_export_…`."""
        return EXPORTED_TYPES

    def _get_code(self, record):
        """What an account or a tax is called in this system: as mapped, else as here.

        :param record: of `account.account` or `account.tax`
        :rtype: str
        """
        self.ensure_one()
        name = 'account_id' if record._name == 'account.account' else 'tax_id'
        mapping = self.mapping_ids.filtered(lambda mapping: mapping[name] == record)
        if mapping:
            return mapping.code
        if name == 'tax_id':
            return self._get_name(record)
        return record.with_company(self.company_id).code or self._get_name(record)

    @api.model
    def _get_rate(self, tax):
        """The percentage of a tax; None for a fixed amount.

        :rtype: Decimal | None
        """
        return Decimal(str(tax.amount)) if tax.amount_type == 'percent' else None

    def _get_name(self, record):
        """The name of something, the same whoever asks in whatever language."""
        return record.with_context(lang='en_US').name
