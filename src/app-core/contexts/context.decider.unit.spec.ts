// What a context allows: one of a name, a hundred variables, and nothing once it is deleted.
import { describe, expect, it } from '@jest/globals';
import { decideAfter } from '../../../test/support/given.js';
import { event } from '../../platform/event-store/event-of.js';
import { contextDecider, type ContextCommand } from './context.decider.js';
import type { ContextEvent } from './context.events.js';

const facts = { contextId: 'c1', organizationId: 'o1', name: 'deploy' };
const created = event<ContextEvent>('ContextCreated', facts);
const deleted = event<ContextEvent>('ContextDeleted', facts);
const stored = (name = 'A', sealed = 's') =>
  event<ContextEvent>('ContextVariableStored', { contextId: 'c1', name, sealed });
const removed = event<ContextEvent>('ContextVariableRemoved', { contextId: 'c1', name: 'A' });
const create = (name = 'deploy'): ContextCommand => ({ type: 'CreateContext', ...facts, name });
const store = (name = 'A'): ContextCommand => ({
  ...{ type: 'StoreContextVariable', contextId: 'c1', name, sealed: 's2' },
});
const remove: ContextCommand = { type: 'RemoveContextVariable', contextId: 'c1', name: 'A' };
const drop: ContextCommand = { type: 'DeleteContext', contextId: 'c1' };
const after = (given: ContextEvent[], command: ContextCommand) => decideAfter(contextDecider, given, command);
const noContext = { error: 'NotFoundError CONTEXT.NOT_FOUND: Context not found.' };

describe('CreateContext', () => {
  it('records the context, also where a deleted one was', () => {
    expect(after([], create())).toEqual({ events: [['ContextCreated', facts]] });
    expect(after([created, deleted], create())).toEqual({ events: [['ContextCreated', facts]] });
  });
  it('refuses a name that is taken', () => {
    expect(after([created], create())).toEqual({
      error: 'ConflictError CONTEXT.EXISTS: A context with the name "deploy" exists.',
    });
  });
  it.each(['', ' x', 'x ', 'x'.repeat(201)])('refuses the name "%s"', (name) => {
    expect(after([], create(name))).toEqual({
      error:
        'InvalidInputError CONTEXT.NAME: The name of a context has 1 to 200 characters and no space around it.',
    });
  });
});

describe('StoreContextVariable', () => {
  it('records the sealed value, of a new name and of one that is there', () => {
    const event = ['ContextVariableStored', { contextId: 'c1', name: 'A', sealed: 's2' }];
    expect(after([created], store())).toEqual({ events: [event] });
    expect(after([created, stored()], store())).toEqual({ events: [event] });
  });
  it('takes a hundred variables, no more', () => {
    const hundred = Array.from({ length: 100 }, (_, i) => stored(`V${i}`));
    const full = {
      error: 'ConflictError CONTEXT.FULL: A context has at most 100 variables, and this one has them.',
    };
    expect(after([created, ...hundred], store())).toEqual(full);
    expect(after([created, ...hundred], store('V7'))).toHaveProperty('events');
    expect(after([created, ...hundred.slice(1), stored(), removed], store())).toHaveProperty('events');
  });
  it.each(['1A', 'A-B', '', 'Ä', 'A B'])('refuses the name "%s"', (name) => {
    expect(after([created], store(name))).toEqual({
      error: `InvalidInputError VARIABLE.NAME: "${name}" cannot be the name of a variable: it begins with a letter or _, and has only letters, digits and _.`,
    });
  });
  it('refuses a name of more than 300 characters', () => {
    expect(after([created], store('A'.repeat(301)))).toEqual({
      error: 'InvalidInputError VARIABLE.NAME: The name of a variable has at most 300 characters.',
    });
  });
});

describe('RemoveContextVariable', () => {
  it('records it', () => {
    expect(after([created, stored()], remove)).toEqual({
      events: [['ContextVariableRemoved', { contextId: 'c1', name: 'A' }]],
    });
  });
  it('does nothing when there is none', () => {
    expect(after([created], remove)).toEqual({ nothing: 'the context has no such variable' });
  });
});

describe('a context that is not there, or no more', () => {
  it.each([store(), remove, drop])('$type', (command) => {
    expect(after([], command)).toEqual(noContext);
    expect(after([created, deleted], command)).toEqual(noContext);
  });
  it('is deleted with its name', () => {
    expect(after([created, stored()], drop)).toEqual({ events: [['ContextDeleted', facts]] });
    expect(after([created, stored(), deleted, created], remove)).toHaveProperty('nothing');
  });
});
