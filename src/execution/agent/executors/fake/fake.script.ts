// The little language of the fake executor: one action a line, so that a server is tested without any process.
//
//   print TEXT | echo TEXT   eprint TEXT   env NAME   pwd   sleep 200ms   spam BYTES   write PATH TEXT
//   true   false   fail CODE   hang   halt (like `circleci-agent step halt`)   die (the environment is lost)

export interface ScriptHost {
  print(bytes: Buffer): void | Promise<void>;
  variable(name: string): string;
  cwd: string;
  writeFile(path: string, text: string): Promise<void>;
  /** Rejects when the command is killed. */
  sleep(ms: number): Promise<void>;
  die(): void;
}

const LARGEST_SPAM = 64 * 1024;

/** Runs a script and gives its exit code. Stops at the first line that fails, like `sh -e`. */
export async function runScript(script: string, host: ScriptHost): Promise<number> {
  for (const line of script.split('\n')) {
    const code = await runLine(line.trim(), host);
    if (code !== 0) return code;
    // Between lines the command can be killed.
    await host.sleep(0);
  }
  return 0;
}

async function runLine(line: string, host: ScriptHost): Promise<number> {
  const space = line.indexOf(' ');
  const word = space < 0 ? line : line.slice(0, space);
  const rest = space < 0 ? '' : unquoted(line.slice(space + 1));
  const say = (text: string) => host.print(Buffer.from(`${text}\n`));
  switch (word) {
    case '':
    case '#':
    case 'true':
      return 0;
    case 'false':
      return 1;
    case 'print':
    case 'echo':
    case 'eprint':
      await say(rest);
      return 0;
    case 'env':
      await say(host.variable(rest));
      return 0;
    case 'pwd':
      await say(host.cwd);
      return 0;
    case 'sleep':
      await host.sleep(milliseconds(rest));
      return 0;
    case 'hang':
      return host.sleep(2 ** 31 - 1).then(() => 0);
    case 'spam':
      for (let left = Number(rest); left > 0; left -= LARGEST_SPAM)
        await host.print(Buffer.alloc(Math.min(left, LARGEST_SPAM), 'x'));
      return 0;
    case 'write': {
      const [path = '', ...words] = rest.split(' ');
      await host.writeFile(path, words.join(' '));
      return 0;
    }
    case 'halt':
      await host.writeFile(host.variable('ROTUNDA_HALT_FILE'), '');
      return 0;
    case 'die':
      host.die();
      return 137;
    case 'fail':
    case 'exit':
      return Number(rest || 1);
    default:
      if (word.startsWith('#')) return 0;
      await say(`${word}: command not found`);
      return 127;
  }
}

/** `200ms`, `1.5s`, `2` (seconds). */
function milliseconds(text: string): number {
  const match = /^([\d.]+)(ms|s|m)?$/.exec(text);
  if (!match) return 0;
  return Number(match[1]) * (match[2] === 'ms' ? 1 : match[2] === 'm' ? 60_000 : 1000);
}

function unquoted(text: string): string {
  return /^(["']).*\1$/.test(text) ? text.slice(1, -1) : text;
}
