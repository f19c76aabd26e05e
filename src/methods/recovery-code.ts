/**
 * `recovery-code`: ten saved codes of 100 bits (20 select, 80 are secret), argon2id-hashed, each used once and then
 * replaced (NIST SP 800-63B-4 §4.2.1.1): the replacement is shown at the end of the recovery. A sign-in, which has no page
 * to show one on, uses a code up (§3.1.2). The person is told of every use.
 */
import { Type } from 'typebox';
import type { Authenticator } from '../kernel/account.ts';
import { argon2Hash, argon2Verify, CODE_COST } from '../kernel/argon2.ts';
import { definePlugin } from '../kernel/plugin.ts';
import { newId } from '../kernel/random.ts';
import { grouped, newCrockford, readCrockford } from './code.ts';
import { dummyHash } from './dummy-hash.ts';
import type { MethodPorts, VerificationMethod } from './method.ts';

const SELECTOR = 4;
const SECRET = 16;

export const configSchema = Type.Object({
  count: Type.Integer({ default: 10, minimum: 5, maximum: 20, description: 'Codes on one sheet.' }),
});

type StoredCode = { selector: string; hash: string };

const codesOf = (authenticator: Authenticator): StoredCode[] =>
  (authenticator.data['codes'] as StoredCode[] | undefined) ?? [];

export const recoveryCode = definePlugin({
  id: 'recovery-code',
  summary: 'Saved codes that the person printed or wrote down.',
  configSchema,
  open({ count }, ports: MethodPorts): VerificationMethod {
    const make = async (taken: readonly string[]): Promise<{ clear: string; stored: StoredCode }> => {
      let selector = newCrockford(SELECTOR);
      while (taken.includes(selector)) selector = newCrockford(SELECTOR);
      const secret = newCrockford(SECRET);
      return {
        clear: grouped(selector + secret),
        stored: { selector, hash: await argon2Hash(secret, ports.pepper, CODE_COST) },
      };
    };

    return {
      id: 'recovery-code',
      worth: { evidence: 'saved', channel: 'sheet', weight: 1 },
      first: true,
      several: false,
      signIn: true,
      offer: (authenticators) => {
        const left = authenticators.flatMap(codesOf).length;
        return left === 0 ? undefined : { method: 'recovery-code', hint: String(left) };
      },
      decoy: (seed) => ({ codes: [{ selector: '', hash: dummyHash(seed('salt'), seed('tag')) }] }),
      challenge: async () => ({
        pending: {},
        prompt: {
          kind: 'enter-code',
          method: 'recovery-code',
          alphabet: 'crockford',
          length: SELECTOR + SECRET,
          resendable: false,
        },
        effects: [],
      }),
      judge: async (step, authenticators, _pending, answer) => {
        const typed = readCrockford(answer['code'] ?? '');
        const selector = typed.slice(0, SELECTOR);
        const owner = authenticators.find((one) => codesOf(one).some((code) => code.selector === selector));
        const stored = owner && codesOf(owner).find((code) => code.selector === selector);
        // Exactly one hash is computed whether or not the selector exists.
        const hash = stored?.hash ?? dummyHash('salt', 'tag');
        const right = await argon2Verify(typed.slice(SELECTOR), hash, ports.pepper);
        if (!right || !owner || typed.length !== SELECTOR + SECRET) return { is: 'mismatch' };
        // A practice run changes nothing: the code stays usable.
        if (step.purpose === 'practice') return { is: 'verified', effects: [] };
        const others = codesOf(owner).filter((code) => code !== stored);
        const fresh = step.purpose === 'sign-in' ? undefined : await make(others.map((code) => code.selector));
        const codes = fresh ? [...others, fresh.stored] : others;
        return {
          is: 'verified',
          ...(fresh ? { show: { replacementCode: fresh.clear } } : {}),
          tell: { template: 'recovery-code-used-notice', values: { left: codes.length } },
          effects: [
            {
              kind: 'update-authenticator',
              id: owner.id,
              version: owner.version,
              change: { data: { codes }, lastUsedAt: step.now },
            },
          ],
        };
      },
      enrolment: {
        begin: async () => {
          const clear: string[] = [];
          const stored: StoredCode[] = [];
          for (let made = 0; made < count; made += 1) {
            const one = await make(stored.map((code) => code.selector));
            clear.push(one.clear);
            stored.push(one.stored);
          }
          return {
            pending: { codes: stored },
            prompt: { kind: 'save-codes', method: 'recovery-code', codes: clear },
            effects: [],
          };
        },
        confirm: async (step, pending, _answer, existing) => ({
          is: 'verified',
          effects: [
            // A new sheet replaces the old one: two valid sheets would be one too many to keep track of.
            ...existing.map((one) => ({ kind: 'remove-authenticator' as const, id: one.id })),
            {
              kind: 'add-authenticator' as const,
              authenticator: {
                id: newId(),
                accountId: step.account.id,
                method: 'recovery-code',
                label: '',
                data: { codes: pending['codes'] as StoredCode[] },
              },
            },
          ],
        }),
      },
    };
  },
});
