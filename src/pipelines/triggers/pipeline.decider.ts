// The rules of a pipeline: triggered once, its config comes to one result only, and a setup config is followed by one.
import { ConflictError, InvalidInputError, NotFoundError } from '../../platform/errors/errors.js';
import { event } from '../../platform/event-store/event-of.js';
import { nothing, record, type Decider, type Decision } from '../../platform/event-store/decider.js';
import type { NotRun, ParameterValue } from '../config/index.js';
import {
  pipelineEvents,
  type CompiledConfig,
  type PipelineCompiled,
  type PipelineErrored,
  type PipelineEvent,
  type PipelineRequest,
  type PipelineSetUp,
} from './pipeline.events.js';

/** Recorded with a compiled config, as a fact of its own. */
interface Explained {
  notRun?: NotRun[];
}

export type PipelineCommand =
  | ({ type: 'TriggerPipeline' } & PipelineRequest)
  | { type: 'RecordSetupFound'; pipelineId: string; projectId: string }
  | ({ type: 'RecordSetUp' } & PipelineSetUp['data'] & Explained)
  | ContinuePipelineCommand
  | ({ type: 'RecordCompiledConfig' } & PipelineCompiled['data'] & Explained)
  | ({ type: 'RecordConfigErrors' } & PipelineErrored['data']);

export interface ContinuePipelineCommand {
  type: 'ContinuePipeline';
  pipelineId: string;
  keyHash: string;
  configuration: string;
  parameters: Record<string, ParameterValue>;
  /** What the configuration says of itself. */
  outline: { setup: boolean; declared: readonly string[] };
  /** ISO 8601. */
  now: string;
}

/** The states of the API, in their order (LANGUAGE C-028): a setup config goes through pending twice. */
export type PipelinePhase = 'none' | 'pending' | 'setup-pending' | 'setup' | 'created' | 'errored';

export interface PipelineState {
  phase: PipelinePhase;
  request?: PipelineRequest;
  /** Once the setup config was compiled. */
  setup?: Pick<PipelineSetUp['data'], 'continuationKeyHash' | 'declared'>;
  /** What a job of the setup workflow gave. */
  continued: boolean;
}

/** How long after its trigger a pipeline can be continued (LANGUAGE C-026). */
const CONTINUABLE_MS = 6 * 3_600_000;

/** Limits on trigger-time parameters (LANGUAGE C-038). */
const MAX_PARAMETERS = 100;
const MAX_NAME = 128;
const MAX_VALUE = 512;

/** Throws InvalidInputError naming the parameter that breaks a limit of C-038, or a branch given beside a tag. */
export function checkTrigger(request: Pick<PipelineRequest, 'vcs' | 'parameters'>): void {
  if (request.vcs.branch !== undefined && request.vcs.tag !== undefined) {
    throw new InvalidInputError('PIPELINE.REF', 'branch and tag are mutually exclusive');
  }
  checkParameters(request.parameters);
}

function checkParameters(given: Readonly<Record<string, ParameterValue>>): void {
  const parameters = Object.entries(given);
  if (parameters.length > MAX_PARAMETERS) {
    throw new InvalidInputError('PIPELINE.PARAMETERS', `more than ${MAX_PARAMETERS} parameters`);
  }
  for (const [name, value] of parameters) {
    if (name.length > MAX_NAME) {
      throw new InvalidInputError(
        'PIPELINE.PARAMETERS',
        `parameter name longer than ${MAX_NAME} characters: ${name.slice(0, 40)}...`,
      );
    }
    if (String(value).length > MAX_VALUE) {
      throw new InvalidInputError(
        'PIPELINE.PARAMETERS',
        `value of parameter ${name} is longer than ${MAX_VALUE} characters`,
      );
    }
  }
}

export const pipelineDecider: Decider<PipelineCommand, PipelineState, PipelineEvent> = {
  events: pipelineEvents,
  initialState: () => ({ phase: 'none', continued: false }),

  decide(command, state) {
    const { phase } = state;
    switch (command.type) {
      case 'TriggerPipeline': {
        const { type: _, ...request } = command;
        if (phase !== 'none')
          throw new ConflictError('PIPELINE.EXISTS', `pipeline ${command.pipelineId} exists`);
        checkTrigger(request);
        return record(event<PipelineEvent>('PipelineTriggered', request));
      }
      case 'ContinuePipeline':
        return continuePipeline(command, state);
      default:
        if (phase === 'none') throw new NotFoundError('PIPELINE.NOT_FOUND', 'Pipeline not found');
        return recordResult(command, state);
    }
  },

  evolve(state, { type, data }) {
    switch (type) {
      case 'PipelineTriggered':
        return { ...state, phase: 'pending', request: data };
      case 'PipelineSetupFound':
        return { ...state, phase: 'setup-pending' };
      case 'PipelineSetUp': {
        const { continuationKeyHash, declared } = data;
        return { ...state, phase: 'setup', setup: { continuationKeyHash, declared } };
      }
      case 'PipelineContinued':
        return { ...state, phase: 'pending', continued: true };
      case 'PipelineCompiled':
        return { ...state, phase: 'created' };
      case 'PipelineExplained':
        return state;
      case 'PipelineErrored':
        return { ...state, phase: 'errored' };
    }
  },
};

type ResultCommand = Exclude<PipelineCommand, { type: 'TriggerPipeline' | 'ContinuePipeline' }>;

/** Each config comes to one result; what is found a second time, after a crash, changes nothing. */
function recordResult(command: ResultCommand, { phase, continued }: PipelineState): Decision<PipelineEvent> {
  const waits = phase === 'pending' || phase === 'setup-pending';
  if (!waits) return nothing(`the config was already ${phase}`);
  const { type, ...data } = command;
  switch (type) {
    case 'RecordSetupFound':
      if (phase === 'setup-pending' || continued) return nothing('the setup config is known');
      return record(event<PipelineEvent>('PipelineSetupFound', data));
    case 'RecordSetUp':
      if (continued) return nothing('the pipeline was continued');
      return explained(data as PipelineSetUp['data'] & Explained, (compiled) =>
        event<PipelineEvent>('PipelineSetUp', compiled),
      );
    case 'RecordCompiledConfig':
      return explained(data as PipelineCompiled['data'] & Explained, (compiled) =>
        event<PipelineEvent>('PipelineCompiled', compiled),
      );
    case 'RecordConfigErrors':
      return record(event<PipelineEvent>('PipelineErrored', data as PipelineErrored['data']));
  }
}

function explained<C extends CompiledConfig>(
  { notRun = [], ...rest }: C & Explained,
  compiledEvent: (compiled: C) => PipelineEvent,
): Decision<PipelineEvent> {
  const compiled = rest as unknown as C;
  const { pipelineId, projectId } = compiled;
  const reasons = event<PipelineEvent>('PipelineExplained', { pipelineId, projectId, notRun });
  return record(compiledEvent(compiled), ...(notRun.length > 0 ? [reasons] : []));
}

/** LANGUAGE C-026, C-031. Whether the parameters are declared and of their types is for the compiler to say (C-029). */
function continuePipeline(command: ContinuePipelineCommand, state: PipelineState): Decision<PipelineEvent> {
  const { request, setup, phase } = state;
  if (!request || setup?.continuationKeyHash !== command.keyHash) {
    throw new NotFoundError('PIPELINE.KEY_UNKNOWN', 'Invalid continuation key.');
  }
  const ends = Date.parse(request.trigger.receivedAt) + CONTINUABLE_MS;
  if (phase !== 'setup' || Date.parse(command.now) >= ends) {
    throw new ConflictError('PIPELINE.KEY_EXPIRED', 'Key has expired.');
  }
  checkParameters(command.parameters);
  if (command.outline.setup) {
    throw new InvalidInputError(
      'PIPELINE.SETUP_AGAIN',
      'A pipeline cannot be continued with another setup configuration.',
    );
  }
  const conflicts = Object.keys(command.parameters).some(
    (name) =>
      command.outline.declared.includes(name) &&
      Object.hasOwn(setup.declared, name) &&
      Object.hasOwn(request.parameters, name) &&
      request.parameters[name] !== setup.declared[name],
  );
  if (conflicts) throw new ConflictError('PIPELINE.PARAMETERS_CONFLICT', 'Conflicting pipeline parameters.');
  const { pipelineId, configuration, parameters } = command;
  const { projectId } = request;
  return record(
    event<PipelineEvent>('PipelineContinued', { pipelineId, projectId, configuration, parameters }),
  );
}
