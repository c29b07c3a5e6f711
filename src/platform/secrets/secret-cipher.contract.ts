// What every adapter of the cipher port must do.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { keyIdOf, type SecretCipher } from './secret-cipher.port.js';

/** @param make a cipher with keys of its own on each call */
export function secretCipherContract(name: string, make: () => Promise<SecretCipher>): void {
  describe(`secret cipher: ${name}`, () => {
    it('gives back every text, the empty one too', async () => {
      const cipher = await make();
      await fc.assert(
        fc.asyncProperty(fc.string({ unit: 'binary' }), async (text) => {
          expect(await cipher.open(await cipher.seal(text, 'a'), 'a')).toBe(text.toWellFormed());
        }),
        { numRuns: 50 },
      );
    });
    it('shows nothing of the text, and seals it differently each time', async () => {
      const cipher = await make();
      const sealed = await cipher.seal('canary', 'a');
      expect(Buffer.from(sealed.split(':')[2]!, 'base64').includes('canary')).toBe(false);
      expect(await cipher.seal('canary', 'a')).not.toBe(sealed);
    });
    it('opens a text for its purpose only, and none that was changed', async () => {
      const cipher = await make();
      const sealed = await cipher.seal('canary', 'a');
      await expect(cipher.open(sealed, 'b')).rejects.toThrow('was changed, or is that of something else');
      const bytes = Buffer.from(sealed.split(':')[2]!, 'base64');
      for (const at of [0, 14, bytes.length - 1]) {
        const changed = Buffer.from(bytes);
        changed[at]! ^= 1;
        const text = `v1:${keyIdOf(sealed)}:${changed.toString('base64')}`;
        await expect(cipher.open(text, 'a')).rejects.toThrow('was changed');
      }
      await expect(cipher.open('canary', 'a')).rejects.toThrow('this is not a sealed secret');
      await expect(cipher.open(`v1:${keyIdOf(sealed)}:`, 'a')).rejects.toThrow('was changed');
    });
    it('says which key it does not have', async () => {
      const sealed = await (await make()).seal('canary', 'a');
      const other = await make();
      expect([(await make()).hasKeyOf(sealed), other.hasKeyOf(await other.seal('', ''))]).toEqual([
        false,
        true,
      ]);
      await expect(other.open(sealed, 'a')).rejects.toThrow(
        `the key ${keyIdOf(sealed)} of a secret is not in the key ring`,
      );
    });
  });
}
