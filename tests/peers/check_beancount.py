"""Print what beancount makes of a ledger, as JSON: errors, balances of accounts, transactions.

Usage: check_beancount.py FILE. Run by the Python of `requirements-peers`.
"""

import json
import sys
from collections import defaultdict

from beancount import loader
from beancount.core import data

entries, errors, _options = loader.load_file(sys.argv[1])
sums = defaultdict(int)
transactions = []
for entry in entries:
    if isinstance(entry, data.Transaction):
        meta = {name: value for name, value in entry.meta.items() if isinstance(value, str)}
        transactions.append({
            'payee': entry.payee,
            'links': sorted(entry.links),
            'postings': len(entry.postings),
            **meta,
        })
        for posting in entry.postings:
            sums[posting.account, posting.units.currency] += posting.units.number
print(
    json.dumps({
        'errors': [error.message for error in errors],
        'balances': {f'{name} {currency}': str(total) for (name, currency), total in sums.items()},
        'transactions': transactions,
    })
)
