// What a pipeline allows: triggered once, its config comes to one result.
import { describe, expect, it } from '@jest/globals';
import { decideAfter } from '../../../test/support/given.js';
import { event } from '../../platform/event-store/event-of.js';
import { pipelineDecider, type PipelineCommand } from './pipeline.decider.js';
import type {
  PipelineCompiled,
  PipelineErrored,
  PipelineEvent,
  PipelineRequest,
  PipelineSetUp,
} from './pipeline.events.js';

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

const ids = { pipelineId: 'pl1', projectId: 'p1' };
const setup: PipelineSetUp['data'] = {
  ...result,
  continuationKeyHash: 'h1',
  declared: { deploy: false, note: 'none' },
};
const found = event<PipelineEvent>('PipelineSetupFound', ids);
const setUp = event<PipelineEvent>('PipelineSetUp', setup);
const continuation = { configuration: 'version: 2.1', parameters: {} };
const continued = event<PipelineEvent>('PipelineContinued', { ...ids, ...continuation });

describe('a setup config', () => {
  const find: PipelineCommand = { type: 'RecordSetupFound', ...ids };
  const record: PipelineCommand = { type: 'RecordSetUp', ...setup };

  it('is found, compiled, and followed by another one', () => {
    expect(after([triggered], find)).toEqual({ events: [['PipelineSetupFound', ids]] });
    expect(after([triggered, found], record)).toEqual({ events: [['PipelineSetUp', setup]] });
    expect(after([triggered, found, setUp, continued], recordCompiled)).toEqual({
      events: [['PipelineCompiled', result]],
    });
  });
  it('may have errors, and so may the one that follows', () => {
    expect(after([triggered, found], recordErrors)).toEqual({ events: [['PipelineErrored', problems]] });
    expect(after([triggered, found, setUp, continued], recordErrors)).toEqual({
      events: [['PipelineErrored', problems]],
    });
  });
  it('is recorded once', () => {
    expect(after([triggered, found], find)).toEqual({ nothing: 'the setup config is known' });
    expect(after([triggered, found, setUp], record)).toEqual({ nothing: 'the config was already setup' });
    expect(after([triggered, found, setUp], recordCompiled)).toEqual({
      nothing: 'the config was already setup',
    });
    expect(after([triggered, found, setUp, continued], record)).toEqual({
      nothing: 'the pipeline was continued',
    });
    expect(after([triggered, found, setUp, continued], find)).toEqual({
      nothing: 'the setup config is known',
    });
  });
});

describe('ContinuePipeline', () => {
  const goOn = (
    change: Partial<Extract<PipelineCommand, { type: 'ContinuePipeline' }>> = {},
  ): PipelineCommand => ({
    type: 'ContinuePipeline',
    pipelineId: 'pl1',
    keyHash: 'h1',
    ...continuation,
    outline: { setup: false, declared: ['deploy', 'note', 'more'] },
    now: '2026-01-01T05:59:59.999Z',
    ...change,
  });
  const ready = [triggered, found, setUp];
  const given = (parameters: PipelineRequest['parameters']) => [
    event<PipelineEvent>('PipelineTriggered', { ...request, parameters }),
    found,
    setUp,
  ];
  const expired = { error: 'ConflictError PIPELINE.KEY_EXPIRED: Key has expired.' };
  const unknown = { error: 'NotFoundError PIPELINE.KEY_UNKNOWN: Invalid continuation key.' };
  const conflict = {
    error: 'ConflictError PIPELINE.PARAMETERS_CONFLICT: Conflicting pipeline parameters.',
  };

  it('records the config that follows', () => {
    expect(after(ready, goOn())).toEqual({ events: [['PipelineContinued', { ...ids, ...continuation }]] });
  });
  it('works once', () => {
    expect(after([...ready, continued], goOn())).toEqual(expired);
    expect(after([...ready, continued, compiled], goOn())).toEqual(expired);
  });
  it('works for six hours from the trigger on', () => {
    expect(after(ready, goOn({ now: '2026-01-01T06:00:00.000Z' }))).toEqual(expired);
  });
  it('refuses a key that is not of this pipeline, and a pipeline without a setup config', () => {
    expect(after(ready, goOn({ keyHash: 'h2' }))).toEqual(unknown);
    expect(after([triggered], goOn())).toEqual(unknown);
    expect(after([triggered, compiled], goOn())).toEqual(unknown);
    expect(after([], goOn())).toEqual(unknown);
  });
  it('refuses another setup config, and the key is good for one more', () => {
    expect(after(ready, goOn({ outline: { setup: true, declared: [] } }))).toEqual({
      error:
        'InvalidInputError PIPELINE.SETUP_AGAIN: A pipeline cannot be continued with another setup configuration.',
    });
    expect(after(ready, goOn())).toHaveProperty('events');
  });
  it('refuses more parameters, or longer ones, than there may be', () => {
    expect(after(ready, goOn({ parameters: { note: 'v'.repeat(513) } }))).toEqual({
      error: 'InvalidInputError PIPELINE.PARAMETERS: value of parameter note is longer than 512 characters',
    });
  });

  describe('a parameter that the trigger gave, too', () => {
    it('conflicts when both configs declare it and the trigger changed it', () => {
      expect(after(given({ deploy: true }), goOn({ parameters: { deploy: true } }))).toEqual(conflict);
      expect(after(given({ note: 'x' }), goOn({ parameters: { note: 'x', more: 1 } }))).toEqual(conflict);
    });
    it.each<[string, PipelineRequest['parameters'], Parameters<typeof goOn>[0]]>([
      ['it has the default of the setup config', { deploy: false }, { parameters: { deploy: true } }],
      ['it is not given again', { deploy: true }, { parameters: { more: true } }],
      [
        'the config that follows does not declare it',
        { deploy: true },
        { parameters: { deploy: true }, outline: { setup: false, declared: [] } },
      ],
      ['the setup config does not declare it', { more: true }, { parameters: { more: true } }],
    ])('is fine when %s', (_why, parameters, change) => {
      expect(after(given(parameters), goOn(change))).toHaveProperty('events');
    });
  });
});
