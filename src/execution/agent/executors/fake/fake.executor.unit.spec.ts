// The fake passes what of the contract needs no real processes.
import type { Action, Dialect } from '../executor.dialect.js';
import { executorContract } from '../executor.contract.js';
import { FakeExecutor } from './fake.executor.js';

const dialect: Dialect = { argv: (actions) => ['fake', actions.map(line).join('\n')], realProcesses: false };

function line(action: Action): string {
  if ('print' in action) return `print ${action.print}`;
  if ('printError' in action) return `eprint ${action.printError}`;
  if ('printVariable' in action) return `env ${action.printVariable}`;
  if ('printDirectory' in action) return 'pwd';
  if ('exit' in action) return `exit ${action.exit}`;
  if ('spam' in action) return `spam ${action.spam}`;
  return 'hang';
}

executorContract('fake', async () => ({ executor: new FakeExecutor() }), { dialect });
