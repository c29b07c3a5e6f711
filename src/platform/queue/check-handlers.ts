// The self-check at start: every declared queue has exactly one handler, every handler a declared queue.
import type { WorkHandler } from './work-queue.port.js';

const NAME = /^[a-z][a-z0-9-]*$/;

/** Throws one Error that names every mismatch and says what to write. */
export function checkHandlers(declared: readonly string[], handlers: readonly WorkHandler[]): void {
  const problems = [...new Set([...declared, ...handlers.map((h) => h.queue)])].flatMap((queue) => {
    const own = handlers.filter((h) => h.queue === queue);
    const found: string[] = [];
    if (!NAME.test(queue))
      found.push(`The queue name "${queue}" is not lower-case letters, digits and dashes: rename it.`);
    if (own.length === 0)
      found.push(
        `The queue "${queue}" is declared but nothing handles it: ` +
          `write a WorkHandler with queue = '${queue}' and register it, or remove the declaration.`,
      );
    if (own.length > 1)
      found.push(
        `The queue "${queue}" has ${own.length} handlers (${own.map(nameOf).join(', ')}): keep one of them.`,
      );
    if (own.length > 0 && !declared.includes(queue))
      found.push(
        `${own.map(nameOf).join(', ')} handles the queue "${queue}", which is not declared: ` +
          `add '${queue}' to the declared queue names, or correct the handler's queue.`,
      );
    return found;
  });
  if (problems.length > 0) throw new Error(problems.join('\n'));
}

function nameOf(handler: WorkHandler): string {
  const name = handler.constructor.name;
  return name === 'Object' ? 'an object' : name;
}
