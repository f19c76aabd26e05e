/**
 * `email`: one mail with an 8-digit code and a link; either proves access to the mailbox, once. Opening the link changes
 * nothing. Only confirmed addresses are ever written to (N-34); a code goes to all of them, so a locked mailbox is no trap.
 */
import { Type } from 'typebox';
import type { Authenticator } from '../kernel/account.ts';
import { minutes } from '../kernel/clock.ts';
import type { Effect } from '../kernel/effect.ts';
import { sameText } from '../kernel/keyring.ts';
import { definePlugin } from '../kernel/plugin.ts';
import { newDigits, newId, newToken } from '../kernel/random.ts';
import type { Verdict } from '../kernel/verdict.ts';
import { readDigits } from './code.ts';
import { maskAddress } from './mask.ts';
import type { Answer, Challenge, MethodPorts, Step, VerificationMethod } from './method.ts';

const DIGITS = 8;

export const configSchema = Type.Object({
  /** ms */
  lifetime: Type.Integer({ default: minutes(10), minimum: minutes(5), maximum: minutes(24 * 60) }),
});

const addressOf = (authenticator: Authenticator): string => String(authenticator.data['address'] ?? '');

/** An address as mail servers understand it, without what could split a header or name a second receiver. */
const ADDRESS = /^[^\s@<>(),;:"\\[\]\p{Cc}]{1,64}@[^\s@<>(),;:"\\[\]\p{Cc}]{1,189}\.[^\s@<>(),;:"\\[\]\p{Cc}.]{2,63}$/u;

export const email = definePlugin({
  id: 'email',
  summary: 'A code and a link by mail to confirmed addresses.',
  configSchema,
  open({ lifetime }, ports: MethodPorts): VerificationMethod {
    const codeMac = (step: Step, code: string) => ports.mac('email-code', step.flow, step.challenge, code);
    const linkMac = (token: string) => ports.mac('email-link', token);

    const issue = (step: Step, addresses: string[], template: string, withLink: boolean): Challenge => {
      const code = newDigits(DIGITS);
      const token = withLink ? newToken() : undefined;
      const expiresAt = step.now + lifetime;
      const values = {
        code,
        minutes: Math.round(lifetime / minutes(1)),
        at: step.now,
        name: step.account.displayName,
        ...(token ? { token } : {}),
      };
      return {
        pending: { code: codeMac(step, code), expiresAt, ...(token ? { link: linkMac(token) } : {}) },
        prompt: {
          kind: 'enter-code',
          method: 'email',
          alphabet: 'digits',
          length: DIGITS,
          expiresAt,
          resendable: true,
        },
        effects: addresses.map(
          (to): Effect => ({ kind: 'send-mail', to, template, language: step.language, values, expiresAt }),
        ),
      };
    };

    const judge = (step: Step, pending: Record<string, unknown>, answer: Answer): 'right' | 'mismatch' | 'expired' => {
      const token = answer['token'];
      const right =
        token === undefined
          ? sameText(codeMac(step, readDigits(answer['code'] ?? '')), String(pending['code']))
          : sameText(linkMac(token), String(pending['link']));
      if (step.now > Number(pending['expiresAt'])) return 'expired';
      return right ? 'right' : 'mismatch';
    };

    return {
      id: 'email',
      evidence: 'issued',
      signIn: false,
      offer: (authenticators) =>
        authenticators.length === 0
          ? undefined
          : { method: 'email', hint: authenticators.map((one) => maskAddress(addressOf(one))).join(', ') },
      decoy: (seed) => ({ address: `${seed('email')}@decoy.invalid` }),
      challenge: async (step, authenticators) =>
        issue(step, authenticators.map(addressOf), 'recovery-code-mail', step.purpose !== 'practice'),
      judge: async (step, authenticators, pending, answer): Promise<Verdict> => {
        const result = judge(step, pending, answer);
        if (result !== 'right') return { is: result };
        return {
          is: 'verified',
          effects: authenticators.map((one) => ({
            kind: 'update-authenticator',
            id: one.id,
            version: one.version,
            change: { lastUsedAt: step.now },
          })),
        };
      },
      enrolment: {
        ask: (account) => ({
          kind: 'enter-address',
          method: 'email',
          ...(account.mail[0] ? { suggestion: account.mail[0] } : {}),
        }),
        begin: async (step, _account, input) => {
          const address = (input['address'] ?? '').trim();
          if (!ADDRESS.test(address) || address.length > 254) return { is: 'invalid', why: 'address' };
          const issued = issue(step, [address], 'confirm-address', false);
          return { ...issued, pending: { ...issued.pending, address } };
        },
        confirm: async (step, pending, answer, existing): Promise<Verdict> => {
          const result = judge(step, pending, { code: answer['code'] ?? '' });
          if (result !== 'right') return { is: result };
          const address = String(pending['address']);
          const same = existing.filter((one) => addressOf(one).toLowerCase() === address.toLowerCase());
          if (same.some(({ disabledAt }) => disabledAt === undefined)) return { is: 'verified', effects: [] };
          return {
            is: 'verified',
            effects: [
              // Disabled after too many failures: bound anew.
              ...same.map((one) => ({ kind: 'remove-authenticator' as const, id: one.id })),
              {
                kind: 'add-authenticator',
                authenticator: {
                  id: newId(),
                  accountId: step.account.id,
                  method: 'email',
                  label: maskAddress(address),
                  data: { address },
                },
              },
            ],
          };
        },
      },
    };
  },
});
