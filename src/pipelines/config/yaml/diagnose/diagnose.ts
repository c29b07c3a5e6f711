// Says what is wrong with a text that is no YAML, as SnakeYAML would say it. Only texts that failed come here, so that
// sound ones are read once, by the `yaml` package, whose own messages are its own.
import { readDocument } from './structure.js';
import { YamlSyntaxError } from './syntax-error.js';

export interface Diagnosis {
  context?: { text: string; at?: number };
  problem: string;
  /** Offset in the source. */
  at: number;
}

/** Undefined when the text is sound by these rules, or nested beyond all reason. */
export function diagnose(source: string): Diagnosis | undefined {
  try {
    readDocument(source);
    return undefined;
  } catch (error) {
    if (error instanceof YamlSyntaxError) return error;
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
