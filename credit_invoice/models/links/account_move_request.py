from odoo import api, fields, models
from odoo.exceptions import UserError

# As long as a UUID with a prefix, and no essay.
REFERENCE_LENGTH = 100


class AccountMove(models.Model):
    """Programs that ask twice, because they lost the first answer: what they ask for is done once.

    Whatever makes something and can be called over RPC takes an optional `reference` of the caller,
    and is done by `_do_once`.
    """

    _inherit = 'account.move'

    credit_request_ids = fields.Many2many(
        comodel_name='credit.request',
        relation='credit_request_made_move_rel',
        column1='account_move_id',
        column2='credit_request_id',
        string='Requests of Programs',
        copy=False,
        readonly=True,
        help='Under which reference a program had this document made.',
    )

    # === BUSINESS METHODS === #

    def _do_once(self, operation, reference, act):
        """Do something with these documents, unless it was done under this reference before.

        :param str operation: what is done, the same for all ways to it
        :param reference: what the caller calls it; without one, it is done whenever it is asked for
        :param act: function that does it with these documents, checks that it may be done, and
            returns what it made: a recordset, or None
        :return: what was made, that of the first time if there was one
        :raise AccessError: if the user may not see these documents
        :raise UserError: if the reference is none, or was used for something else
        """
        requests_sudo = self._find_requests(operation, reference)
        if requests_sudo:
            return requests_sudo._get_made().sudo(False)
        made = act(self)
        self._note_requests(operation, reference, made)
        return made

    def _find_requests(self, operation, reference):
        """What was done with these documents under a reference, after locking them: whoever asks
        for the same at the same time fails, is replayed, and finds it here.

        :return: recordset of `credit.request` with elevated rights; empty if it is to be done
        :raise UserError: if the reference is none, or was used for something else or for some of
            the documents only
        """
        Request = self.env['credit.request'].sudo()
        if not self._read_reference(reference):
            return Request
        self.check_access('read')
        self._lock_for_credit()
        requests = Request.search([
            ('move_id', 'in', self.ids),
            ('reference', '=', self._read_reference(reference)),
        ])
        is_same = set(requests.mapped('operation')) <= {operation}
        if requests and (not is_same or requests.move_id != self):
            raise UserError(
                self.env._(
                    'The reference %(reference)s was used for something else of %(document)s: use '
                    'another one.',
                    reference=requests[0].reference,
                    document=requests[0].move_id.display_name,
                )
            )
        return requests

    def _note_requests(self, operation, reference, made):
        """Keep what was made under a reference.

        :param made: recordset of what was made, or None
        """
        text = self._read_reference(reference)
        if not text:
            return
        noted = (
            self
            .env['credit.request']
            .sudo()
            .search([
                ('move_id', 'in', self.ids),
                ('reference', '=', text),
            ])
        )
        self.env['credit.request'].sudo().create([
            {
                'move_id': move.id,
                'reference': text,
                'operation': operation,
                **self.env['credit.request']._prepare_made_vals(made),
            }
            for move in self - noted.move_id
        ])

    @api.model
    def _read_reference(self, reference):
        """What a caller sent as the name of a request.

        :return: a text; empty if none was sent
        :rtype: str
        :raise UserError: if it is no text, or too long
        """
        if reference is None or reference is False or reference == '':
            return ''
        text = reference.strip() if isinstance(reference, str) else ''
        if not text or not text.isprintable() or len(text) > REFERENCE_LENGTH:
            raise UserError(
                self.env._(
                    'A reference is a text of 1 to %s visible characters, another one for each '
                    'request.',
                    REFERENCE_LENGTH,
                )
            )
        return text
