// Which failed workflows run again by themselves (LANGUAGE C-312).
import { describe, expect, it } from '@jest/globals';
import { nextAutoRerun } from './auto-reruns.process-manager.js';
import type { WorkflowFacts } from './workflow.events.js';

const facts: WorkflowFacts = {
  workflowId: 'w',
  pipelineId: 'pl',
  projectId: 'p',
  name: 'main',
  jobs: [],
  startedBy: 'u',
  workspaceId: 'w',
};

describe('the number of the next automatic rerun', () => {
  it.each<[string, Partial<WorkflowFacts>, number | undefined]>([
    ['none where the config asks for none', {}, undefined],
    ['the first after the original', { maxAutoReruns: 2 }, 1],
    ['the second after the first', { maxAutoReruns: 2, autoRerunNumber: 1, rerunOf: 'x' }, 2],
    ['none after the last', { maxAutoReruns: 2, autoRerunNumber: 2, rerunOf: 'x' }, undefined],
    ['none after a rerun that somebody started', { maxAutoReruns: 2, rerunOf: 'x' }, undefined],
  ])('%s', (_title, given, expected) => {
    expect(nextAutoRerun({ ...facts, ...given })).toBe(expected);
  });
});
