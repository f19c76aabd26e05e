/**
 * `totp`: a code from an authenticator app (RFC 6238: SHA-1, 6 digits, 30 s, 160-bit seed, one step either way). The step
 * that was used last is stored with a version check, so a code works once even when sent twice at the same instant.
 */
import { Secret as OtpSecret, TOTP } from 'otpauth';
import { Type } from 'typebox';
import type { Authenticator } from '../kernel/account.ts';
import { definePlugin } from '../kernel/plugin.ts';
import { newId } from '../kernel/random.ts';
import { readDigits } from './code.ts';
import type { MethodPorts, VerificationMethod } from './method.ts';

const DIGITS = 6;
const PERIOD = 30;
const SEED_BYTES = 20;

export const configSchema = Type.Object({
  window: Type.Integer({
    default: 1,
    minimum: 0,
    maximum: 1,
    description: 'Steps of 30 s accepted before and after the present one (RFC 6238 §5.2).',
  }),
});

/** The time step in which `code` is right, or `undefined`. */
function matchingStep(seed: string, code: string, now: number, window: number): number | undefined {
  if (code.length !== DIGITS) return undefined;
  const otp = new TOTP({ secret: OtpSecret.fromBase32(seed), algorithm: 'SHA1', digits: DIGITS, period: PERIOD });
  const delta = otp.validate({ token: code, timestamp: now, window });
  return delta === null ? undefined : Math.floor(now / 1_000 / PERIOD) + delta;
}

const seedOf = (authenticator: Authenticator): string => String(authenticator.data['seed']);
const lastStepOf = (authenticator: Authenticator): number => Number(authenticator.data['lastStep'] ?? 0);

export const totp = definePlugin({
  id: 'totp',
  summary: 'A code from an authenticator app.',
  configSchema,
  open({ window }, ports: MethodPorts): VerificationMethod {
    const prompt = {
      kind: 'enter-code',
      method: 'totp',
      alphabet: 'digits',
      length: DIGITS,
      resendable: false,
    } as const;
    return {
      id: 'totp',
      worth: { evidence: 'bound', channel: 'app', weight: 1 },
      first: true,
      several: true,
      signIn: true,
      offer: (authenticators) =>
        authenticators.length === 0
          ? undefined
          : { method: 'totp', hint: authenticators.map((one) => one.label).join(', ') },
      decoy: (seed) => ({ seed: new OtpSecret({ buffer: bytesOf(seed('totp')) }).base32 }),
      challenge: async () => ({ pending: {}, prompt, effects: [] }),
      judge: async (step, authenticators, _pending, answer) => {
        const code = readDigits(answer['code'] ?? '');
        for (const one of authenticators) {
          const used = matchingStep(seedOf(one), code, step.now, window);
          if (used === undefined || used <= lastStepOf(one)) continue;
          return {
            is: 'verified',
            effects: [
              {
                kind: 'update-authenticator',
                id: one.id,
                version: one.version,
                change: { data: { ...one.data, lastStep: used }, lastUsedAt: step.now },
              },
            ],
          };
        }
        return { is: 'mismatch' };
      },
      enrolment: {
        begin: async (_step, account) => {
          const secret = new OtpSecret({ size: SEED_BYTES });
          const otp = new TOTP({
            issuer: ports.organisation,
            label: account.username,
            secret,
            algorithm: 'SHA1',
            digits: DIGITS,
            period: PERIOD,
          });
          return {
            pending: { seed: secret.base32 },
            prompt: { kind: 'scan-secret', method: 'totp', uri: otp.toString(), secret: secret.base32, length: DIGITS },
            effects: [],
          };
        },
        confirm: async (step, pending, answer, existing) => {
          const seed = String(pending['seed']);
          const used = matchingStep(seed, readDigits(answer['code'] ?? ''), step.now, window);
          if (used === undefined) return { is: 'mismatch' };
          const name = (answer['label'] ?? '').trim().slice(0, 60);
          return {
            is: 'verified',
            effects: [
              {
                kind: 'add-authenticator',
                authenticator: {
                  id: newId(),
                  accountId: step.account.id,
                  method: 'totp',
                  label: name || `App ${existing.length + 1}`,
                  data: { seed, lastStep: used },
                },
              },
            ],
          };
        },
      },
    };
  },
});

const bytesOf = (text: string): ArrayBuffer => {
  const bytes = new Uint8Array(SEED_BYTES);
  bytes.set(Buffer.from(text).subarray(0, SEED_BYTES));
  return bytes.buffer;
};
