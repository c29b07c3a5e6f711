// The commands of `rotunda`.
import 'reflect-metadata';
import { Command, CommanderError } from 'commander';
import { SettingsError } from '../../config/settings.js';
import { messageOf } from '../platform/errors/errors.js';
import { addAdminCommands } from './commands/admin.js';
import { addAgentCommand } from './commands/agent.js';
import { addConfigCommands } from './commands/config.js';
import { addDemoCommand } from './commands/demo.js';
import { addOrbCommands } from './commands/orb.js';
import { addProjectCommands } from './commands/project.js';
import { addRunCommand } from './commands/run.js';
import { addUpCommand } from './commands/up.js';

const program = new Command('rotunda')
  .description('A CI/CD server that runs .circleci/config.yml unmodified.')
  .showHelpAfterError()
  .exitOverride();
for (const add of [
  addUpCommand,
  addRunCommand,
  addDemoCommand,
  addConfigCommands,
  addOrbCommands,
  addProjectCommands,
  addAgentCommand,
  addAdminCommands,
])
  add(program);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    const text =
      error instanceof SettingsError ? `wrong settings:\n  ${error.problems.join('\n  ')}` : messageOf(error);
    process.stderr.write(`rotunda: ${text}\n`);
    process.exitCode = error instanceof SettingsError ? 2 : 1;
  }
}
