/**
 * `helper-pass`: a pass of 80 bits that a helper issued after verifying a caller (src/flow/assisted). Under 112 bits, so it is
 * kept as an argon2id hash (ASVS 6.5.2). It opens one recovery, one unlock or one lost factor, once, within minutes; never a
 * sign-in, never a practice run. The person can neither add nor keep it, and is told of its use. Risks: docs/how-to/helper-pass.md.
 */
import { Type } from 'typebox';
import { argon2Hash, argon2Verify, CODE_COST } from '../kernel/argon2.ts';
import { definePlugin } from '../kernel/plugin.ts';
import { newId } from '../kernel/random.ts';
import { Duration } from '../kernel/setting.ts';
import { grouped, newCrockford, readCrockford } from './code.ts';
import { dummyHash } from './dummy-hash.ts';
import type { MethodPorts, VerificationMethod } from './method.ts';

/** Four groups of four: short enough to be read out, 80 bits. */
const LENGTH = 16;

export const configSchema = Type.Object({
  lifetime: Duration({
    default: '15 min',
    duration: { min: '5 min', max: '60 min' },
    description: 'How long a pass works.',
  }),
  perDay: Type.Integer({
    default: 3,
    minimum: 1,
    maximum: 20,
    description: 'Passes issued a day for one account. More are refused, whoever asks.',
  }),
});

export const helperPass = definePlugin({
  id: 'helper-pass',
  summary: 'A one-use pass that a helper issues after verifying a caller.',
  configSchema,
  open({ lifetime, perDay }, ports: MethodPorts): VerificationMethod {
    return {
      id: 'helper-pass',
      worth: { evidence: 'proofing', channel: 'helper', weight: 2 },
      first: true,
      several: false,
      signIn: false,
      offer: (authenticators) => (authenticators.length === 0 ? undefined : { method: 'helper-pass', hint: undefined }),
      decoy: (seed) => ({ hash: dummyHash(seed('salt'), seed('tag')), helper: '' }),
      challenge: async () => ({
        pending: {},
        prompt: { kind: 'enter-code', method: 'helper-pass', alphabet: 'crockford', length: LENGTH, resendable: false },
        effects: [],
      }),
      judge: async (step, authenticators, _pending, answer) => {
        const typed = readCrockford(answer['code'] ?? '');
        const pass = authenticators.at(-1);
        // Exactly one hash is computed, whether or not there is a pass.
        const hash = String(pass?.data['hash'] ?? dummyHash('salt', 'tag'));
        const right = await argon2Verify(typed, hash, ports.pepper);
        if (!pass || !right || typed.length !== LENGTH || step.purpose !== 'recovery') return { is: 'mismatch' };
        if ((pass.expiresAt ?? 0) <= step.now) return { is: 'expired' };
        return {
          is: 'verified',
          tell: { template: 'helper-action-notice', values: { action: 'used', helper: String(pass.data['helper']) } },
          effects: [
            // The version check of the update is what lets only one of two parallel journeys use it.
            { kind: 'update-authenticator', id: pass.id, version: pass.version, change: { lastUsedAt: step.now } },
            { kind: 'remove-authenticator', id: pass.id },
          ],
        };
      },
      issuance: {
        perDay,
        async issue(account, helper, now, existing) {
          const secret = newCrockford(LENGTH);
          const expiresAt = now + lifetime;
          return {
            code: grouped(secret),
            expiresAt,
            effects: [
              ...existing.map(({ id }) => ({ kind: 'remove-authenticator' as const, id })),
              {
                kind: 'add-authenticator',
                authenticator: {
                  id: newId(),
                  accountId: account.id,
                  method: 'helper-pass',
                  label: '',
                  data: { hash: await argon2Hash(secret, ports.pepper, CODE_COST), helper },
                  expiresAt,
                },
              },
            ],
          };
        },
      },
    };
  },
});
