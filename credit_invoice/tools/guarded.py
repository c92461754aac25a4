"""What travels down in the context: in a wrapper of our own, which no client can send."""


class Guarded:
    """A value that code of ours put into the context.

    :param value: anything
    """

    def __init__(self, value):
        self.value = value


def get_guarded(env, key, default=None):
    """What code of ours put into the context.

    :param env: the environment
    :param str key: of the context
    :param default: for where there is nothing, and for what a client sent
    """
    value = env.context.get(key)
    return value.value if isinstance(value, Guarded) else default
