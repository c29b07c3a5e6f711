// Writes every collection in brackets on one line, with all characters at their old offsets.
import { Scanner } from './scanner.js';
import { YamlSyntaxError } from './syntax-error.js';
import type { Token } from './tokens.js';

/**
 * Line breaks and comments between the words of such collections become spaces; breaks inside a word stay. Undefined when
 * there is nothing to do, or the text is no YAML.
 */
export function flattenFlows(source: string): string | undefined {
  const parts: string[] = [];
  let [from, depth] = [0, 0];
  try {
    const scanner = new Scanner(source);
    for (let token = scanner.next(); token.id !== '<stream end>'; token = scanner.next()) {
      if (token.at >= from) {
        const between = source.slice(from, token.at);
        parts.push(depth > 0 ? ' '.repeat(between.length) : between);
        from = endOf(token);
        parts.push(source.slice(token.at, from));
      }
      if (token.id === '[' || token.id === '{') depth += 1;
      if (token.id === ']' || token.id === '}') depth -= 1;
    }
  } catch (error) {
    if (error instanceof YamlSyntaxError) return undefined;
    throw error;
  }
  const result = parts.join('') + source.slice(from);
  return result === source ? undefined : result;
}

/** Tokens that stand for a place only, as where a mapping begins, have no length. */
function endOf({ id, at, end }: Token): number {
  return end ?? at + ('[]{},:'.includes(id) ? 1 : 0);
}
