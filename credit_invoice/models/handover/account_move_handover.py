from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL, format_datetime

RECORDED_SINCE = 'credit_invoice.handovers_recorded_since'
# Written by the server alone.
RECORD_FIELDS = {'handed_over_at', 'handed_over_how', 'invalidation_reason'}


class AccountMove(models.Model):
    """Whether a customer may hold an invoice: it was sent, printed, downloaded or looked at."""

    _inherit = 'account.move'

    handed_over_at = fields.Datetime(
        string='Left the House on',
        copy=False,
        readonly=True,
        help='When the posted document was first sent, printed, downloaded, or seen in the portal.',
    )
    handed_over_how = fields.Selection(
        selection=[
            ('sent', 'Sent'),
            ('printed', 'Printed or downloaded'),
            ('portal', 'Seen in the portal'),
        ],
        string='Left the House',
        copy=False,
        readonly=True,
    )

    # === BUSINESS METHODS === #

    @api.model
    def _get_kept_credit_fields(self):
        # EXTENDS 'credit_invoice'
        return {*super()._get_kept_credit_fields(), *RECORD_FIELDS}

    @api.model
    def _get_typed_credit_fields(self):
        # EXTENDS 'credit_invoice'
        return {*super()._get_typed_credit_fields(), 'invalidation_reason'}

    def _check_credit_write(self, vals):
        # EXTENDS 'credit_invoice': nobody makes up where an invoice went
        if not self.env.su and RECORD_FIELDS & vals.keys():
            raise AccessError(
                self.env._('Where an invoice went is recorded by itself and cannot be changed.')
            )
        super()._check_credit_write(vals)

    def _record_handover(self, how):
        """Record that these documents left the house; of drafts and others, nothing is recorded.

        Written past the ORM: it derives nothing, and whoever reads an invoice may not write it. In
        a transaction that may not write, the host begins again with one that may.

        :param str how: a value of `handed_over_how`; the first counts, except that what was
            printed or seen can still be sent
        """
        moves_sudo = self.sudo().filtered(
            lambda move: (
                move.state == 'posted'
                and move.is_sale_document(include_receipts=True)
                and (not move.handed_over_how or how == 'sent' != move.handed_over_how)
            )
        )
        if not moves_sudo:
            return
        self.env.cr.execute(
            SQL(
                'UPDATE account_move SET handed_over_at = COALESCE(handed_over_at, %s), '
                'handed_over_how = %s WHERE id IN %s',
                fields.Datetime.now(),
                how,
                tuple(sorted(moves_sudo.ids)),
            )
        )
        moves_sudo.invalidate_recordset(['handed_over_at', 'handed_over_how'], flush=False)

    # === WHAT SPEAKS AGAINST INVALIDATING === #

    def _get_handover_refusals(self):
        """What shows that the customer may hold this invoice.

        :return: as `_get_invalidation_refusals`
        :rtype: dict
        """
        self.ensure_one()
        refusals = {}
        if self.is_being_sent:
            refusals['being_sent'] = self.env._('It is waiting to be sent.')
        if self.is_move_sent or self.handed_over_how == 'sent':
            refusals['sent'] = self.env._('It was sent to the customer.')
        elif self.handed_over_how:
            refusals[self.handed_over_how] = self._get_handover_text()
        elif self._has_generated_pdf():
            refusals['pdf'] = self.env._(
                'Its PDF was made before, so it may have been handed over.'
            )
        recipients = self._get_outside_recipients()
        if recipients:
            refusals['message'] = self.env._(
                'A message about it was sent to %s.', ', '.join(recipients)
            )
        return refusals

    def _get_handover_text(self):
        date = format_datetime(self.env, self.handed_over_at, dt_format='short')
        if self.handed_over_how == 'portal':
            return self.env._('It was seen in the portal on %s.', date)
        if self.handed_over_how == 'printed':
            return self.env._('It was printed or downloaded on %s.', date)
        labels = dict(self._fields['handed_over_how']._description_selection(self.env))
        return self.env._(
            'It left the house on %(date)s (%(how)s).', date=date, how=labels[self.handed_over_how]
        )

    def _has_generated_pdf(self):
        main = self.sudo().message_main_attachment_id
        return bool(self.invoice_pdf_report_id) or (
            not self._is_handover_recorded() and main.mimetype == 'application/pdf'
        )

    def _get_outside_recipients(self):
        """Who outside the house got a message from the chatter of this invoice.

        :return: sorted names or addresses
        :rtype: list
        """
        # The text of messages is not shown, and whoever may cancel must not miss one.
        notifications_sudo = (
            self
            .env['mail.notification']
            .sudo()
            .search([
                ('mail_message_id.model', '=', self._name),
                ('mail_message_id.res_id', '=', self.id),
                ('notification_status', '!=', 'canceled'),
                '|',
                ('res_partner_id.partner_share', '=', True),
                '&',
                ('res_partner_id', '=', False),
                ('mail_email_address', '!=', False),
            ])
        )
        return sorted({
            notification_sudo.res_partner_id.display_name or notification_sudo.mail_email_address
            for notification_sudo in notifications_sudo
        })

    def _is_handover_recorded(self):
        """Whether everything that happened to this invoice was recorded.

        :return: False for those that are older than this add-on
        """
        since = self.env['ir.config_parameter'].sudo().get_param(RECORDED_SINCE)
        try:
            return self.create_date >= fields.Datetime.to_datetime(since or '9999-12-31')
        except ValueError:
            return False

    def _get_handover_doubt(self):
        """Why only a person can tell whether this invoice was handed over.

        :return: a sentence, or False where the record tells
        """
        self.ensure_one()
        name = self.partner_id.display_name
        methods = self.env['account.move.send']._get_default_sending_methods(self)
        if not self._is_handover_recorded():
            return self.env._('It is older than the record of prints and downloads.')
        if self.move_type == 'out_receipt':
            return self.env._('Receipts are not sent from here.')
        if not methods or 'manual' in methods:
            return self.env._('Invoices to %s are not sent from here.', name)
        if 'email' in methods and not self.partner_id.email:
            return self.env._('%s has no e-mail address, so nothing is sent from here.', name)
        return False
