"""Interruptions of a real second system, as many as a normal run has time for."""

from odoo.addons.credit_invoice.tests.export import connector_link
from odoo.addons.credit_invoice.tests.export.connector_interruptions import (
    INTERRUPTIONS,
    MOST_REQUESTS,
)

FAULTS = (*INTERRUPTIONS, connector_link.DOWN_AFTER)


class SampledInterruptions:
    """Mixed in before the contract suite: each request is interrupted by some of the faults, by
    each of them with `--long`.

    All of them are some two hundred documents of a second or more.
    """

    is_long = False
    # Each fault strikes every so many requests, beginning with another one than the fault before.
    stride = 8

    def repeat(self, interrupted, fault):
        if self.is_long:
            super().repeat(interrupted, fault)
            return
        first = 2 + FAULTS.index(fault) % self.stride
        for at in range(first, MOST_REQUESTS, self.stride):
            if not interrupted(fault, at):
                return
        self.fail('it asks without end')
