// Takes the engine's multiplexed stream apart: frames of an 8-byte header (stream number, length) and their payload.

export interface Frame {
  /** 1 is stdout, 2 is stderr. */
  stream: number;
  data: Buffer;
}

/** Keeps its place between chunks. Payloads are handed on as they come and never joined: memory stays flat. */
export class FrameReader {
  private header: Buffer = Buffer.alloc(0);
  private stream = 0;
  private left = 0;

  /** The payload pieces of one chunk from the wire, in order. */
  *read(chunk: Buffer): Generator<Frame> {
    let at = 0;
    while (at < chunk.length) {
      if (this.left > 0) {
        const end = Math.min(chunk.length, at + this.left);
        const data = chunk.subarray(at, end);
        this.left -= data.length;
        at = end;
        yield { stream: this.stream, data };
        continue;
      }
      const need = 8 - this.header.length;
      const part = chunk.subarray(at, at + need);
      this.header = this.header.length === 0 ? part : Buffer.concat([this.header, part]);
      at += part.length;
      if (this.header.length === 8) {
        this.stream = this.header[0] ?? 0;
        this.left = this.header.readUInt32BE(4);
        this.header = Buffer.alloc(0);
      }
    }
  }
}
