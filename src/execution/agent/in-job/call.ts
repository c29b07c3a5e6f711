// A call of the in-job command, as it comes to the agent, and what the agent answers.

/** More bytes than this no call has, nor an answer. */
export const MOST_CALL_BYTES = 256 * 1024 * 1024;

export interface Call {
  args: readonly string[];
  /** Where it was made, absolute. */
  cwd: string;
  environment: Readonly<Record<string, string>>;
  /** The content of its file or of its standard input, as bytes, for commands that read any. */
  input: Buffer | undefined;
  /** Its directory in the job; files that are made there go with the call. */
  directory: string;
}

export interface Answer {
  code: number;
  /** For its standard output and its standard error, as they stand. */
  out?: string | Buffer;
  err?: string;
  /** A line of shell that the front becomes after that, and what this line gets as its standard input. */
  command?: { line: string; input: string };
}

/** Makes a call of the files that the front has written. */
export function callOf(directory: string, files: Readonly<Record<string, Buffer>>): Call {
  const environment: Record<string, string> = {};
  for (const pair of partsOf(files['env'])) {
    const at = pair.indexOf('=');
    if (at > 0) environment[pair.slice(0, at)] = pair.slice(at + 1);
  }
  return {
    args: partsOf(files['args']),
    cwd: files['cwd']?.toString() ?? '/',
    environment,
    input: files['input'],
    directory,
  };
}

/** Texts that have a NUL after each. */
function partsOf(content: Buffer | undefined): string[] {
  const parts = (content?.toString() ?? '').split('\0');
  parts.pop();
  return parts;
}
