"""What the hooks of the two fake localisations have seen, for the tests to read.

A layer is 'before' or 'after', as the fake is loaded before or after `credit_invoice`.
"""

from collections import Counter

# (layer, name of the hook, id of the document that is reversed or posted) -> times
HOOKS = Counter()
# (layer, id of the origin, id of the credit), in the order in which they came to be matched
PAIRS = []


def see(layer, hook, documents):
    """Note that a hook ran for each of these documents."""
    HOOKS.update((layer, hook, document.id) for document in documents)


def forget():
    """Start afresh."""
    HOOKS.clear()
    PAIRS.clear()
