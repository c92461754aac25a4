# In the context while exact amounts are written: no client can send it.
FIGURES = object()


def is_writing_figures(env):
    """Whether the exact amounts of credits are being written."""
    return env.context.get('credit_figures') is FIGURES


class Parts(dict):
    """What is credited of each line, as of `account.move._get_parts`, in the context.

    A type of its own: what a client puts into the context is not one.
    """


class RemainingMemo(dict):
    """What is left of invoices, kept in the context while the lines of a draft are written."""


def get_batch(env):
    """The batch that is being mirrored, or None."""
    batch = env.context.get('credit_mirror')
    return batch if isinstance(batch, MirrorBatch) else None


class MirrorBatch:
    """What one call of `_reverse_moves` mirrors, handed down to `copy` and `create` in the context.

    The host copies one invoice after the other. The first of these copies makes the credits of
    the whole batch in one go; those after it find theirs ready.

    :param origins: the customer invoices of the batch
    :param list[dict] default_values_list: one dictionary of default values for each origin. The
        dictionaries are kept by reference: extensions change them on their way down to the host.
    :param dict parts: what is credited of each line, as of `account.move._get_parts`; None for all
        that is left
    """

    def __init__(self, origins, default_values_list, parts=None):
        self.origins = origins
        self.parts = parts
        self._defaults = {
            origin.id: values for origin, values in zip(origins, default_values_list, strict=True)
        }
        self.is_copying = False
        # Not `browse`: these read together what one of them needs.
        self._by_id = {origin.id: origin for origin in origins}
        self._used, self._common = {}, {}
        self._credits = {}

    def is_awaited(self, moves):
        """Whether this is the one copy of an invoice of the batch that the host makes.

        Hooks that run while credits are posted may copy the same invoice for their own ends.
        """
        return (
            len(moves) == 1
            and moves in self.origins
            and (not self._used or moves.id in self._credits)
        )

    def get_origin(self, vals):
        """The invoice of this batch that the values of a document credit, or None."""
        if not self.is_copying or 'line_ids' not in vals:
            return None
        return self._by_id.get(vals.get('reversed_entry_id'))

    def get_ready_credit(self, origin, default):
        """The credit that was already made of this origin, or None.

        An extension may have replaced the dictionary of default values instead of changing it;
        then the credit was made without knowing, and what differs is written now.
        """
        credit = self._credits.pop(origin.id, None)
        if credit is not None:
            used = self._used[origin.id]
            missed = {
                name: value
                for name, value in (default or {}).items()
                if name not in used or used[name] != value
            }
            if missed:
                credit.write(missed)
        return credit

    def copy_all(self, origin, default, copy):
        """Copy all origins and return the credit of this one.

        :param origin: the invoice whose turn it is in the host's loop
        :param dict default: its default values, as they reached `copy`
        :param copy: function of (recordset, default values): the next `copy` of the method chain
        """
        self._defaults[origin.id] = default
        for other in self.origins:
            # The host adds these three just before each copy.
            self._used[other.id] = self._defaults[other.id] | {
                'move_type': default['move_type'],
                'reversed_entry_id': other.id,
                'partner_id': other.partner_id.id,
            }
        self._common = self._get_common_defaults()
        self.is_copying = True
        copies = copy(origin.browse(self.origins.ids), self._common)
        self.is_copying = False
        self._credits.update(zip(self.origins.ids, copies, strict=True))
        return self._credits.pop(origin.id)

    def get_default(self, origin, default):
        """The default values of the credit of one origin.

        :param dict default: those that all have in common, as they arrive where they are needed:
            overrides of `copy` may have added to them
        """
        own = {
            name: value for name, value in self._used[origin.id].items() if name not in self._common
        }
        return {**(default or {}), **own}

    def _get_common_defaults(self):
        first, *others = self._used.values()
        return {
            name: value
            for name, value in first.items()
            if all(name in other and other[name] == value for other in others)
        }
