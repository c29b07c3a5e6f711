// AES-256-GCM with a ring of keys in a file: the default of an installation without a vault.
//
//   { "primary": "<key id>", "keys": { "<key id>": "<32 bytes in base64>", ... } }
//
// New secrets are sealed with the primary key; the others open what was sealed before. Who loses the file loses every
// secret, so it belongs into the backup, apart from that of the database.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { link, open, readFile, rm } from 'node:fs/promises';
import { z } from 'zod';
import { messageOf } from '../errors/errors.js';
import { keyIdOf, UnopenableError, type SecretCipher } from './secret-cipher.port.js';

const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

const ringForm = z
  .object(
    { primary: z.string(), keys: z.record(z.string().regex(/^[A-Za-z0-9_-]{1,64}$/), z.base64()) },
    'it is not JSON of that form',
  )
  .refine(({ primary, keys }) => keys[primary] !== undefined, 'the primary key is not among the keys')
  .refine(
    ({ keys }) => Object.values(keys).every((key) => Buffer.from(key, 'base64').length === KEY_BYTES),
    `each key has ${KEY_BYTES} bytes`,
  );

export class KeyRingCipher implements SecretCipher {
  private readonly keys: ReadonlyMap<string, Buffer>;

  private constructor(
    private readonly primary: string,
    keys: Record<string, string>,
  ) {
    this.keys = new Map(Object.entries(keys).map(([id, key]) => [id, Buffer.from(key, 'base64')]));
  }

  /** Reads the ring, or makes one with a new key when there is no file. Throws when the file is not a ring. */
  static async at(path: string): Promise<KeyRingCipher> {
    const text = (await read(path)) ?? (await make(path));
    const parsed = ringForm.safeParse(parsedJson(text));
    // The parser's own words would quote the content.
    if (!parsed.success) throw new Error(`${path} is not a key ring: ${parsed.error.issues[0]!.message}`);
    return new KeyRingCipher(parsed.data.primary, parsed.data.keys);
  }

  async seal(text: string, purpose: string): Promise<string> {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.keys.get(this.primary)!, nonce);
    cipher.setAAD(Buffer.from(purpose));
    const content = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return `v1:${this.primary}:${content.toString('base64')}`;
  }

  async open(sealed: string, purpose: string): Promise<string> {
    const id = keyIdOf(sealed);
    if (id === undefined) throw new UnopenableError('this is not a sealed secret');
    const key = this.keys.get(id);
    if (key === undefined) throw new UnopenableError(`the key ${id} of a secret is not in the key ring`);
    const content = Buffer.from(sealed.slice(sealed.lastIndexOf(':') + 1), 'base64');
    try {
      const decipher = createDecipheriv(ALGORITHM, key, content.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(Buffer.from(purpose));
      decipher.setAuthTag(content.subarray(-TAG_BYTES));
      const text = decipher.update(content.subarray(NONCE_BYTES, -TAG_BYTES));
      return Buffer.concat([text, decipher.final()]).toString('utf8');
    } catch {
      throw new UnopenableError('a sealed secret was changed, or is that of something else');
    }
  }

  hasKeyOf(sealed: string): boolean {
    return this.keys.has(keyIdOf(sealed) ?? '');
  }
}

async function read(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Error(`the key ring ${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

/** Written aside and flushed, then linked: a ring is never seen half, nor lost by a power cut after it was used. */
async function make(path: string): Promise<string> {
  const id = `k-${randomBytes(6).toString('hex')}`;
  const ring = { primary: id, keys: { [id]: randomBytes(KEY_BYTES).toString('base64') } };
  const text = `${JSON.stringify(ring, null, 2)}\n`;
  const aside = `${path}.${randomBytes(6).toString('hex')}`;
  const file = await open(aside, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await link(aside, path);
    return text;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    // Another process was faster.
    return await readFile(path, 'utf8');
  } finally {
    await rm(aside, { force: true });
  }
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
