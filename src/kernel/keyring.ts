/**
 * The server's keys and the three things done with them: seal (AES-256-GCM), MAC (HMAC-SHA-256) and pepper.
 * Every use is bound to a purpose, so a value made for one place can't be used in another.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import { SparekeyError } from './errors.ts';

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
  /**
   * `base`: makes MACs and peppers and seals nothing. What they made is compared later and can't be made anew (tokens and
   * passwords are nowhere in clear), so the base stays when the others are rotated. Absent from the list: the last key is it.
   */
  role?: 'base';
}

/** A keyring that learns: of keys that came into the key file, and of the one that seals from now on. */
export interface LiveKeyring extends Keyring {
  /** Ids of the keys that open. */
  known(): string[];
  /** Id of the key that seals. */
  sealsWith(): string;
  /** Adds what opens. Known keys stay, also when they are absent here: somebody may still hold what they sealed. */
  learn(keys: readonly RootKey[]): void;
  /** @throws Error when the key is not known. */
  sealWith(id: string): void;
  /** From now on `seal` fails while that is false: a node that was asleep may hold a key that is about to go. */
  sealOnlyWhile(confirmed: () => boolean): void;
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

const subkey = (root: RootKey, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', root.bytes, Buffer.alloc(0), `sparekey/${purpose}`, 32));

/** `reread`: looks into the key file again when something was sealed with a key that is not known yet. */
export function createKeyring(
  keys: readonly [RootKey, ...RootKey[]],
  reread: () => readonly RootKey[] = () => [],
): LiveKeyring {
  // As key objects: raw bytes would be taken over anew by every use.
  const sealing = new Map<string, KeyObject>();
  const learn = (found: readonly RootKey[]): void => {
    for (const key of found) {
      if (key.bytes.length !== 32) throw new Error(`Key ${key.id} must be 32 bytes long.`);
      if (key.role !== 'base' && !sealing.has(key.id)) sealing.set(key.id, createSecretKey(subkey(key, 'seal')));
    }
  };
  learn(keys);
  let [current = ''] = sealing.keys();
  let confirmed = () => true;
  const base = keys.find(({ role }) => role === 'base') ?? (keys.at(-1) as RootKey);
  const derived = new Map<string, Buffer>();
  const derive = (purpose: string): Buffer => {
    const known = derived.get(purpose);
    if (known) return known;
    const made = subkey(base, purpose);
    derived.set(purpose, made);
    return made;
  };
  const macKeys = new Map<string, KeyObject>();
  const macKey = (purpose: string): KeyObject => {
    const made = macKeys.get(purpose) ?? createSecretKey(derive(`mac/${purpose}`));
    macKeys.set(purpose, made);
    return made;
  };
  const find = (id: string): KeyObject | undefined => {
    if (!sealing.has(id)) learn(reread());
    return sealing.get(id);
  };

  return {
    seal(text, context) {
      if (!confirmed())
        throw new SparekeyError('storage-unavailable', undefined, 'Which key seals was not confirmed for too long.');
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', sealing.get(current) as KeyObject, nonce);
      cipher.setAAD(Buffer.from(context));
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return `${current}.${Buffer.concat([nonce, body, cipher.getAuthTag()]).toString('base64url')}`;
    },
    open(sealed, context) {
      const [id = '', text = ''] = sealed.split('.');
      const key = find(id);
      if (!key) throw new Error(`Sealed with key "${id}", which is not in the key file.`);
      const bytes = Buffer.from(text, 'base64url');
      if (bytes.length < NONCE_BYTES + TAG_BYTES) throw new Error('A sealed value is too short.');
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES));
      decipher.setAAD(Buffer.from(context));
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      return decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
    },
    mac(purpose, ...parts) {
      const hmac = createHmac('sha256', macKey(purpose));
      for (const part of parts) hmac.update(`${Buffer.byteLength(part)}:`).update(part);
      return hmac.digest('base64url');
    },
    derive,
    known: () => [...sealing.keys()],
    sealsWith: () => current,
    learn,
    sealWith(id) {
      if (!find(id)) throw new Error(`Key "${id}" is not in the key file.`);
      current = id;
    },
    sealOnlyWhile(condition) {
      confirmed = condition;
    },
  };
}

/** Constant-time comparison of two texts (MACs, tokens). */
export function sameText(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
