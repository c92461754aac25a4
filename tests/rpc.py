"""What a browser's tab sends, without the browser."""

import json

import requests


class Tab:
    """A session of its own on a running server.

    :param str url: base address of the server
    :param str database: its database
    """

    def __init__(self, url, database, login='admin', password='admin', seconds=120):
        self._url = url
        self._seconds = seconds
        self._session = requests.Session()
        self._post('/web/session/authenticate', db=database, login=login, password=password)

    def call(self, model, method, *args, **context):
        """Call a public method of a model.

        :raise AssertionError: with the server's answer, if it refuses
        """
        return self._post(
            '/web/dataset/call_kw',
            model=model,
            method=method,
            args=args,
            kwargs={'context': context},
        )

    def ask(self, model, method, *args, **kwargs):
        """Call a public method of a model with arguments by name, in no context.

        :raise AssertionError: with the server's answer, if it refuses
        """
        return self._post(
            '/web/dataset/call_kw', model=model, method=method, args=args, kwargs=kwargs
        )

    def _post(self, route, **params):
        answer = self._session.post(
            self._url + route,
            # Programs may send what is no JSON: NaN.
            data=json.dumps({'jsonrpc': '2.0', 'params': params}),
            headers={'Content-Type': 'application/json'},
            timeout=self._seconds,
        ).json()
        assert 'error' not in answer, answer['error']
        # A method that returns nothing answers nothing.
        return answer.get('result')
