/**
 * `email`: one mail with an 8-digit code and a link; either proves access to the mailbox, once. Opening the link changes
 * nothing. Only confirmed addresses are ever written to (N-34); a code goes to all of them, so a locked mailbox is no trap.
 */
import { Type } from 'typebox';
import type { Authenticator } from '../kernel/account.ts';
import { minutes } from '../kernel/clock.ts';
import type { AddAuthenticator, Effect } from '../kernel/effect.ts';
import { sameText } from '../kernel/keyring.ts';
import { definePlugin } from '../kernel/plugin.ts';
import type { EnterCode } from '../kernel/prompt.ts';
import { newDigits, newId, newToken } from '../kernel/random.ts';
import { Duration } from '../kernel/setting.ts';
import type { Verdict } from '../kernel/verdict.ts';
import { isAddress } from './address.ts';
import { readDigits } from './code.ts';
import { maskAddress } from './mask.ts';
import type { Answer, Challenge, MethodPorts, Step, Subject, VerificationMethod } from './method.ts';

const DIGITS = 8;

export const configSchema = Type.Object({
  lifetime: Duration({
    default: '10 min',
    duration: { min: '5 min', max: '24 h' },
    description: 'How long a mailed code and link work. More than 10 min exceeds ASVS 6.5.5.',
  }),
  lockedDomains: Type.Array(Type.String({ pattern: '^[^@\\s]+\\.[^@\\s]+$' }), {
    default: [],
    uniqueItems: true,
    description:
      'Mail domains whose mailboxes open with the very password that people forget. Codes are never sent there. ' +
      'Domains that deliver to the same mail servers count, too.',
    examples: [['example.org']],
  }),
});

const addressOf = (authenticator: Authenticator): string => String(authenticator.data['address'] ?? '');

const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1).toLowerCase();

/** What an address is found by when somebody asks which accounts it has. */
export const lookupOf = (address: string): string => `mail:${address.normalize('NFC').toLowerCase()}`;

const bound = ({ id }: Pick<Subject, 'id'>, address: string): AddAuthenticator['authenticator'] => ({
  id: newId(),
  accountId: id,
  method: 'email',
  label: maskAddress(address),
  data: { address },
  lookup: lookupOf(address),
});

export const email = definePlugin({
  id: 'email',
  summary: 'A code and a link by mail to confirmed addresses.',
  configSchema,
  open({ lifetime, lockedDomains }, ports: MethodPorts): VerificationMethod {
    const codeMac = (step: Step, code: string) => ports.mac('email-code', step.flow, step.challenge, code);
    const linkMac = (token: string) => ports.mac('email-link', token);

    const issue = (step: Step, addresses: string[], template: string, withLink: boolean): Challenge<EnterCode> => {
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

    const locked = (domain: string): boolean => lockedDomains.some((one) => one.toLowerCase() === domain);
    /** False for a mailbox behind the forgotten password, as found by its domain or, when it was added, by its mail servers. */
    const opens = (one: Authenticator): boolean => !locked(domainOf(addressOf(one)));

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
      worth: { evidence: 'issued', channel: 'mail', weight: 1 },
      first: true,
      several: true,
      signIn: false,
      offer: (authenticators) => {
        const open = authenticators.filter(opens);
        return open.length === 0
          ? undefined
          : { method: 'email', hint: open.map((one) => maskAddress(addressOf(one))).join(', ') };
      },
      decoy: (seed) => ({ address: `${seed('email')}@decoy.invalid` }),
      challenge: async (step, authenticators) =>
        issue(step, authenticators.filter(opens).map(addressOf), 'recovery-code-mail', step.purpose !== 'practice'),
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
        adopt: async (account, input) => {
          const address = input['address'] ?? '';
          if (!isAddress(address)) return { is: 'invalid', why: 'address' };
          const domain = domainOf(address);
          if (locked(domain) || (await ports.sameMailServers(domain, lockedDomains)))
            return { is: 'invalid', why: 'locked-mailbox' };
          return { is: 'adopted', authenticator: bound(account, address) };
        },
        ask: (account) => {
          const suggestion = account.mail.find((address) => !locked(domainOf(address)));
          return {
            kind: 'enter-address',
            method: 'email',
            of: 'mail',
            ...(suggestion === undefined ? {} : { suggestion }),
          };
        },
        begin: async (step, _account, input) => {
          const address = (input['address'] ?? '').trim();
          if (!isAddress(address)) return { is: 'invalid', why: 'address' };
          const domain = domainOf(address);
          if (locked(domain) || (await ports.sameMailServers(domain, lockedDomains)))
            return { is: 'invalid', why: 'locked-mailbox' };
          const issued = issue(step, [address], 'confirm-address', false);
          return { ...issued, pending: { ...issued.pending, address }, binds: lookupOf(address) };
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
              { kind: 'add-authenticator', authenticator: bound(step.account, address) },
            ],
          };
        },
      },
    };
  },
});
