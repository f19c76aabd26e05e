/**
 * argon2id in PHC string form with a pepper kept outside the database (NIST SP 800-63B-4 §3.1.1.2, RFC 9106).
 * A bounded queue keeps memory flat: one hash of a password takes 64 MiB.
 */
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { SparekeyError } from './errors.ts';

export interface Argon2Cost {
  /** KiB */
  memory: number;
  passes: number;
  parallelism: number;
}

/** RFC 9106 second recommended option: passwords. */
export const PASSWORD_COST: Argon2Cost = { memory: 65_536, passes: 3, parallelism: 4 };
/** OWASP minimum: recovery codes and answers, which are throttled too. */
export const CODE_COST: Argon2Cost = { memory: 19_456, passes: 2, parallelism: 1 };

const LANES = availableParallelism();
const QUEUE_LIMIT = 500;
let running = 0;
const waiting: (() => void)[] = [];

async function lane<T>(work: () => Promise<T>): Promise<T> {
  if (running >= LANES) {
    if (waiting.length >= QUEUE_LIMIT)
      throw new SparekeyError('not-ready', undefined, 'Too many password hashes are waiting.');
    await new Promise<void>((go) => waiting.push(go));
  } else running += 1;
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  }
}

const digest = (text: string, nonce: Buffer, cost: Argon2Cost, pepper: Buffer): Promise<Buffer> =>
  lane(
    () =>
      new Promise((resolve, reject) => {
        argon2(
          'argon2id',
          { message: Buffer.from(text), nonce, secret: pepper, tagLength: 32, ...cost },
          (error, tag) => (error ? reject(error) : resolve(tag)),
        );
      }),
  );

const unpadded = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');

const phc = (cost: Argon2Cost, salt: Buffer, tag: Buffer): string =>
  `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$${unpadded(salt)}$${unpadded(tag)}`;

/** Hashes the NFC form of `text`; returns `$argon2id$v=19$m=…,t=…,p=…$salt$tag`. */
export async function argon2Hash(text: string, pepper: Buffer, cost: Argon2Cost): Promise<string> {
  const salt = randomBytes(16);
  const tag = await digest(text.normalize('NFC'), salt, cost, pepper);
  return phc(cost, salt, tag);
}

const PHC = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

interface Parsed {
  cost: Argon2Cost;
  salt: Buffer;
  tag: Buffer;
}

function parse(text: string): Parsed {
  const found = PHC.exec(text);
  if (!found) throw new Error('Not an argon2id hash in PHC form.');
  const [, memory, passes, parallelism, salt = '', tag = ''] = found;
  return {
    cost: { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) },
    salt: Buffer.from(salt, 'base64'),
    tag: Buffer.from(tag, 'base64'),
  };
}

/** @throws Error when `stored` is not an argon2id hash of ours. */
export async function argon2Verify(text: string, stored: string, pepper: Buffer): Promise<boolean> {
  const { cost, salt, tag } = parse(stored);
  const actual = await digest(text.normalize('NFC'), salt, cost, pepper);
  return tag.length === actual.length && timingSafeEqual(tag, actual);
}

/** Hashes with salt and cost of `stored`, so that equal texts give equal hashes (a password history of one account). */
export async function sameSaltHash(text: string, stored: string, pepper: Buffer): Promise<string> {
  const { cost, salt } = parse(stored);
  return phc(cost, salt, await digest(text.normalize('NFC'), salt, cost, pepper));
}
