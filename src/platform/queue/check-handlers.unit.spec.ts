import { describe, expect, it } from '@jest/globals';
import { checkHandlers } from './check-handlers.js';
import type { WorkHandler } from './work-queue.port.js';

class CompileHandler implements WorkHandler {
  constructor(readonly queue = 'compile') {}
  perform = (): Promise<void> => Promise.resolve();
  exhausted = (): Promise<void> => Promise.resolve();
  waiting = (): Promise<[]> => Promise.resolve([]);
}
class OtherHandler extends CompileHandler {}

describe('checkHandlers', () => {
  it('accepts one handler for each declared queue', () => {
    expect(() =>
      checkHandlers(['compile', 'notify'], [new CompileHandler(), new OtherHandler('notify')]),
    ).not.toThrow();
  });

  it('says what to write when a queue has no handler', () => {
    expect(() => checkHandlers(['compile', 'notify'], [new CompileHandler()])).toThrow(
      `The queue "notify" is declared but nothing handles it: write a WorkHandler with queue = 'notify' and register it`,
    );
  });

  it('names both handlers of one queue', () => {
    expect(() => checkHandlers(['compile'], [new CompileHandler(), new OtherHandler()])).toThrow(
      'The queue "compile" has 2 handlers (CompileHandler, OtherHandler): keep one of them.',
    );
  });

  it('says what to write when a handler has no declared queue', () => {
    expect(() => checkHandlers([], [new CompileHandler()])).toThrow(
      `CompileHandler handles the queue "compile", which is not declared: add 'compile' to the declared queue names`,
    );
  });

  it('refuses names that a store cannot hold', () => {
    expect(() => checkHandlers(['a:b'], [new CompileHandler('a:b')])).toThrow('The queue name "a:b"');
  });

  it('reports everything at once', () => {
    expect(() => checkHandlers(['one', 'two'], [])).toThrow(/"one"[\s\S]*"two"/);
  });
});
