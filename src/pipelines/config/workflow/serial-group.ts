// A serial group: the job runs between a job that takes the group's lock and one that gives it back (LANGUAGE C-309).
import { fault } from '../problems/fault.js';
import { mapping, scalar, textOf, type ConfigNode, type MappingNode } from '../yaml/node.js';
import type { Invocation } from './entry.js';
import type { RequiresItem } from './requires.js';

const PATTERN = '^[A-Za-z0-9._/-]+$';
const MOST_CHARACTERS = 512;

/** The key of the lock; throws a ConfigFault for one that is blank, too long, or has other characters. */
export function lockKey(node: ConfigNode): string {
  const key = textOf(node) ?? '';
  const at = `[${node.pointer ?? '#'}]`;
  if (key.length > MOST_CHARACTERS) {
    throw fault(`${at} expected maxLength: ${MOST_CHARACTERS}, actual: ${key.length}`, node);
  }
  if (!new RegExp(PATTERN).test(key))
    throw fault(`${at} string [${key}] does not match pattern ${PATTERN}`, node);
  return key;
}

/** A job that the compiler adds to a workflow; it cannot be required by name. */
export function addedJob(
  like: Invocation,
  name: string,
  definition: readonly [string, string][],
  requires: RequiresItem[],
): Invocation & { id: symbol; definition: MappingNode } {
  const { at } = like.call;
  const filters = like.kept.get('filters');
  return {
    job: name,
    name,
    id: Symbol(name),
    calledAs: null,
    ...(like.group && { group: like.group }),
    requires,
    kept: new Map(filters ? [['filters', filters] as const] : []),
    keys: like.keys,
    call: like.call,
    definition: mapping(
      definition.map(([key, value]) => [key, scalar(value, at)] as const),
      at,
    ),
  };
}

/** A requirement on a job that is known, whatever it is called. */
export function requirementOf(job: Invocation & { id: symbol }, status?: 'terminal'): RequiresItem {
  const { at } = job.call;
  return { name: job.name, to: job.id, at, ...(status && { statuses: scalar(status, at) }) };
}

/**
 * The job with its lock. The lock waits for what the job requires; the unlocking job runs however the job ended, and
 * nothing waits for it. Jobs without a serial group stay as they are.
 */
export function withLock(invocation: Invocation): Invocation[] {
  const group = invocation.kept.get('serial-group');
  if (!group) return [invocation];
  const key = lockKey(group);
  const { name } = invocation;
  const lock = addedJob(
    invocation,
    `${name}-serial-start`,
    [
      ['type', 'lock'],
      ['key', key],
    ],
    invocation.requires,
  );
  const job = {
    ...invocation,
    id: Symbol(name),
    requires: [requirementOf(lock)],
    kept: new Map([...invocation.kept].filter(([option]) => option !== 'serial-group')),
  };
  const unlock = unlocking(invocation, `${name}-serial-end`, key, lock, job);
  return [lock, job, unlock];
}

/** Gives back what `lock` took as soon as `last` has ended; it does not run when the lock was not taken. */
export function unlocking(
  like: Invocation,
  name: string,
  key: string,
  lock: Invocation & { id: symbol },
  last: Invocation & { id: symbol },
): Invocation {
  const definition: [string, string][] = [
    ['type', 'unlock'],
    ['key', key],
  ];
  return addedJob(like, name, definition, [requirementOf(lock), requirementOf(last, 'terminal')]);
}
