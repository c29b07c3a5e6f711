// Looks at every entry of a tar while it passes by: lets it pass, leaves it out, or gives it other names.
//
// Whole parsers hand over each entry as a stream of its own, which for a cache of many small files takes longer than
// packing and compressing it. Here content is not touched: only the headers are read, and the bytes go on as they came.
import { Transform, type TransformCallback } from 'node:stream';
import {
  BLOCK,
  padded,
  readHeader,
  readRecords,
  TarError,
  withNames,
  writeRecords,
  type TarHeader,
} from './tar-header.js';

/** What to do with an entry: nothing, leave it out with its content, or give it these names. */
export type TarVerdict = 'keep' | 'drop' | { name: string; linkname: string };

/** Longest list of names and attributes of one entry, in bytes. */
const MAX_DESCRIPTION = 1024 * 1024;

/** What the blocks before a header say of it. */
interface Description {
  /** As they came. */
  blocks: Buffer[];
  name?: string;
  linkname?: string;
  records?: Map<string, string>;
}

/** Chunks that are written to it are its own: other names are written into them where they fit. */
export class TarEdit extends Transform {
  private header: Buffer = Buffer.alloc(0);
  /** Content (with its padding) that is still to come of the present entry, and what becomes of it. */
  private left = 0;
  private target: 'keep' | 'drop' | 'describe' = 'keep';
  private describing: { header: TarHeader; blocks: Buffer[] } | undefined;
  private description: Description = { blocks: [] };
  private ended = false;

  /**
   * @param edit is asked about each entry, with its whole names; what it throws ends the stream
   */
  constructor(private readonly edit: (entry: TarHeader) => TarVerdict) {
    super({ highWaterMark: 256 * 1024 });
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    try {
      this.push(this.passed(chunk));
      done();
    } catch (error) {
      done(error as Error);
    }
  }

  /**
   * The end of the archive goes on only now, when whatever comes before this stream has found no fault with its own end:
   * who unpacks stops reading at it.
   */
  override _flush(done: TransformCallback): void {
    if (this.ended) done(null, Buffer.alloc(2 * BLOCK));
    else done(new TarError('the archive breaks off'));
  }

  /** The bytes that go on for these: where nothing changes, these themselves. */
  private passed(chunk: Buffer): Buffer {
    const out: Buffer[] = [];
    /** Start of what goes on as it is. */
    let from = 0;
    const cut = (to: number, next: number): void => {
      if (to > from) out.push(chunk.subarray(from, to));
      from = next;
    };
    for (let at = 0; at < chunk.length;) {
      if (this.ended) {
        cut(at, chunk.length);
        break;
      }
      if (this.left > 0) {
        const end = Math.min(chunk.length, at + this.left);
        if (this.target !== 'keep') cut(at, end);
        if (this.target === 'describe') this.describing!.blocks.push(Buffer.from(chunk.subarray(at, end)));
        this.left -= end - at;
        at = end;
        if (this.left === 0 && this.target === 'describe') this.described();
        continue;
      }
      const end = Math.min(chunk.length, at + BLOCK - this.header.length);
      const part = chunk.subarray(at, end);
      if (part.length === BLOCK) {
        const blocks = this.block(part);
        // The common cases: nothing is changed, or no more than this block.
        if (blocks.length === 1 && blocks[0]!.length === BLOCK) blocks[0]!.copy(part);
        else {
          cut(at, end);
          out.push(...blocks);
        }
      } else {
        cut(at, end);
        this.header = Buffer.concat([this.header, part]);
        if (this.header.length === BLOCK) {
          out.push(...this.block(this.header));
          this.header = Buffer.alloc(0);
        }
      }
      at = end;
    }
    cut(chunk.length, chunk.length);
    return out.length === 1 ? out[0]! : Buffer.concat(out);
  }

  /** Begins with the entry of a header; gives what goes on of it. */
  private block(block: Buffer): Buffer[] {
    const header = readHeader(block);
    if (header === undefined) {
      this.ended = true;
      return [];
    }
    this.left = padded(header.size);
    if (['x', 'g', 'L', 'K'].includes(header.type)) {
      if (header.size > MAX_DESCRIPTION) throw new TarError('the archive has a name that is too long');
      this.target = 'describe';
      this.describing = { header, blocks: [Buffer.from(block)] };
      if (this.left === 0) this.described();
      return [];
    }
    const { blocks, name, linkname, records } = this.description;
    this.description = { blocks: [] };
    const size = records?.get('size');
    if (size !== undefined) this.left = padded(Number(size));
    // Only files have content, whatever the size of others says.
    if ('123456'.includes(header.type)) this.left = 0;
    if (!Number.isSafeInteger(this.left) || this.left < 0) throw new TarError('the archive is damaged');
    const entry: TarHeader = {
      ...header,
      name: records?.get('path') ?? name ?? header.name,
      linkname: records?.get('linkpath') ?? linkname ?? header.linkname,
    };
    const verdict = this.edit(entry);
    this.target = verdict === 'drop' ? 'drop' : 'keep';
    if (verdict === 'drop') return [];
    if (verdict === 'keep' || (verdict.name === entry.name && verdict.linkname === entry.linkname))
      return [...blocks, block];
    return renamed(block, verdict, records);
  }

  /** Takes what describes the next entry. */
  private described(): void {
    const { header, blocks } = this.describing!;
    this.describing = undefined;
    this.target = 'keep';
    const content = Buffer.concat(blocks).subarray(BLOCK, BLOCK + header.size);
    const { description } = this;
    description.blocks.push(...blocks);
    if (header.type === 'L') description.name = textUpToZero(content);
    else if (header.type === 'K') description.linkname = textUpToZero(content);
    else {
      const records = readRecords(content);
      if (header.type === 'g') {
        // It would be in force for all entries to come.
        if (records.has('path') || records.has('linkpath') || records.has('size'))
          throw new TarError('the archive has names for all of its entries');
      } else description.records = records;
    }
  }
}

function renamed(
  block: Buffer,
  names: { name: string; linkname: string },
  records: Map<string, string> | undefined,
): Buffer[] {
  if (records === undefined) return [withNames(block, names)];
  const { name, linkname } = names;
  const changed = new Map(records).set('path', name);
  if (linkname !== '') changed.set('linkpath', linkname);
  // The short names are not read; they need not be whole.
  const short = { name: name.slice(0, 100), linkname: linkname.slice(0, 100) };
  return [writeRecords(changed), withNames(block, short)];
}

function textUpToZero(content: Buffer): string {
  const end = content.indexOf(0);
  return content.toString('latin1', 0, end < 0 ? content.length : end);
}
