from odoo.exceptions import UserError


class CreditImportError(UserError):
    """Rows that cannot be credited.

    :param dict refusals: one sentence for each refused row, by its position among all rows
    """

    def __init__(self, refusals):
        self.refusals = dict(sorted(refusals.items()))
        super().__init__('\n'.join(self.refusals.values()))


class ImportReport:
    """What became of the rows of a file while the host loads them.

    :param int first_line: the line of the file in which its first row stands; None without a file
    :param str line_text: how a line is named, with the placeholders `line` and `reason`
    """

    def __init__(self, first_line=None, line_text=''):
        self._first_line = first_line
        self._line_text = line_text
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
        place = info.get('rows', {}).get('from')
        if self._first_line is not None and place is not None:
            # The host counts rows from 0, below the heading.
            reason = self._line_text % {'line': self._first_line + place, 'reason': reason}
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
