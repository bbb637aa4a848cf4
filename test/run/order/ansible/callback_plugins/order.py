"""Prints what became of each task, one JSON object a line."""
import json

from ansible.playbook.handler import Handler
from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = 'stdout'
    CALLBACK_NAME = 'order'

    def _say(self, result, outcome):
        print(json.dumps({
            'host': result.host.get_name(), 'task': result.task.get_name(), 'handler': isinstance(result.task, Handler),
            'on': result.task.delegate_to, 'outcome': outcome, 'check': result.task.check_mode,
        }), flush=True)

    def v2_runner_on_ok(self, result):
        self._say(result, 'changed' if result.result.get('changed') else 'ok')

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self._say(result, 'failed, ignored' if ignore_errors else 'failed')

    def v2_runner_on_skipped(self, result):
        self._say(result, 'skipped')

    def v2_runner_on_unreachable(self, result):
        self._say(result, 'unreachable')
