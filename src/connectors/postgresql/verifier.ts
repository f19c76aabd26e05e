/**
 * What PostgreSQL keeps instead of a password (RFC 5802 §3, RFC 7677), made here: so no statement, and no log of
 * statements, ever holds the password itself.
 */
import { createHash, createHmac, pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';
import type { Secret } from '../../kernel/secret.ts';
import { saslprep } from './saslprep.ts';

const derive = promisify(pbkdf2);

/** As pg_authid holds it: `SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey`. */
export async function scramVerifier(password: Secret, salt: Buffer, iterations: number): Promise<string> {
  const salted = await derive(saslprep(password.reveal()), salt, iterations, 32, 'sha256');
  const keyed = (words: string) => createHmac('sha256', salted).update(words).digest();
  const stored = createHash('sha256').update(keyed('Client Key')).digest('base64');
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${stored}:${keyed('Server Key').toString('base64')}`;
}
