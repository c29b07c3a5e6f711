// setup_remote_docker and add_ssh_keys: they pass where the job gets what it asks for, and fail clearly elsewhere.
import type { AddSshKeysStep, SetupRemoteDockerStep } from '../../../pipelines/config/index.js';
import { StepFailure, SUCCESS, type StepContext, type StepResult } from './step.js';

/** Passes when an engine answers inside the environment: the job's `docker` commands will work then (C-251). */
export async function setupRemoteDocker(
  step: SetupRemoteDockerStep,
  context: StepContext,
): Promise<StepResult> {
  const { environment, output, variables } = context;
  let version = '';
  const argv = ['docker', 'version', '--format', '{{.Server.Version}}'];
  const answer = async () => {
    const command = await environment.start({
      argv,
      environment: variables.forStep(),
      cwd: environment.workingDirectory,
      onOutput: (chunk) => void (version += chunk.toString()),
    });
    const timer = setTimeout(() => void command.kill(0).catch(() => undefined), 20_000);
    return (await command.exit.finally(() => clearTimeout(timer))).code;
  };
  const code = await answer().catch(() => 127);
  if (code !== 0) {
    throw new StepFailure(
      'No Docker engine answers in this environment: setup_remote_docker needs the docker command and an engine that ' +
        'it reaches. Jobs that build images can run on a machine where `docker version` works.',
    );
  }
  const whose =
    context.executor === 'host' ? "this machine's own engine" : 'the engine that this environment reaches';
  output.log(`Remote Docker is not separate here: ${whose} is used, version ${version.trim()}\n`);
  if (step.version !== undefined) output.log(`The version asked for (${step.version}) is ignored\n`);
  if (step.dockerLayerCaching) output.log('Its layers stay cached between jobs\n');
  return SUCCESS;
}

/** Fails: without its keys a later step would fail with a far less clear message (C-253). */
export async function addSshKeys(step: AddSshKeysStep, _context: StepContext): Promise<StepResult> {
  const which = step.fingerprints.length > 0 ? `with fingerprint ${step.fingerprints.join(', ')} ` : '';
  throw new StepFailure(
    `No SSH key ${which}is available to this job: this server does not hand out SSH keys`,
  );
}
