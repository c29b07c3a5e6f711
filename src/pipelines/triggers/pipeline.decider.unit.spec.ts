// What a pipeline allows: triggered once, its config comes to one result.
import { describe, expect, it } from '@jest/globals';
import { decideAfter } from '../../../test/support/given.js';
import { event } from '../../platform/event-store/event-of.js';
import { pipelineDecider, type PipelineCommand } from './pipeline.decider.js';
import type { PipelineCompiled, PipelineErrored, PipelineEvent, PipelineRequest } from './pipeline.events.js';

const request: PipelineRequest = {
  pipelineId: 'pl1',
  projectId: 'p1',
  projectSlug: 'gh/acme/demo',
  number: 1,
  trigger: { type: 'api', actor: { id: 'u1', login: 'ada' }, receivedAt: '2026-01-01T00:00:00.000Z' },
  vcs: { url: '/repo', branch: 'main' },
  parameters: {},
};
const result: PipelineCompiled['data'] = {
  pipelineId: 'pl1',
  projectId: 'p1',
  commit: { revision: 'abc', branch: 'main', subject: 's', body: '', authorName: 'Ada' },
  source: 'version: 2.1',
  compiled: 'version: 2',
  workflows: [],
};
const problems: PipelineErrored['data'] = {
  pipelineId: 'pl1',
  projectId: 'p1',
  errors: [{ type: 'config', message: 'no jobs' }],
};
const triggered = event<PipelineEvent>('PipelineTriggered', request);
const compiled = event<PipelineEvent>('PipelineCompiled', result);
const errored = event<PipelineEvent>('PipelineErrored', problems);
const trigger = (change: Partial<PipelineRequest> = {}): PipelineCommand => ({
  type: 'TriggerPipeline',
  ...request,
  ...change,
});
const recordCompiled: PipelineCommand = { type: 'RecordCompiledConfig', ...result };
const recordErrors: PipelineCommand = { type: 'RecordConfigErrors', ...problems };
const after = (given: PipelineEvent[], command: PipelineCommand) =>
  decideAfter(pipelineDecider, given, command);

describe('TriggerPipeline', () => {
  it('records the request', () => {
    expect(after([], trigger())).toEqual({ events: [['PipelineTriggered', request]] });
  });
  it('refuses a second time', () => {
    expect(after([triggered], trigger())).toEqual({
      error: 'ConflictError PIPELINE.EXISTS: pipeline pl1 exists',
    });
  });
  it('refuses a branch beside a tag', () => {
    expect(after([], trigger({ vcs: { url: '/repo', branch: 'main', tag: 'v1' } }))).toEqual({
      error: 'InvalidInputError PIPELINE.REF: branch and tag are mutually exclusive',
    });
  });
  it('takes parameters up to their limits', () => {
    const most = Object.fromEntries(
      Array.from({ length: 100 }, (_, i) => [String(i).padStart(128, 'n'), 'v'.repeat(512)]),
    );
    expect(after([], trigger({ parameters: most }))).toHaveProperty('events');
  });
  it.each([
    [
      'more than 100 parameters',
      Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`p${i}`, 1])),
      'more than 100 parameters',
    ],
    [
      'a long name',
      { ['n'.repeat(129)]: 1 },
      `parameter name longer than 128 characters: ${'n'.repeat(40)}...`,
    ],
    ['a long value', { note: 'v'.repeat(513) }, 'value of parameter note is longer than 512 characters'],
  ])('refuses %s', (_what, parameters, message) => {
    expect(after([], trigger({ parameters }))).toEqual({
      error: `InvalidInputError PIPELINE.PARAMETERS: ${message}`,
    });
  });
});

describe('what does not run', () => {
  it('is recorded with the compiled config', () => {
    const notRun = [{ workflow: 'w', reasons: [{ type: 'schedule' as const }] }];
    expect(after([triggered], { type: 'RecordCompiledConfig', ...result, notRun })).toEqual({
      events: [
        ['PipelineCompiled', result],
        ['PipelineExplained', { pipelineId: 'pl1', projectId: 'p1', notRun }],
      ],
    });
  });
  it('is no event when everything runs, and changes nothing of the state', () => {
    expect(after([triggered], { type: 'RecordCompiledConfig', ...result, notRun: [] })).toEqual({
      events: [['PipelineCompiled', result]],
    });
    const explained = event<PipelineEvent>('PipelineExplained', {
      pipelineId: 'pl1',
      projectId: 'p1',
      notRun: [],
    });
    expect(after([triggered, compiled, explained], recordCompiled)).toEqual({
      nothing: 'the config was already created',
    });
  });
});

describe.each([
  ['RecordCompiledConfig', recordCompiled, 'PipelineCompiled', result],
  ['RecordConfigErrors', recordErrors, 'PipelineErrored', problems],
] as const)('%s', (_name, command, type, data) => {
  it('records the result', () => {
    expect(after([triggered], command)).toEqual({ events: [[type, data]] });
  });
  it('refuses a pipeline that was not triggered', () => {
    expect(after([], command)).toEqual({ error: 'NotFoundError PIPELINE.NOT_FOUND: Pipeline not found' });
  });
  it('keeps the first result', () => {
    expect(after([triggered, compiled], command)).toEqual({ nothing: 'the config was already created' });
    expect(after([triggered, errored], command)).toEqual({ nothing: 'the config was already errored' });
  });
});
