// How archives are compressed: with zstd where this machine can do that, else with gzip. Either is read everywhere.
//
// Node 20 has no zstd of its own. Of what there is for it (2026): bindings that compile or fetch something when they are
// installed, WebAssembly that compresses a whole buffer at a time, and bindings with a handful of users. The `zstd`
// program is on most machines, streams, and uses other processors than ours; Node has zstd from 22.15 on. Only reading
// must work everywhere, and for that there is fzstd: plain JavaScript, no dependencies. gzip takes about five times as
// long to write.
import { execFile } from 'node:child_process';
import { pipeline, Readable, Transform, type TransformCallback } from 'node:stream';
import zlib from 'node:zlib';
import { throughProgram } from './program.js';

export type Compression = 'zstd' | 'gzip' | 'none';

interface ZstdOfNode {
  createZstdCompress?(options: { params: Record<number, number> }): Transform;
  createZstdDecompress?(): Transform;
  constants: Record<string, number>;
}

/** Newer versions of Node have it; the types here are those of the oldest one that we run on. */
const ofNode = zlib as unknown as ZstdOfNode;
const ZSTD_LEVEL = 1;
const GZIP_LEVEL = 1;
const PROBE_MS = 10_000;

export interface ZstdTools {
  /** Whether there is a program called `zstd`. */
  program: boolean;
  /** Whether Node has it. */
  node: boolean;
}

let found: Promise<ZstdTools> | undefined;

/** What this machine has for zstd; looked for once. */
export function zstdTools(): Promise<ZstdTools> {
  found ??= new Promise((resolve) => {
    execFile('zstd', ['--version'], { timeout: PROBE_MS }, (error) =>
      resolve({ program: error === null, node: ofNode.createZstdCompress !== undefined }),
    );
  });
  return found;
}

/** The content, compressed. Errors of the content are those of the result. */
export function compress(content: Readable, tools: ZstdTools): Readable {
  // Two threads: reading and compressing are one each, and files come from a disk.
  if (tools.program)
    return throughProgram({ argv: ['zstd', '-q', '-c', `-${ZSTD_LEVEL}`, '-T2'], input: content });
  if (tools.node) {
    const level = ofNode.constants['ZSTD_c_compressionLevel']!;
    const checksum = ofNode.constants['ZSTD_c_checksumFlag']!;
    return chained(content, ofNode.createZstdCompress!({ params: { [level]: ZSTD_LEVEL, [checksum]: 1 } }));
  }
  return chained(content, zlib.createGzip({ level: GZIP_LEVEL }));
}

/**
 * What was compressed, by its first bytes: zstd, gzip or not at all. Fails when it is damaged or breaks off.
 */
export async function decompress(content: Readable, tools: ZstdTools): Promise<Readable> {
  const { head, whole } = await peek(content, 4);
  const compression = compressionOf(head);
  if (compression === 'none') return whole;
  if (compression === 'gzip') return chained(whole, zlib.createGunzip());
  if (tools.program) return throughProgram({ argv: ['zstd', '-q', '-d', '-c'], input: whole });
  if (tools.node) return chained(whole, ofNode.createZstdDecompress!());
  const { Decompress } = await import('fzstd');
  return chained(whole, new PlainZstd((sink) => new Decompress(sink)));
}

/** By the first bytes of a content. */
export function compressionOf(head: Buffer): Compression {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  return head.length >= 4 && head.readUInt32LE() === 0xfd2fb528 ? 'zstd' : 'none';
}

interface Decoder {
  push(chunk: Uint8Array, final?: boolean): void;
}

/** zstd by fzstd, which wants to be told the end. */
class PlainZstd extends Transform {
  private readonly decoder: Decoder;

  constructor(make: (sink: (chunk: Uint8Array) => void) => Decoder) {
    super();
    this.decoder = make((chunk) => void this.push(Buffer.from(chunk)));
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.give(chunk, false, done);
  }

  override _flush(done: TransformCallback): void {
    this.give(Buffer.alloc(0), true, done);
  }

  private give(chunk: Buffer, final: boolean, done: TransformCallback): void {
    try {
      this.decoder.push(chunk, final);
      done();
    } catch (error) {
      done(new Error(`the archive is damaged: ${(error as Error).message}`));
    }
  }
}

function chained(from: Readable, to: Transform): Readable {
  return pipeline(from, to, () => undefined);
}

/** The first bytes of a stream (fewer when it has no more), and all of it. */
async function peek(content: Readable, count: number): Promise<{ head: Buffer; whole: Readable }> {
  const chunks = (content as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  let head: Buffer = Buffer.alloc(0);
  let ended = false;
  while (head.length < count && !ended) {
    const next = await chunks.next();
    if (next.done) ended = true;
    else head = Buffer.concat([head, next.value]);
  }
  async function* all(): AsyncGenerator<Buffer> {
    yield head;
    if (!ended) yield* { [Symbol.asyncIterator]: () => chunks };
  }
  return { head, whole: Readable.from(all(), { objectMode: false, highWaterMark: 256 * 1024 }) };
}
