// What every executor must do (DESIGN D10): host, docker and fake run this suite from their own spec.
//
//   executorContract('host', async () => ({ executor: new HostExecutor({ workRoot }), cleanUp: async () => ... }));
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import type { JobDefinition } from '../../../pipelines/config/index.js';
import { posixDialect, type Action, type Dialect } from './executor.dialect.js';
import type { ExecutionEnvironment, Executor, PrepareRequest, RunningCommand } from './executor.port.js';
import { packFiles, textOf, unpackedTexts, until } from './executor.testing.js';

export interface ContractSubject {
  executor: Executor;
  /** Called after all tests. */
  cleanUp?(): Promise<void>;
  /** Asked after destroy(): what is left of the task, e.g. container names or directories; [] is right. */
  leftovers?(taskId: string): Promise<string[]>;
}

export interface ContractOptions {
  dialect?: Dialect;
  /** The job to prepare; by default a docker job of the image `image`. */
  definition?: Partial<JobDefinition>;
  /** Milliseconds; a docker executor may have to pull. */
  prepareTimeout?: number;
}

/** Declares the suite. `makeExecutor` is called once; tests prepare and destroy environments of their own. */
export function executorContract(
  name: string,
  makeExecutor: () => Promise<ContractSubject>,
  options: ContractOptions = {},
): void {
  const dialect = options.dialect ?? posixDialect;
  const definition: JobDefinition = {
    executor: { type: 'docker', images: [{ image: 'cimg/base:stable', environment: {} }] },
    resourceClass: 'default',
    parallelism: 1,
    workingDirectory: '~/project',
    environment: {},
    steps: [],
    ...options.definition,
  };
  /** Declares a test only where commands are real processes. */
  const real: (title: string, test: () => Promise<void>) => void = dialect.realProcesses
    ? it
    : () => undefined;
  let subject: ContractSubject;
  const open: ExecutionEnvironment[] = [];

  const requestFor = (taskId: string, change: Partial<JobDefinition> = {}): PrepareRequest => ({
    taskId,
    jobName: 'contract',
    definition: { ...definition, ...change },
    environment: {},
    log: () => undefined,
    signal: new AbortController().signal,
  });
  const prepare = async (taskId: string = randomUUID(), change: Partial<JobDefinition> = {}) => {
    const environment = await subject.executor.prepare(requestFor(taskId, change));
    environment.died.catch(() => undefined);
    open.push(environment);
    return environment;
  };
  const start = async (environment: ExecutionEnvironment, actions: Action[], more: StartOptions = {}) => {
    const chunks: Buffer[] = [];
    const command = await environment.start({
      argv: more.argv ?? dialect.argv(actions),
      environment: more.environment ?? {},
      cwd: more.cwd ?? environment.workingDirectory,
      onOutput: more.onOutput ?? ((chunk) => void chunks.push(Buffer.from(chunk))),
    });
    return { command, text: () => Buffer.concat(chunks).toString() };
  };
  const run = async (environment: ExecutionEnvironment, actions: Action[], more: StartOptions = {}) => {
    const started = await start(environment, actions, more);
    const { code } = await started.command.exit;
    return { code, text: started.text() };
  };

  describe(`executor contract: ${name}`, () => {
    beforeAll(async () => {
      subject = await makeExecutor();
    }, options.prepareTimeout ?? 60_000);
    afterEach(async () => {
      await Promise.all(open.splice(0).map((environment) => environment.destroy()));
    });
    afterAll(async () => {
      await subject?.cleanUp?.();
    });

    it('is available and says what it runs on', async () => {
      const answer = await subject.executor.available();
      expect(answer).toMatchObject({ ok: true, detail: expect.any(String) });
    });

    it('makes the working directory, with ~ as the home directory', async () => {
      const environment = await prepare();
      expect(environment.workingDirectory).toBe(`${environment.home}/project`);
      expect((await environment.stat(environment.workingDirectory))?.kind).toBe('directory');
      expect((await environment.stat(environment.home))?.kind).toBe('directory');
      expect(environment.baseEnvironment['PATH']).toBeTruthy();
      expect(environment.baseEnvironment['HOME']).toBe(environment.home);
      expect(environment.description.length).toBeGreaterThan(0);
    });

    it('fails to prepare with a message for the user when the working directory cannot be made', async () => {
      const taskId = randomUUID();
      const failing = subject.executor.prepare(requestFor(taskId, { workingDirectory: '/dev/null/project' }));
      await expect(failing).rejects.toMatchObject({
        name: 'ExecutorError',
        message: expect.stringContaining('/dev/null/project'),
      });
      expect((await subject.leftovers?.(taskId)) ?? []).toEqual([]);
    });

    it('does not prepare when it is already canceled, and leaves nothing', async () => {
      const taskId = randomUUID();
      const canceled = subject.executor.prepare({ ...requestFor(taskId), signal: AbortSignal.abort() });
      await expect(canceled).rejects.toHaveProperty('message');
      expect((await subject.leftovers?.(taskId)) ?? []).toEqual([]);
    });

    it('gives the exit code and the output', async () => {
      const environment = await prepare();
      expect(await run(environment, [{ print: 'hello' }])).toEqual({ code: 0, text: 'hello\n' });
      expect(await run(environment, [{ print: 'before' }, { exit: 3 }])).toEqual({
        code: 3,
        text: 'before\n',
      });
    });

    it('gives the files of a directory in one call, up to a limit', async () => {
      const environment = await prepare();
      const base = environment.workingDirectory;
      await environment.mkdir(`${base}/d/below`);
      await environment.writeFile(`${base}/d/below/c`, 'not this');
      await environment.writeFile(`${base}/d/a`, 'text\n');
      await environment.writeFile(`${base}/d/b`, Buffer.from([0, 255, 10]));
      await environment.writeFile(`${base}/d/empty`, '');
      const files = await environment.readFiles(`${base}/d`, 8);
      expect(files).toEqual({
        a: Buffer.from('text\n'),
        b: Buffer.from([0, 255, 10]),
        empty: Buffer.alloc(0),
      });
      await expect(environment.readFiles(`${base}/d`, 7)).rejects.toThrow('more than 7 bytes');
      await expect(environment.readFiles(`${base}/none`, 7)).rejects.toThrow();
    });

    real('hears of entries that processes of commands move into a directory', async () => {
      const environment = await prepare();
      const directory = `${environment.workingDirectory}/entries`;
      await environment.mkdir(directory);
      const heard: string[] = [];
      environment.hear(directory, (name) => void heard.push(name));
      const tell = environment.bell;
      const text = `for entry in a b; do mkdir .$entry; mv .$entry $entry; ${tell} || echo unheard; done; (entry=c; mkdir c; ${tell})`;
      const sh = { argv: ['/bin/sh', '-c', text], cwd: directory };
      expect(await run(environment, [], sh)).toEqual({ code: 0, text: '' });
      await until(() => heard.length === 3, `three entries to be heard of: ${heard.join()}`);
      expect(heard).toEqual(['a', 'b', 'c']);
    });

    it('keeps stdout and stderr in the order in which they came', async () => {
      const environment = await prepare();
      const actions: Action[] = [];
      for (let i = 0; i < 200; i++)
        actions.push(i % 2 ? { printError: `line ${i}` } : { print: `line ${i}` });
      const { text } = await run(environment, actions);
      expect(text).toBe(Array.from({ length: 200 }, (_, i) => `line ${i}\n`).join(''));
    });

    it('hands over output while the command runs', async () => {
      const environment = await prepare();
      const started = await start(environment, [{ print: 'first' }, { hang: true }]);
      await until(() => started.text() === 'first\n', 'the first line');
      await started.command.kill(0);
    });

    it('loses no byte of a large output to a slow reader', async () => {
      const environment = await prepare();
      let bytes = 0;
      const onOutput = async (chunk: Buffer) => {
        bytes += chunk.length;
        await new Promise((resolve) => setImmediate(resolve));
      };
      const { code } = await run(environment, [{ spam: 5_000_000 }], { onOutput });
      expect({ code, bytes }).toEqual({ code: 0, bytes: 5_000_000 });
    });

    it('runs with the environment and in the directory that it is given', async () => {
      const environment = await prepare();
      await environment.mkdir(`${environment.workingDirectory}/sub dir`);
      const { text } = await run(
        environment,
        [{ printVariable: 'GREETING' }, { printVariable: 'HOME' }, { printDirectory: true }],
        {
          environment: { GREETING: 'it\'s a $HOME "text"\nof two lines' },
          cwd: `${environment.workingDirectory}/sub dir`,
        },
      );
      expect(text).toBe(
        `it's a $HOME "text"\nof two lines\n${environment.home}\n${environment.workingDirectory}/sub dir\n`,
      );
    });

    it('runs several commands at once', async () => {
      const environment = await prepare();
      const one = await start(environment, [{ print: 'one' }, { hang: true }]);
      const two = await run(environment, [{ print: 'two' }]);
      expect(two).toEqual({ code: 0, text: 'two\n' });
      await one.command.kill(0);
      expect(one.text()).toBe('one\n');
    });

    it('kills a command: its exit settles with a code that is not 0', async () => {
      const environment = await prepare();
      const started = await start(environment, [{ print: 'up' }, { hang: true }]);
      await until(() => started.text() === 'up\n', 'the command to run');
      await started.command.kill(2000);
      const { code } = await started.command.exit;
      expect(code).toBeGreaterThan(0);
      await started.command.kill();
    });

    it('refuses a program that is not there with a message or code 126/127', async () => {
      const environment = await prepare();
      const outcome = await run(environment, [], { argv: ['/no/such/program'] }).catch(
        (error: unknown) => error,
      );
      if ('message' in (outcome as object)) expect((outcome as Error).message).toContain('/no/such/program');
      else expect([126, 127]).toContain((outcome as { code: number }).code);
    });

    real('gives a real pipe: programs may open /dev/stderr and /dev/stdout', async () => {
      const environment = await prepare();
      const argv = ['/bin/sh', '-c', 'echo a >/dev/stderr; echo b >/dev/stdout; echo c >&2'];
      expect(await run(environment, [], { argv })).toEqual({ code: 0, text: 'a\nb\nc\n' });
    });

    real('gives an empty standard input', async () => {
      const environment = await prepare();
      expect(await run(environment, [], { argv: ['/bin/sh', '-c', 'cat; echo end'] })).toEqual({
        code: 0,
        text: 'end\n',
      });
    });

    real('gives 128 + the signal number when a signal ended the command', async () => {
      const environment = await prepare();
      expect((await run(environment, [], { argv: ['/bin/sh', '-c', 'kill -9 $$'] })).code).toBe(137);
    });

    real('kills what ignores SIGTERM after the grace time', async () => {
      const environment = await prepare();
      const argv = ['/bin/sh', '-c', 'trap "echo no" TERM; echo up; while :; do sleep 0.1; done'];
      const started = await start(environment, [], { argv });
      await until(() => started.text().startsWith('up\n'), 'the command to run');
      await started.command.kill(300);
      expect((await started.command.exit).code).toBeGreaterThan(0);
    });

    real('kills the whole tree, and only that', async () => {
      const environment = await prepare();
      const beat = (file: string) => `while :; do echo x >>${file}; sleep 0.05; done`;
      const bystander = await start(environment, [], { argv: ['/bin/sh', '-c', beat('bystander')] });
      const tree = `(${beat('child')}) & sh -c '(${beat('grandchild')}) & wait' & echo up; wait`;
      const started = await start(environment, [], { argv: ['/bin/sh', '-c', tree] });
      const size = async (file: string) =>
        (await environment.stat(`${environment.workingDirectory}/${file}`))?.size ?? 0;
      const all = ['bystander', 'child', 'grandchild'];
      await until(async () => (await Promise.all(all.map(size))).every((n) => n > 0), 'all loops to run');
      await started.command.kill(1000);
      const [child, grandchild, other] = [
        await size('child'),
        await size('grandchild'),
        await size('bystander'),
      ];
      await until(async () => (await size('bystander')) > other + 4, 'the bystander to go on');
      expect([await size('child'), await size('grandchild')]).toEqual([child, grandchild]);
      await bystander.command.kill(0);
    });

    real('does not wait more than about a second for what a command left running, nor kills it', async () => {
      const environment = await prepare();
      const argv = ['/bin/sh', '-c', '(while :; do echo x; echo x >>left; sleep 0.05; done) & echo done'];
      const before = Date.now();
      const { code, text } = await run(environment, [], { argv });
      expect({ code, done: text.includes('done\n') }).toEqual({ code: 0, done: true });
      expect(Date.now() - before).toBeLessThan(5000);
      const size = async () => (await environment.stat(`${environment.workingDirectory}/left`))?.size ?? 0;
      const seen = await size();
      // It goes on printing, too: its output must not hit a closed pipe.
      await until(async () => (await size()) > seen + 20, 'the process left behind to go on');
    });

    it('says what is at a path, through symbolic links', async () => {
      const environment = await prepare();
      const at = (path: string) => environment.stat(`${environment.workingDirectory}/${path}`);
      await environment.writeFile(`${environment.workingDirectory}/a/b.txt`, 'twelve bytes');
      expect(await at('a/b.txt')).toEqual({ kind: 'file', size: 12 });
      expect((await at('a'))?.kind).toBe('directory');
      expect(await at('none')).toBeUndefined();
      expect(await at('a/b.txt/below-a-file')).toBeUndefined();
      const links = await packFiles([
        { name: 'link', linkTo: 'a/b.txt' },
        { name: 'dangling', linkTo: 'nowhere' },
      ]);
      await environment.unpack(environment.workingDirectory, links);
      expect(await at('link')).toEqual({ kind: 'file', size: 12 });
      expect(await at('dangling')).toBeUndefined();
    });

    it('writes and reads files, bytes unchanged', async () => {
      const environment = await prepare();
      const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * 7) & 255));
      const path = `${environment.workingDirectory}/deep/er/file with 'quotes'`;
      await environment.writeFile(path, bytes);
      expect((await textOf(await environment.readFile(path), 'latin1')) === bytes.toString('latin1')).toBe(
        true,
      );
      await environment.writeFile(path, 'short');
      expect(await textOf(await environment.readFile(path))).toBe('short');
      await environment.writeFile(path, '');
      expect(await textOf(await environment.readFile(path))).toBe('');
    });

    it('throws when a file to read is not there', async () => {
      const environment = await prepare();
      const reading = environment
        .readFile(`${environment.workingDirectory}/none`)
        .then((stream) => textOf(stream));
      await expect(reading).rejects.toHaveProperty('message');
    });

    real('gives a written file its mode', async () => {
      const environment = await prepare();
      const path = `${environment.workingDirectory}/tool`;
      await environment.writeFile(path, '#!/bin/sh\necho ran\n', 0o755);
      expect(await run(environment, [], { argv: [path] })).toEqual({ code: 0, text: 'ran\n' });
    });

    it('makes directories, files and links at once', async () => {
      const environment = await prepare();
      const base = environment.workingDirectory;
      await environment.make(base, [
        { path: 'bin', directory: true, mode: 0o777 },
        { path: 'bin/tool', mode: 0o755, content: '#!/bin/sh\necho ran\n' },
        { path: 'bin/other', linkTo: 'tool' },
        { path: 'empty', mode: 0o666, content: '' },
      ]);
      expect(await environment.listFiles(base)).toEqual(['bin/other', 'bin/tool', 'empty']);
      expect(await environment.stat(`${base}/bin/other`)).toEqual({ kind: 'file', size: 19 });
      expect(await environment.stat(`${base}/empty`)).toEqual({ kind: 'file', size: 0 });
      if (!dialect.realProcesses) return;
      const shown = await run(environment, [], {
        argv: ['/bin/sh', '-c', 'bin/other; ls -ld bin bin/tool empty'],
      });
      expect(shown).toMatchObject({ code: 0 });
      expect(shown.text.match(/^(ran|.rwx\S*|.rw-\S*)/gm)?.map((mode) => mode.slice(0, 10))).toEqual([
        'ran',
        'drwxrwxrwx',
        '-rwxr-xr-x',
        '-rw-rw-rw-',
      ]);
    });

    it('lists files under a directory, sorted, hidden ones too', async () => {
      const environment = await prepare();
      const root = `${environment.workingDirectory}/tree`;
      for (const path of ['z', 'a/2', 'a/1', 'a/.hidden', 'b c/d'])
        await environment.writeFile(`${root}/${path}`, path);
      await environment.mkdir(`${root}/empty`);
      await environment.unpack(root, await packFiles([{ name: 'link', linkTo: 'a' }]));
      expect(await environment.listFiles(root)).toEqual(['a/.hidden', 'a/1', 'a/2', 'b c/d', 'link', 'z']);
      expect(await environment.listFiles(`${root}/z`)).toEqual(['']);
      expect(await environment.listFiles(`${root}/empty`)).toEqual([]);
    });

    it('selects paths by Go patterns: no ** and hidden files match *', async () => {
      const environment = await prepare();
      const root = `${environment.workingDirectory}/tree`;
      for (const path of ['a.txt', 'b.txt', '.c.txt', 'd/e.txt', 'd/f/g.txt', 'x1', 'x2', 'x3']) {
        await environment.writeFile(`${root}/${path}`, '');
      }
      const glob = (pattern: string) => environment.glob(root, pattern);
      expect(await glob('*.txt')).toEqual(['.c.txt', 'a.txt', 'b.txt']);
      expect(await glob('*/*.txt')).toEqual(['d/e.txt']);
      expect(await glob('d/*')).toEqual(['d/e.txt', 'd/f']);
      expect(await glob('x[12]')).toEqual(['x1', 'x2']);
      expect(await glob('x[^12]')).toEqual(['x3']);
      expect(await glob('?.txt')).toEqual(['a.txt', 'b.txt']);
      expect(await glob('**/g.txt')).toEqual([]);
      expect(await glob('d')).toEqual(['d']);
      expect(await glob('none*')).toEqual([]);
      await environment.writeFile(`${root}/node-1 (a+b)^{2}|$.x`, '');
      expect(await glob('node-? (a+b)^{2}|$*')).toEqual(['node-1 (a+b)^{2}|$.x']);
      await expect(glob('[')).rejects.toThrow('syntax error in pattern');
    });

    it('packs paths relative to a base, and unpacks them elsewhere', async () => {
      const environment = await prepare();
      const { workingDirectory } = environment;
      await environment.writeFile(`${workingDirectory}/from/one`, '1');
      await environment.writeFile(`${workingDirectory}/from/-dir/two words`, '2');
      await environment.writeFile(`${workingDirectory}/from/left out`, '3');
      const texts = await unpackedTexts(await environment.pack(`${workingDirectory}/from`, ['one', '-dir']));
      expect(texts).toEqual({ one: '1', '-dir/two words': '2' });

      const tar = await environment.pack(`${workingDirectory}/from`, ['one', '-dir']);
      await environment.writeFile(`${workingDirectory}/to/one`, 'replaced');
      await environment.writeFile(`${workingDirectory}/to/kept`, 'kept');
      await environment.unpack(`${workingDirectory}/to`, tar);
      expect(await environment.listFiles(`${workingDirectory}/to`)).toEqual([
        '-dir/two words',
        'kept',
        'one',
      ]);
      expect(await textOf(await environment.readFile(`${workingDirectory}/to/one`))).toBe('1');
    });

    it('packs a whole directory as "."', async () => {
      const environment = await prepare();
      await environment.writeFile(`${environment.workingDirectory}/d/e/f`, 'x');
      expect(await unpackedTexts(await environment.pack(`${environment.workingDirectory}/d`, ['.']))).toEqual(
        { 'e/f': 'x' },
      );
    });

    it('makes a missing directory to unpack into', async () => {
      const environment = await prepare();
      const base = `${environment.workingDirectory}/new/dir`;
      await environment.unpack(base, await packFiles([{ name: 'x/y', text: 'z' }]));
      expect(await environment.listFiles(base)).toEqual(['x/y']);
    });

    it('rejects a tar that breaks off', async () => {
      const environment = await prepare();
      const whole = Buffer.from(
        await textOf(await packFiles([{ name: 'big', text: 'x'.repeat(300_000) }]), 'latin1'),
        'latin1',
      );
      const broken = Readable.from(
        (function* () {
          yield whole.subarray(0, 100_000);
          throw new Error('connection lost');
        })(),
      );
      await expect(environment.unpack(environment.workingDirectory, broken)).rejects.toHaveProperty(
        'message',
      );
    });

    real('lets the commands of the job use what was unpacked, and the other way round', async () => {
      const environment = await prepare();
      await environment.unpack(
        environment.workingDirectory,
        await packFiles([{ name: 'bin/hi', text: '#!/bin/sh\necho hi >made\n', mode: 0o755 }]),
      );
      expect((await run(environment, [], { argv: ['./bin/hi'] })).code).toBe(0);
      expect(await textOf(await environment.readFile(`${environment.workingDirectory}/made`))).toBe('hi\n');
    });

    it('keeps environments apart', async () => {
      const [one, two] = [await prepare(), await prepare()];
      await one.writeFile(`${one.workingDirectory}/mine`, '1');
      expect(await two.listFiles(two.workingDirectory)).toEqual([]);
    });

    it('end ends what runs and lets nothing more start', async () => {
      const environment = await prepare();
      const started = await start(environment, [{ print: 'up' }, { hang: true }]);
      await until(() => started.text() === 'up\n', 'the command to run');
      await environment.end();
      expect(await settles(started.command)).toBe(true);
      await expect(start(environment, [{ print: 'more' }])).rejects.toThrow();
    });

    it('destroy ends what runs and leaves nothing; it may be called twice', async () => {
      const taskId = randomUUID();
      const environment = await prepare(taskId);
      const started = await start(environment, [{ print: 'up' }, { hang: true }]);
      await until(() => started.text() === 'up\n', 'the command to run');
      await environment.destroy();
      expect(await settles(started.command)).toBe(true);
      await environment.destroy();
      expect((await subject.leftovers?.(taskId)) ?? []).toEqual([]);
    });

    it('cleanUp removes environments of other tasks and spares those alive', async () => {
      const [aliveId, deadId] = [randomUUID(), randomUUID()];
      const alive = await prepare(aliveId);
      await prepare(deadId);
      await subject.executor.cleanUp(new Set([aliveId]));
      expect(await run(alive, [{ print: 'still here' }])).toEqual({ code: 0, text: 'still here\n' });
      expect((await subject.leftovers?.(deadId)) ?? []).toEqual([]);
    });
  });
}

interface StartOptions {
  argv?: string[];
  environment?: Record<string, string>;
  cwd?: string;
  onOutput?: (chunk: Buffer) => void | Promise<void>;
}

/** True when the command's exit settles, either way. A command that never does runs into the test's time limit. */
async function settles(command: RunningCommand): Promise<boolean> {
  await command.exit.catch(() => undefined);
  return true;
}
