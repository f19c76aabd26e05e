/**
 * The server's keys and the three things done with them: seal (AES-256-GCM), MAC (HMAC-SHA-256) and pepper.
 * Every use is bound to a purpose, so a value made for one place can't be used in another.
 */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';

export interface Keyring {
  /** Encrypts UTF-8 text; `context` (for example `authenticator:<id>`) is authenticated and must be given again to open. */
  seal(text: string, context: string): string;
  /** @throws Error when the key is unknown, the context differs or the text was changed. */
  open(sealed: string, context: string): string;
  /** HMAC-SHA-256 over unambiguously joined parts, base64url. */
  mac(purpose: string, ...parts: string[]): string;
  /** Key bytes for a named use that needs a raw key (cookie signing, password pepper): 32 bytes. */
  derive(purpose: string): Buffer;
}

/** One 256-bit root key. The first of a list seals; all of them open, so keys can be rotated. */
export interface RootKey {
  id: string;
  bytes: Buffer;
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

const subkey = (root: RootKey, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', root.bytes, Buffer.alloc(0), `sparekey/${purpose}`, 32));

export function createKeyring(keys: readonly [RootKey, ...RootKey[]]): Keyring {
  for (const key of keys) if (key.bytes.length !== 32) throw new Error(`Key ${key.id} must be 32 bytes long.`);
  const current = keys[0];
  const sealing = new Map(keys.map((key) => [key.id, subkey(key, 'seal')]));
  const derived = new Map<string, Buffer>();
  // MACs and peppers are compared later, so they stay on the oldest key until rotation re-makes them.
  const stable = keys[keys.length - 1] as RootKey;
  const derive = (purpose: string): Buffer => {
    const known = derived.get(purpose);
    if (known) return known;
    const made = subkey(stable, purpose);
    derived.set(purpose, made);
    return made;
  };

  return {
    seal(text, context) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', sealing.get(current.id) as Buffer, nonce);
      cipher.setAAD(Buffer.from(context));
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return `${current.id}.${Buffer.concat([nonce, body, cipher.getAuthTag()]).toString('base64url')}`;
    },
    open(sealed, context) {
      const [id = '', text = ''] = sealed.split('.');
      const key = sealing.get(id);
      if (!key) throw new Error(`Sealed with key "${id}", which is not in the key file.`);
      const bytes = Buffer.from(text, 'base64url');
      if (bytes.length < NONCE_BYTES + TAG_BYTES) throw new Error('A sealed value is too short.');
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES));
      decipher.setAAD(Buffer.from(context));
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      return decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
    },
    mac(purpose, ...parts) {
      const hmac = createHmac('sha256', derive(`mac/${purpose}`));
      for (const part of parts) hmac.update(`${Buffer.byteLength(part)}:`).update(part);
      return hmac.digest('base64url');
    },
    derive,
  };
}

/** Constant-time comparison of two texts (MACs, tokens). */
export function sameText(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
