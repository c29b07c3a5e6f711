// What only containers have: services, users, limits, entrypoints, the death of a container.
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import Docker from 'dockerode';
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dockerForTests, ensureTestImage } from '../../../../../test/support/docker-image.js';
import { packArchive, unpackArchive } from '../../archive/archive.js';
import type { ExecutionEnvironment, PrepareRequest } from '../executor.port.js';
import { packFiles, textOf, unpackedTexts, until } from '../executor.testing.js';
import { DockerExecutor } from './docker-executor.js';
import { derivedImage, imageOf, removeImage, requestFor, sh } from './docker.testing.js';

const SUITE = 'containers of the Docker executor';
/** A server in Perl, which Debian's smallest system has: it answers every connection with one variable. */
const SERVER = `use Socket; socket(S, PF_INET, SOCK_STREAM, 6); setsockopt(S, SOL_SOCKET, SO_REUSEADDR, 1);
bind(S, sockaddr_in(5432, INADDR_ANY)) or die; listen(S, 5);
while (accept(C, S)) { print C "$ENV{GREETING} $ENV{FROM_JOB}\\n"; close C }`;
const ask = (host: string) =>
  `for i in $(seq 100); do bash -c 'exec 3<>/dev/tcp/${host}/5432 && cat <&3' 2>/dev/null && exit; sleep 0.1; done; exit 1`;

if (await dockerForTests(SUITE)) {
  describe(SUITE, () => {
    const docker = new Docker();
    const executor = new DockerExecutor({ agent: `behaviour-${randomUUID()}` });
    const open: ExecutionEnvironment[] = [];
    const images: string[] = [];
    const prepare = async (request: PrepareRequest) => {
      const environment = await executor.prepare(request);
      open.push(environment);
      return environment;
    };
    const containerOf = (taskId: string) => docker.getContainer(`rotunda-${taskId}-primary`);
    beforeAll(async () => void (await ensureTestImage()), 400_000);
    afterEach(
      async () => void (await Promise.all(open.splice(0).map((environment) => environment.destroy()))),
    );
    afterAll(async () => {
      await executor.cleanUp(new Set());
      await Promise.all(images.map(removeImage));
    });

    it('gives all containers one network: localhost and the name of the image reach a service', async () => {
      const service = imageOf({
        name: 'database',
        entrypoint: ['perl'],
        command: ['-e', SERVER],
        environment: { GREETING: 'hello' },
      });
      const environment = await prepare(
        requestFor([imageOf(), service], { environment: { FROM_JOB: 'job' } }),
      );
      expect(await sh(environment, ask('localhost'))).toEqual({ code: 0, text: 'hello job\n' });
      expect(await sh(environment, ask('database'))).toEqual({ code: 0, text: 'hello job\n' });
    });

    it('tells the last words of a service that ends early; the job goes on', async () => {
      const service = imageOf({ command: ['sh', '-c', 'echo no licence; exit 4'] });
      const request = requestFor([imageOf(), service]);
      const environment = await prepare(request);
      await until(() => /ended with code 4\.\nno licence/.test(request.logged()), 'the message');
      expect((await sh(environment, 'echo on')).text).toBe('on\n');
    });

    it('runs as the user of the image, who owns the working directory and what is unpacked', async () => {
      const image = await derivedImage('useradd -m -u 3434 circleci', ['USER circleci']);
      images.push(image);
      const environment = await prepare(
        requestFor([imageOf({ image })], { definition: { workingDirectory: '/new/place' } }),
      );
      expect(environment.home).toBe('/home/circleci');
      await environment.unpack('/new/place/in', await packFiles([{ name: 'x/y', text: '1' }]));
      await environment.writeFile('/new/place/w/tool', 'x', 0o700);
      const { text } = await sh(
        environment,
        'id -un; stat -c "%U %a %n" /new /new/place in in/x in/x/y w w/tool',
      );
      expect(text.split('\n').slice(0, -1)).toEqual([
        'circleci',
        'circleci 755 /new',
        'circleci 755 /new/place',
        'circleci 755 in',
        expect.stringMatching(/^circleci \d+ in\/x$/),
        'circleci 644 in/x/y',
        'circleci 755 w',
        'circleci 700 w/tool',
      ]);
      const started = await environment.start({
        argv: ['/bin/sh', '-c', 'setsid sleep 1000 & env -i sleep 1001 & echo up; wait'],
        environment: {},
        cwd: '/',
        onOutput: () => undefined,
      });
      const count = async () => Number((await sh(environment, 'pgrep -fc "^sleep 100[01]" || :')).text);
      await until(async () => (await count()) === 2, 'both processes');
      await started.kill(500);
      expect(await count()).toBe(0);
    });

    it('takes the user that the config names, and refuses one that the image does not know', async () => {
      const environment = await prepare(
        requestFor([imageOf({ user: 'daemon' })], { definition: { workingDirectory: '/work' } }),
      );
      expect((await sh(environment, 'id -un; stat -c %U .')).text).toBe('daemon\ndaemon\n');
      const failing = executor.prepare(requestFor([imageOf({ user: 'nobody-knows' })]));
      await expect(failing).rejects.toMatchObject({
        kind: 'failed',
        message: expect.stringContaining('nobody-knows'),
      });
    });

    it('gives steps the environment of the primary image', async () => {
      const environment = await prepare(requestFor([imageOf({ environment: { FROM_IMAGE: 'yes' } })]));
      expect(environment.baseEnvironment['FROM_IMAGE']).toBe('yes');
      expect((await sh(environment, 'echo $FROM_IMAGE')).text).toBe('yes\n');
    });

    it('limits processors and memory by the resource class', async () => {
      const request = requestFor([imageOf()], { definition: { resourceClass: 'small' } });
      await prepare(request);
      const { HostConfig } = await containerOf(request.taskId).inspect();
      expect(HostConfig).toMatchObject({ NanoCpus: 1e9, Memory: 2 * 1024 ** 3 });
    });

    it('does its file work without tar and find in the image', async () => {
      const image = await derivedImage('rm -f "$(command -v tar)" "$(command -v find)"');
      images.push(image);
      const environment = await prepare(requestFor([imageOf({ image })]));
      const at = (path: string) => `${environment.workingDirectory}/${path}`;
      await environment.unpack(
        at('in'),
        await packFiles([
          { name: 'a/.b', text: '1' },
          { name: 'c', linkTo: '../../..' },
        ]),
      );
      await environment.writeFile(at('in/d e'), '2');
      expect(await environment.listFiles(at('in'))).toEqual(['a/.b', 'c', 'd e']);
      expect(await environment.glob(at('in'), '*/.*b')).toEqual(['a/.b']);
      expect(await unpackedTexts(await environment.pack(at('in'), ['.']))).toEqual({
        'a/.b': '1',
        'd e': '2',
      });
      expect(await unpackedTexts(await environment.pack(at('in'), ['a', 'd e']))).toEqual({
        'a/.b': '1',
        'd e': '2',
      });
      expect(await textOf(await environment.readFile(at('in/d e')))).toBe('2');
      await expect(textOf(await environment.pack(at('in'), ['none']))).rejects.toThrow('none');
    });

    it('makes and unpacks archives with and without tar in the image, from one to the other', async () => {
      const image = await derivedImage('rm -f "$(command -v tar)"');
      images.push(image);
      const [plain, without] = [
        await prepare(requestFor([imageOf()])),
        await prepare(requestFor([imageOf({ image })])),
      ];
      const long = `${'deep/'.repeat(30)}file`;
      for (const [from, to] of [
        [plain, without],
        [without, plain],
      ] as const) {
        const script = `mkdir -p from/$(dirname ${long}); cd from; echo x >${long}; chmod 750 ${long}; ln -s ${long} link
          ln ${long} hard; ln -s /etc out; mkdir empty; head -c 1000000 /dev/urandom >big; sha256sum big >sum; mkfifo pipe`;
        expect((await sh(from, script)).code).toBe(0);
        const archive = await packArchive(from, '/', [`${from.workingDirectory.slice(1)}/from`]);
        const skipped: string[] = [];
        await unpackArchive(to, `${to.workingDirectory}/to`, archive, {
          rename: ({ name, linkname }) => ({
            name: name.replace(/^.*?project\/from/, 'd'),
            linkname: linkname.replace(/^.*?project\/from/, 'd'),
          }),
          onSkipped: (name) => skipped.push(name.replace(/^.*\//, '')),
        });
        const check = `cd to/d; cat ${long} link hard; sha256sum -c sum; readlink out; ls -d empty; test -x ${long}; ls pipe 2>&1`;
        expect((await sh(to, check)).text).toBe(
          "x\nx\nx\nbig: OK\n/etc\nempty\nls: cannot access 'pipe': No such file or directory\n",
        );
        expect(skipped).toEqual(['pipe']);
        await sh(to, 'rm -rf to');
      }
    });

    it('has a RAM disk that file operations see', async () => {
      const environment = await prepare(requestFor([imageOf()]));
      const { text } = await sh(environment, 'stat -f -c %T /mnt/ramdisk; echo x >/mnt/ramdisk/f');
      expect(text).toBe('tmpfs\n');
      expect(await unpackedTexts(await environment.pack('/mnt/ramdisk', ['f']))).toEqual({ f: 'x\n' });
    });

    it('keeps an entrypoint that the config names, and dies with it', async () => {
      const entrypoint = [
        'sh',
        '-c',
        'echo started >/started; while [ ! -e /end ]; do sleep 0.1; done; exit 7',
      ];
      const environment = await prepare(requestFor([imageOf({ entrypoint })]));
      await until(async () => (await environment.stat('/started')) !== undefined, 'the entrypoint to run');
      await environment.writeFile('/end', '');
      await expect(environment.died).rejects.toMatchObject({
        name: 'ExecutorError',
        message: expect.stringContaining('ended with code 7'),
      });
    });

    it('says that it ran out of memory', async () => {
      const entrypoint = [
        'sh',
        '-c',
        'while [ ! -e /go ]; do sleep 0.1; done; exec perl -e \'$x = "a" x 3e9; sleep 9\'',
      ];
      const request = requestFor([imageOf({ entrypoint })], { definition: { resourceClass: 'small' } });
      const environment = await prepare(request);
      await environment.writeFile('/go', '');
      await expect(environment.died).rejects.toThrow('out of memory');
    });

    it('ends a running command when the container is killed from outside', async () => {
      const request = requestFor([imageOf()]);
      const environment = await prepare(request);
      const running = sh(environment, 'while :; do sleep 1; done').catch(() => ({ code: 137 }));
      await containerOf(request.taskId).kill();
      await expect(environment.died).rejects.toMatchObject({ name: 'ExecutorError' });
      expect((await running).code).toBe(137);
    });

    it('cleans up what a killed agent left, but not what another agent has', async () => {
      const [one, two] = [requestFor([imageOf()]), requestFor([imageOf()])];
      await prepare(one);
      const other = new DockerExecutor({ agent: `other-${randomUUID()}` });
      open.push(await other.prepare(two));
      await executor.cleanUp(new Set());
      await expect(containerOf(one.taskId).inspect()).rejects.toMatchObject({ statusCode: 404 });
      expect((await containerOf(two.taskId).inspect()).State.Running).toBe(true);
    });

    it('hands over 200 MB of output with every byte', async () => {
      const environment = await prepare(requestFor([imageOf()]));
      let bytes = 0;
      const command = await environment.start({
        argv: [
          '/bin/sh',
          '-c',
          'yes "a line of an ordinary log, fifty bytes or so long" | head -c 200000000',
        ],
        environment: {},
        cwd: '/',
        onOutput: (chunk) => void (bytes += chunk.length),
      });
      expect((await command.exit).code).toBe(0);
      expect(bytes).toBe(200_000_000);
    });

    it('says within 2 s that no engine answers', async () => {
      const directory = await mkdtemp(join(tmpdir(), 'rotunda-docker-'));
      const socketPath = join(directory, 'silent.sock');
      const silent = createServer().listen(socketPath);
      await once(silent, 'listening');
      try {
        for (const path of [socketPath, join(directory, 'none.sock')]) {
          const before = performance.now();
          const answer = await new DockerExecutor({
            docker: new Docker({ socketPath: path, timeout: 3000 }),
          }).available();
          expect(answer).toMatchObject({
            ok: false,
            reason: expect.stringContaining('no Docker engine answers'),
          });
          expect(performance.now() - before).toBeLessThan(2000);
        }
      } finally {
        silent.close();
        await rm(directory, { recursive: true, force: true });
      }
    });
  });
} else {
  it(`NOT TESTED, no Docker engine answers: ${SUITE}`, () => {
    expect(process.env['ROTUNDA_REQUIRE_DOCKER']).not.toBe('1');
  });
}
