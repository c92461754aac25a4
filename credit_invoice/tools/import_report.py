from odoo.exceptions import UserError


class CreditImportError(UserError):
    """Rows that cannot be credited.

    :param dict refusals: one sentence for each refused row, by its position among all rows
    """

    def __init__(self, refusals):
        self.refusals = dict(sorted(refusals.items()))
        super().__init__('\n'.join(self.refusals.values()))


class ImportReport:
    """What became of the rows of a file while the host loads them."""

    def __init__(self):
        self.unreadable = set()
        self.messages = []
        self.error = None

    def watch(self, log):
        """Remember the records of which a value could not be read.

        :param log: the host's function that takes messages
        :return: a function to be used instead
        """

        def watched(message):
            if message['type'] == 'error':
                self.unreadable.add(message.get('record'))
            log(message)

        return watched

    def refuse(self, info, reason):
        """Add a message.

        :param dict info: where the row stands in the file, as the host passes it
        :param str reason: a sentence
        """
        self.messages.append({**info, 'type': 'error', 'message': reason})

    def complete(self, result):
        """The host's result with our messages, in the order of the file.

        :param dict result: as of `BaseModel.load`
        """
        if not self.messages:
            return result
        messages = sorted(
            result['messages'] + self.messages,
            key=lambda message: message.get('rows', {}).get('from', -1),
        )
        return {**result, 'ids': False, 'messages': messages}
