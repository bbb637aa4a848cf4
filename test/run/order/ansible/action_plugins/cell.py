"""A cell of test/support/world.ts for ansible-core: holds `1` once it was written, kept in a file, and fails where the scenario says so."""
import json
import os
import time

from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    _supports_check_mode = True

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        name, runs = self._task.args['name'], self._task.args.get('runs', False)
        host = self._task.delegate_to or task_vars['inventory_hostname']
        trouble = json.loads(os.environ['ORDER_TROUBLE'])
        what = trouble.get(host) or trouble.get(f'{host} {name}') or trouble.get(name)
        path = os.path.join(os.environ['ORDER_STATE'], f'{host} {name}')
        if what == 'down':
            raise AnsibleConnectionFailure('no route')
        if runs and self._task.check_mode:
            return {**result, 'changed': False, 'skipped': True}
        changed = runs or not os.path.exists(path)
        if changed and not self._task.check_mode:
            # The order of equal steps is that of the hosts.
            time.sleep(0.12 * int(host[-1]) if host[-1].isdigit() else 0)
            if what == 'breaks':
                raise AnsibleConnectionFailure('cable')
            if what == 'hangs':
                time.sleep(60)
            if what == 'slow':
                time.sleep(1)
            if what == 'fails' or (what == 'fails once' and not os.path.exists(f'{path} tried')):
                open(f'{path} tried', 'w').close()
                return {**result, 'failed': True, 'msg': 'no'}
            open(path, 'w').close()
        return {**result, 'changed': changed}
