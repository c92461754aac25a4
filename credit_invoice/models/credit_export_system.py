from urllib.parse import urlsplit

from odoo import api, fields, models, tools
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from ..tools.credentials import mask
from ..tools.export_contract import Connection, ExportError
from ..tools.external_number import NumberError, read_alphabet, read_replacements, to_external

# What nobody may see who is no administrator; never written to a log, a message or an export.
SECRET_FIELDS = ('secret',)
EXPORTED_TYPES = ('out_invoice', 'out_receipt', 'out_refund')


class CreditExportSystem(models.Model):
    """An outside accounting system that a company's invoices and credits are exported to."""

    _name = 'credit.export.system'
    _description = 'Accounting System'
    _inherit = ['mail.thread']
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
        selection=[('files', 'Files')],
        required=True,
        default='files',
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
        groups='base.group_system',
        copy=False,
        exportable=False,
        help='Only administrators see it.',
    )
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
        check_company=True,
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
    number_length = fields.Integer(
        string='Longest Number', help='How many characters a number has over there. 0: any.'
    )
    number_alphabet = fields.Char(
        string='Characters', help='What numbers over there consist of, such as A-Z0-9-. Empty: any.'
    )
    number_replacements = fields.Text(
        help='How our numbers become theirs: one replacement in each line, such as "INV/ = I" and '
        '"/ = -". A number that could not be read back is refused.'
    )
    number_example = fields.Char(compute='_compute_number_example')
    last_contact = fields.Datetime(readonly=True, copy=False, help='When it last answered.')
    last_answer = fields.Char(readonly=True, copy=False, help='What it said, or what went wrong.')

    # === COMPUTE METHODS === #

    @api.depends('number_length', 'number_alphabet', 'number_replacements', 'journal_ids')
    def _compute_number_example(self):
        for system in self:
            domain = Domain('move_type', 'in', system._get_exported_types())
            domain &= Domain('state', '=', 'posted')
            move = self.env['account.move'].search(
                domain & system._get_journal_domain(), order='id desc', limit=1
            )
            try:
                external = move and system._get_external_number(move)
                system.number_example = external and f'{move.name} → {external}'
            except (UserError, ValidationError) as error:
                system.number_example = str(error)

    # === CONSTRAINTS === #

    @api.constrains('address')
    def _check_address(self):
        for system in self.filtered('address'):
            parts = urlsplit(system.address)
            if parts.scheme not in ('http', 'https') or not parts.hostname:
                raise ValidationError(
                    self.env._('Enter an address that begins with https://, not %s.', parts.netloc)
                )
            if parts.username or parts.password or parts.query or parts.fragment:
                raise ValidationError(
                    self.env._(
                        'Enter the address alone: login and key have fields of their own, which '
                        'nobody else sees.'
                    )
                )

    @api.constrains('active')
    def _check_has_connector(self):
        for system in self.filtered('active'):
            if not system._has_connector():
                raise ValidationError(system._get_missing_connector_text())

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

    @api.constrains('number_length', 'number_alphabet', 'number_replacements')
    def _check_number_form(self):
        for system in self:
            try:
                read_replacements(system.number_replacements)
                read_alphabet(system.number_alphabet or '')
            except NumberError as error:
                raise ValidationError(system._explain_number_error(error)) from error
            if system.number_length < 0:
                raise ValidationError(self.env._('Enter 0 or more as the longest number.'))

    # === ONCHANGE METHODS === #

    @api.onchange('address', 'database')
    def _onchange_address(self):
        before = self._origin
        domain = [('system_id', 'in', before.ids), ('external_id', '!=', False)]
        count = self.env['credit.export.record'].sudo().search_count(domain)
        if not count or (self.address, self.database) == (before.address, before.database):
            return None
        message = self.env._(
            '%(count)s documents are known to stand in %(system)s. Change where it is only if the '
            'same books have moved. For other books, archive this system and make another one.',
            count=count,
            system=before.name,
        )
        return {'warning': {'title': self.env._('Other books?'), 'message': message}}

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        # EXTENDS 'base'
        systems = super().create(vals_list)
        self.env.registry.clear_cache()
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
        if vals.keys() & {'active', 'company_id', 'sequence'}:
            self.env.registry.clear_cache()
        return result

    def unlink(self):
        # EXTENDS 'base'
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

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
        return {
            'type': 'ir.actions.client',
            'tag': 'display_notification',
            'params': {
                'title': self.env._('%s does not know some codes', self.name)
                if unknown
                else self.env._('%s answers', self.name),
                'message': self.env._('Not known there: %s', ', '.join(unknown))
                if unknown
                else self._mask(result.description),
                'type': 'warning' if unknown else 'success',
                'sticky': bool(unknown),
                'next': {'type': 'ir.actions.client', 'tag': 'soft_reload'},
            },
        }

    def action_check_mapping(self):
        """Ask the other side for every account and tax that its documents use, mapped or not.

        :return: the client action that shows what is not known there
        :rtype: dict
        """
        self.ensure_one()
        self.check_access('write')
        accounts, taxes = self._get_used_codes()
        try:
            result = self._get_connector().test(accounts=accounts, taxes=taxes)
        except ExportError as error:
            raise UserError(self._mask(str(error))) from error
        unknown = [*result.unknown_accounts, *result.unknown_taxes]
        return {
            'type': 'ir.actions.client',
            'tag': 'display_notification',
            'params': {
                'title': self.env._('Accounts and taxes'),
                'message': self.env._('Not known there: %s. Map them.', ', '.join(unknown))
                if unknown
                else self.env._(
                    '%(accounts)s accounts and %(taxes)s taxes are known there.',
                    accounts=len(accounts),
                    taxes=len(taxes),
                ),
                'type': 'warning' if unknown else 'success',
                'sticky': bool(unknown),
            },
        }

    def _get_used_codes(self):
        """The codes over there of what the covered documents are booked on.

        :return: (codes of accounts, codes of taxes)
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
            tuple(sorted({self._get_code(account) for account in accounts})),
            tuple(sorted({self._get_code(tax) for tax in taxes})),
        )

    # === BUSINESS METHODS: THE CONNECTOR === #

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
        """Whether its connector is installed; one that was uninstalled leaves archived systems."""
        self.ensure_one()
        return self.connector in self._fields['connector'].get_values(self.env)

    def _get_missing_connector_text(self):
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
        for name in SECRET_FIELDS:
            text = mask(text or '', self_sudo[name] or '', self_sudo.login or '')
        return text

    def _note_contact(self, answer, is_contact=True):
        vals = {'last_answer': self._mask(answer)[:500]}
        if is_contact:
            vals['last_contact'] = fields.Datetime.now()
        self.sudo().write(vals)

    # === BUSINESS METHODS: WHAT IS EXPORTED === #

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
        """The ids of all systems in use; without any, nobody sees anything of them (mp17)."""
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
            return record.name
        return record.with_company(self.company_id).code or record.name

    # === BUSINESS METHODS: NUMBERS === #

    def _get_external_number(self, move):
        """The number of a document in the form that is used over there.

        :raise UserError: if it does not fit, or could not be read back
        """
        self.ensure_one()
        try:
            return to_external(
                move.name,
                read_replacements(self.number_replacements),
                self.number_length,
                self.number_alphabet or '',
            )
        except NumberError as error:
            raise UserError(self._explain_number_error(error)) from error

    def _explain_number_error(self, error):
        texts = {
            'line': self.env._('Write each replacement as "old = new", not as "%s".', error.text),
            'twice': self.env._(
                'Replace each text once and by something of its own: see "%s".', error.text
            ),
            'length': self.env._(
                '%(number)s has more than %(length)s characters: add a replacement that shortens '
                'it.',
                number=error.text,
                length=self.number_length,
            ),
            'alphabet': self.env._(
                '%(number)s does not fit the characters %(alphabet)s: add a replacement for what '
                'is not allowed.',
                number=error.text,
                alphabet=self.number_alphabet,
            ),
            'ambiguous': self.env._(
                '%s could be another number, too, when it is read back: change the replacements.',
                error.text,
            ),
        }
        return texts[error.reason]
