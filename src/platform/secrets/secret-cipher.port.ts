// Encryption as a service: what keeps secrets unreadable in events, tables and backups.

export interface SecretCipher {
  /**
   * Encrypts a text. The same text gives another result each time.
   * @param purpose what it is, e.g. `context/<id>/<name>`; opening it for another purpose fails
   * @returns a text that names its key: `v1:<key id>:<base64>`
   */
  seal(text: string, purpose: string): Promise<string>;
  /** The text again. Throws UnopenableError when the key is missing, or the sealed text is not the one that was made. */
  open(sealed: string, purpose: string): Promise<string>;
  /** False for a sealed text whose key is not at hand. */
  hasKeyOf(sealed: string): boolean;
}

/** Says which key is missing, or that the content does not fit; never anything of the content. */
export class UnopenableError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UnopenableError';
  }
}

/** The id of the key that a sealed text needs; undefined when it is no sealed text. */
export function keyIdOf(sealed: string): string | undefined {
  return /^v1:([A-Za-z0-9_-]{1,64}):/.exec(sealed)?.[1];
}
