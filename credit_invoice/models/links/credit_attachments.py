class CreditAttachments:
    """What was dropped into the dialog, handed over in the context; no client can send it."""

    def __init__(self, attachments):
        self.attachments = attachments

    def copy_to(self, credits):
        """Give every credit a file of its own.

        :param credits: a recordset of `account.move`
        """
        for credit in credits:
            for attachment in self.attachments:
                attachment.copy({'res_model': credit._name, 'res_id': credit.id})
