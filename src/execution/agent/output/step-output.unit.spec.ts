// Output on its way: in memory or on the disk, taken by the courier or sent from here, every byte once and in order.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { until } from '../executors/executor.testing.js';
import { StepOutput } from './step-output.js';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rotunda-output-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** A server that keeps what it gets, by offset; it takes at most `most` bytes of a call. */
function receiver(most = Infinity) {
  let bytes = Buffer.alloc(0);
  const receive = (offset: number, chunk: Buffer) => {
    if (offset > bytes.length) return { offset: bytes.length };
    bytes = Buffer.concat([bytes.subarray(0, offset), chunk.subarray(0, most)]);
    return { offset: bytes.length };
  };
  return { receive, get: () => bytes };
}
let count = 0;
const open = (send: (offset: number, chunk: Buffer) => Promise<{ offset: number }>) =>
  new StepOutput({
    spoolPath: join(directory, `step-${count++}`),
    secrets: [],
    send,
    onNews: () => undefined,
  });
const never = () => Promise.reject(new Error('nothing is to be sent from here'));

/** Takes part after part until the output is complete. */
async function takeAll(output: StepOutput, receive: (offset: number, chunk: Buffer) => { offset: number }) {
  await until(async () => {
    const part = await output.take(1000);
    if (part) output.acknowledge(receive(part.offset, part.bytes).offset);
    return output.complete;
  }, 'the output to be complete');
}

describe('StepOutput', () => {
  it('keeps short output in memory, for the courier to take', async () => {
    const output = open(never);
    const server = receiver();
    output.log('one\n');
    const part = await output.take(1000);
    expect(part).toEqual({ offset: 0, bytes: Buffer.from('one\n') });
    expect(await output.take(1000)).toBeUndefined();
    output.log('two\n');
    expect(await output.close()).toBe(8);
    output.acknowledge(server.receive(0, part!.bytes).offset);
    expect(output.complete).toBe(false);
    const rest = await output.take(1000);
    expect(output.isLast(rest!)).toBe(true);
    output.acknowledge(server.receive(rest!.offset, rest!.bytes).offset);
    expect([output.complete, server.get().toString()]).toEqual([true, 'one\ntwo\n']);
    expect(await readdir(directory)).toEqual([]);
    await output.dispose();
  });

  it('takes much output while the server is away, on the disk, and sends all of it once it is back', async () => {
    const server = receiver();
    let back: () => void = () => undefined;
    const away = new Promise<void>((resolve) => (back = resolve));
    const output = open(async (offset, chunk) => {
      await away;
      return server.receive(offset, chunk);
    });
    const all: Buffer[] = [];
    for (let i = 0; i < 300; i++) {
      const chunk = Buffer.alloc(64 * 1024, `${i} `);
      all.push(chunk);
      await output.write(chunk);
    }
    expect(await output.close()).toBe(300 * 64 * 1024);
    expect((await readdir(directory)).length).toBe(1);
    expect(server.get().length).toBe(0);
    back();
    await until(() => output.complete, 'the output to be complete');
    expect(server.get().equals(Buffer.concat(all))).toBe(true);
    await output.dispose();
    expect(await readdir(directory)).toEqual([]);
  });

  describe("on the server's machine", () => {
    const TRAILER = 48;
    const flood = async (output: StepOutput, mebibytes: number, ended: () => void) => {
      const all: Buffer[] = [];
      for (let i = 0; i < mebibytes * 16; i++) {
        const chunk = Buffer.alloc(64 * 1024, `${i} `);
        all.push(chunk);
        await output.write(chunk);
      }
      await output.close();
      ended();
      return Buffer.concat(all);
    };
    /** A server that takes nothing before the output has ended, then the first files, as many as `most`. */
    function sameMachine(most: number) {
      const server = receiver();
      const files: number[] = [];
      let ended: () => void = () => undefined;
      const end = new Promise<void>((resolve) => (ended = resolve));
      const output = new StepOutput({
        spoolPath: join(directory, `step-${count++}`),
        secrets: [],
        send: async (offset, chunk) => {
          await end;
          return server.receive(offset, chunk);
        },
        handOver: async (offset, path) => {
          if (files.length >= most) return undefined;
          const bytes = await readFile(path);
          files.push(bytes.length - TRAILER);
          return server.receive(offset, bytes.subarray(0, -TRAILER));
        },
        onNews: () => undefined,
      });
      return { output, server, files, ended };
    }

    it('hands whole pieces over as files, and the rest as bytes', async () => {
      const { output, server, files, ended } = sameMachine(Infinity);
      const all = await flood(output, 21, ended);
      await until(() => output.complete, 'the output to be complete');
      expect(server.get().equals(all)).toBe(true);
      // The first piece has begun as bytes, the last one is not full.
      expect(files).toEqual(Array.from({ length: 4 }, () => 4 * 1024 * 1024));
      await output.dispose();
      expect(await readdir(directory)).toEqual([]);
    });

    it('sends bytes as soon as a file is refused', async () => {
      const { output, server, files, ended } = sameMachine(2);
      const all = await flood(output, 21, ended);
      await until(() => output.complete, 'the output to be complete');
      expect([server.get().equals(all), files.length]).toEqual([true, 2]);
      await output.dispose();
    });

    it('sends again what the server has lost, also when it was a file', async () => {
      const { output, server, ended } = sameMachine(Infinity);
      const all = await flood(output, 21, ended);
      await until(() => output.complete, 'the output to be complete');
      output.acknowledge(1000);
      server.receive(1000, Buffer.alloc(0));
      await until(() => output.complete, 'the output to be complete again');
      expect(server.get().equals(all)).toBe(true);
      await output.dispose();
    });
  });

  it('gives every byte once and in order, whatever the chunks are and however little the server takes', async () => {
    const chunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40_000 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(chunks, fc.integer({ min: 900, max: 100_000 }), async (written, most) => {
        const server = receiver(most);
        const output = open(async (offset, chunk) => server.receive(offset, chunk));
        for (const chunk of written) await output.write(Buffer.from(chunk));
        await output.close();
        await takeAll(output, server.receive);
        expect(server.get().equals(Buffer.concat(written))).toBe(true);
        await output.dispose();
      }),
      { numRuns: 30 },
    );
    expect(await readdir(directory)).toEqual([]);
  });

  if (process.platform === 'linux') {
    it('says that the disk is full, to the one who prints and in the end', async () => {
      const spoolPath = join(directory, 'full');
      await symlink('/dev/full', spoolPath);
      const output = new StepOutput({ spoolPath, secrets: [], send: never, onNews: () => undefined });
      const printing = async () => {
        for (let i = 0; i < 100; i++) await output.write(Buffer.alloc(64 * 1024));
      };
      await expect(printing()).rejects.toThrow('ENOSPC');
      expect(() => output.write(Buffer.from('more'))).toThrow('ENOSPC');
      await expect(output.close()).rejects.toThrow('ENOSPC');
      await output.dispose();
    });
  }

  it('keeps what the agent says in order with what is printed, also while the disk is slower', async () => {
    const server = receiver();
    const output = open(async (offset, chunk) => server.receive(offset, chunk));
    const all: Buffer[] = [];
    const waits: unknown[] = [];
    for (let i = 0; i < 40; i++) {
      const chunk = Buffer.alloc(150_000, `${i} `);
      all.push(chunk, Buffer.from(`line ${i}\n`));
      // Nobody waits here: what finds no room is kept for later.
      waits.push(output.write(chunk));
      output.log(`line ${i}\n`);
    }
    await Promise.all(waits);
    await output.close();
    await until(() => output.complete, 'the output to be complete');
    expect(server.get().equals(Buffer.concat(all))).toBe(true);
    await output.dispose();
  });

  it('says why sending ended', async () => {
    const output = open(() => Promise.reject(new Error('refused')));
    await output.write(Buffer.alloc(100_000));
    await until(() => output.failure !== undefined, 'the failure');
    expect(output.failure).toEqual(new Error('refused'));
    await output.close();
    await output.dispose();
  });

  it('refuses an acknowledgement of more than was printed', () => {
    const output = open(never);
    output.log('x');
    expect(() => output.acknowledge(2)).toThrow('the server has 2 bytes of output, but the step printed 1');
  });
});
