def forget_cached(env):
    """Forget what methods remember for everybody, now and when others can see what was changed: a
    request that began before would remember for all what it saw.

    :param env: of the transaction that changes it
    """
    env.registry.clear_cache()
    env.cr.postcommit.add(env.registry.clear_cache)
