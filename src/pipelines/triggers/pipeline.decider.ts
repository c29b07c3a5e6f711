// The rules of a pipeline: triggered once, and its config comes to one result only.
import { ConflictError, InvalidInputError, NotFoundError } from '../../platform/errors/errors.js';
import { event } from '../../platform/event-store/event-of.js';
import { nothing, record, type Decider } from '../../platform/event-store/decider.js';
import type { NotRun } from '../config/index.js';
import type { PipelineCompiled, PipelineErrored, PipelineEvent, PipelineRequest } from './pipeline.events.js';

export type PipelineCommand =
  | ({ type: 'TriggerPipeline' } & PipelineRequest)
  | ({ type: 'RecordCompiledConfig'; notRun?: NotRun[] } & PipelineCompiled['data'])
  | ({ type: 'RecordConfigErrors' } & PipelineErrored['data']);

export type PipelineState = 'none' | 'pending' | 'created' | 'errored';

/** Limits on trigger-time parameters (LANGUAGE C-038). */
const MAX_PARAMETERS = 100;
const MAX_NAME = 128;
const MAX_VALUE = 512;

/** Throws InvalidInputError naming the parameter that breaks a limit of C-038, or a branch given beside a tag. */
export function checkTrigger(request: Pick<PipelineRequest, 'vcs' | 'parameters'>): void {
  if (request.vcs.branch !== undefined && request.vcs.tag !== undefined) {
    throw new InvalidInputError('PIPELINE.REF', 'branch and tag are mutually exclusive');
  }
  const parameters = Object.entries(request.parameters);
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
  initialState: () => 'none',

  decide(command, state) {
    const { type, ...data } = command;
    if (type === 'TriggerPipeline') {
      if (state !== 'none')
        throw new ConflictError('PIPELINE.EXISTS', `pipeline ${command.pipelineId} exists`);
      checkTrigger(command);
      return record(event<PipelineEvent>('PipelineTriggered', data as PipelineRequest));
    }
    if (state === 'none') throw new NotFoundError('PIPELINE.NOT_FOUND', 'Pipeline not found');
    if (state !== 'pending') return nothing(`the config was already ${state}`);
    if (type === 'RecordConfigErrors') {
      return record(event<PipelineEvent>('PipelineErrored', data as PipelineErrored['data']));
    }
    const { notRun = [], ...compiled } = data as PipelineCompiled['data'] & { notRun?: NotRun[] };
    const { pipelineId, projectId } = compiled;
    const explained = event<PipelineEvent>('PipelineExplained', { pipelineId, projectId, notRun });
    return record(
      event<PipelineEvent>('PipelineCompiled', compiled),
      ...(notRun.length > 0 ? [explained] : []),
    );
  },

  evolve(state, { type }) {
    switch (type) {
      case 'PipelineTriggered':
        return 'pending';
      case 'PipelineCompiled':
        return 'created';
      case 'PipelineExplained':
        return state;
      case 'PipelineErrored':
        return 'errored';
    }
  },
};
