// The flags of the in-job command: `--name value`, `--name=value`, `-v`; they may stand before and after operands.

/** The command line cannot be read; the message is what the user sees. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

/** What kind of value a flag has; a `boolean` one needs none. */
export type FlagKinds = Readonly<Record<string, 'text' | 'boolean'>>;

export interface ParsedFlags {
  /** By the long name; a boolean one is `true` or `false`. */
  flags: ReadonlyMap<string, string>;
  operands: string[];
}

/**
 * @param short long names by letter
 * @throws UsageError for a flag that is not known, or has no value where it needs one
 */
export function parseFlags(
  args: readonly string[],
  kinds: FlagKinds,
  short: Readonly<Record<string, string>> = {},
): ParsedFlags {
  const flags = new Map<string, string>();
  const operands: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === '--') {
      operands.push(...args.slice(i + 1));
      break;
    }
    if (!arg.startsWith('-') || arg === '-') {
      operands.push(arg);
      continue;
    }
    const [, dashes = '', written = '', , value] = /^(--?)([^=]*)(=([\s\S]*))?$/.exec(arg) ?? [];
    const name = dashes === '-' ? short[written] : written;
    const kind = name === undefined || !Object.hasOwn(kinds, name) ? undefined : kinds[name];
    if (name === undefined || kind === undefined) {
      throw new UsageError(
        dashes === '-'
          ? `unknown shorthand flag: ${JSON.stringify(written)} in ${arg}`
          : `unknown flag: ${dashes}${written}`,
      );
    }
    if (kind === 'boolean') {
      if (value !== undefined && !/^(1|t|true|0|f|false)$/i.test(value)) {
        throw new UsageError(`invalid argument "${value}" for "--${name}" flag: it is true or false`);
      }
      flags.set(name, String(value === undefined || /^(1|t)/i.test(value)));
    } else if (value !== undefined) flags.set(name, value);
    else {
      const next = args[++i];
      if (next === undefined) throw new UsageError(`flag needs an argument: --${name}`);
      flags.set(name, next);
    }
  }
  return { flags, operands };
}
