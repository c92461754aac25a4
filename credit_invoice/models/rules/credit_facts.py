from typing import Any, NamedTuple


class CreditFacts(NamedTuple):
    """What posting rules look at: of a credit, of one that is being made, or of an example.

    :param company: the company of the document
    :param origin: the invoice, or an empty recordset where a credit names none
    :param str kind: what all lines of the credit have in common, or False
    :param reason: the `credit.reason`, or an empty recordset
    :param credit: the credit itself, or an empty recordset while there is none
    """

    company: Any
    origin: Any
    kind: Any
    reason: Any
    credit: Any
