/**
 * `contact-approval`: somebody who knows the person confirms who they are (NIST SP 800-63B-4 §4.2.1.3): their manager as the
 * directory names them, or a contact of their own who has agreed. The contact types the number that the person's page shows,
 * so the two must have talked; pressing a button alone never counts (§3.1.3). What contacts do is in src/flow/approval.
 */
import { Type } from 'typebox';
import type { Authenticator } from '../kernel/account.ts';
import { hours, minutes } from '../kernel/clock.ts';
import type { Effect } from '../kernel/effect.ts';
import type { JsonObject } from '../kernel/json.ts';
import { definePlugin } from '../kernel/plugin.ts';
import type { WaitForApproval } from '../kernel/prompt.ts';
import { newDigits, newId, newToken } from '../kernel/random.ts';
import { Duration } from '../kernel/setting.ts';
import type { Verdict } from '../kernel/verdict.ts';
import { isAddress, sameAddress } from './address.ts';
import { coarse } from './contact-approval/coarse.ts';
import { APPROVAL, type ApprovalRequest, CONSENT, type ConsentRequest, numberMac } from './contact-approval/request.ts';
import { maskAddress } from './mask.ts';
import type { Challenge, InvalidInput, KnownContact, MethodPorts, Step, VerificationMethod } from './method.ts';

const DIGITS = 3;
/** N-35: contacts may take a day. */
const CONSENT_LIFETIME = hours(24);

export const configSchema = Type.Object({
  managerAttribute: Type.Optional(
    Type.String({
      pattern: '^[A-Za-z][A-Za-z0-9-]*$',
      description: 'Attribute that names who may confirm: a DN (`manager` of LDAP directories) or a username.',
      examples: ['manager'],
    }),
  ),
  ownContacts: Type.Boolean({
    default: true,
    description: 'People may name contacts of their own, by mail address. A contact must agree before it counts.',
  }),
  lifetime: Duration({
    default: '10 min',
    duration: { min: '5 min', max: '24 h' },
    description: 'How long a contact has to confirm. NIST N-35 allows up to 24 hours.',
  }),
});

/** Whom to ask: where the request goes, and how it is known afterwards. */
interface Asked {
  name: string;
  addresses: readonly string[];
  language?: string | undefined;
  /** A person of the directory: must be signed in to the portal to confirm. */
  account?: string;
  authenticator?: string;
}

const addressOf = ({ data }: Authenticator): string => String(data['address'] ?? '');

/** Never sent; it costs what a real request costs, so nobody can tell that there is nobody to ask. */
const NOBODY: Asked = { name: '', addresses: ['nobody@decoy.invalid'] };

export const contactApproval = definePlugin({
  id: 'contact-approval',
  summary: 'A manager or a trusted contact confirms who somebody is, with a number that the person tells them.',
  configSchema,
  open({ managerAttribute, ownContacts, lifetime }, ports: MethodPorts): VerificationMethod {
    const managerOf = async ({ account }: Step): Promise<KnownContact | undefined> => {
      const reference = managerAttribute && account.attributes[managerAttribute]?.[0];
      const found = reference ? await ports.people.find(reference) : undefined;
      // Nobody confirms for themself, and a manager without any address can't be asked.
      return found && found.accountId !== account.id && found.addresses.length > 0 ? found : undefined;
    };

    /** Contacts of their own go first; one that has become an address of the person is none any more. */
    const askedOf = async (step: Step, authenticators: readonly Authenticator[]): Promise<Asked[]> => {
      const own = await ports.people.addressesOf(step.account.id);
      const contacts = authenticators
        .filter((one) => !own.some((address) => sameAddress(address, addressOf(one))))
        .map(
          (one): Asked => ({
            name: one.label,
            addresses: [addressOf(one)],
            language: one.data['language'] === undefined ? undefined : String(one.data['language']),
            authenticator: one.id,
          }),
        );
      if (contacts.length > 0) return contacts;
      const manager = await managerOf(step);
      if (!manager) return [NOBODY];
      const { displayName: name, addresses, language, accountId: account } = manager;
      return [{ name, addresses, language, account }];
    };

    const request = (
      step: Step,
      asked: Asked,
      number: string,
      expiresAt: number,
    ): { id: string; effects: Effect[] } => {
      const [id, token] = [newId(), newToken()];
      const { account, ip, now } = step;
      const where = ip === undefined ? undefined : coarse(ip);
      const language = asked.language ?? step.language;
      const data: ApprovalRequest = {
        kind: 'approval',
        flow: step.flow,
        challenge: step.challenge,
        number: numberMac(ports.mac, id, number),
        asks: { name: account.displayName, username: account.username },
        contact: { name: asked.name, addresses: [...asked.addresses], language },
        at: now,
        ...(asked.account ? { byAccount: asked.account } : {}),
        ...(asked.authenticator ? { authenticator: asked.authenticator } : {}),
        ...(where ? { where } : {}),
      };
      const values = {
        name: asked.account ? asked.name : '',
        at: now,
        token,
        asks: account.displayName,
        minutes: Math.round(lifetime / minutes(1)),
        signIn: asked.account !== undefined,
        ...(where ? { ip: where } : {}),
      };
      const ticket = { id, ticket: token, purpose: APPROVAL, accountId: account.id, data: { ...data } as JsonObject };
      return {
        id,
        effects: [
          { kind: 'issue-ticket', ...ticket, expiresAt },
          ...asked.addresses.map((to): Effect => {
            const until = asked === NOBODY ? 0 : expiresAt;
            return { kind: 'send-mail', to, template: 'approval-request', language, values, expiresAt: until };
          }),
        ],
      };
    };

    /** What a contact of their own is asked for first: whether they want to be one. */
    const consent = (step: Step, account: { directory: string; key: string }, address: string, label: string) => {
      const [id, token] = [newId(), newToken()];
      const expiresAt = step.now + CONSENT_LIFETIME;
      const data: ConsentRequest = {
        kind: 'consent',
        asks: { name: step.account.displayName, username: step.account.username },
        contact: { name: label, addresses: [address], language: step.language },
        directory: account.directory,
        key: account.key,
        language: step.language,
        at: step.now,
      };
      const values = { name: '', at: step.now, token, asks: step.account.displayName };
      const ticket = {
        id,
        ticket: token,
        purpose: CONSENT,
        accountId: step.account.id,
        data: { ...data } as JsonObject,
      };
      const mail = { to: address, template: 'approval-consent', language: step.language, values, expiresAt };
      return {
        pending: { ticket: id },
        prompt: {
          kind: 'wait-for-approval',
          method: 'contact-approval',
          who: label,
          expiresAt,
          resendable: false,
        },
        effects: [
          // What was asked for last counts: a mistyped address must not become a contact later.
          { kind: 'void-tickets', accountId: step.account.id, purpose: CONSENT },
          { kind: 'issue-ticket', ...ticket, expiresAt },
          { kind: 'send-mail', ...mail },
        ],
      } satisfies Challenge<WaitForApproval>;
    };

    const used = (step: Step, authenticators: readonly Authenticator[], id: string, data: JsonObject): Verdict => {
      const { authenticator, contact } = data as unknown as ApprovalRequest;
      const one = authenticators.find((each) => each.id === authenticator);
      // Taken away since it was asked.
      if (authenticator !== undefined && !one) return { is: 'declined', cause: 'That contact was removed.' };
      const update = one && { id: one.id, version: one.version, change: { lastUsedAt: step.now } };
      return {
        is: 'verified',
        effects: [
          { kind: 'use-ticket', id },
          ...(update ? [{ kind: 'update-authenticator' as const, ...update }] : []),
        ],
        ...(step.purpose === 'practice'
          ? {}
          : { tell: { template: 'contact-approved-notice', values: { contact: contact.name } } }),
      };
    };

    return {
      id: 'contact-approval',
      worth: { evidence: 'contact', channel: 'contact', weight: 1 },
      // N-36: for some accounts a contact alone is enough, so it must be possible to begin with one.
      first: true,
      signIn: false,
      several: true,
      ...(managerAttribute ? { attributes: [managerAttribute] } : {}),
      offer: (authenticators, account) => {
        const managed = managerAttribute !== undefined && (account.attributes[managerAttribute] ?? []).length > 0;
        if (authenticators.length === 0 && !managed) return undefined;
        const hint = authenticators.map(({ label }) => label).join(', ');
        return { method: 'contact-approval', hint: hint === '' ? undefined : hint };
      },
      decoy: (seed) => ({ address: `${seed('contact')}@decoy.invalid` }),
      challenge: async (step, authenticators) => {
        const number = `${1 + (Number(newDigits(1)) % 9)}${newDigits(DIGITS - 1)}`;
        const expiresAt = step.now + lifetime;
        const made = (await askedOf(step, authenticators)).map((asked) => request(step, asked, number, expiresAt));
        return {
          pending: { tickets: made.map(({ id }) => id), expiresAt },
          prompt: { kind: 'wait-for-approval', method: 'contact-approval', number, expiresAt, resendable: false },
          effects: made.flatMap(({ effects }) => effects),
        };
      },
      judge: async (step, authenticators, pending): Promise<Verdict> => {
        if (step.now > Number(pending['expiresAt'])) return { is: 'expired' };
        const tickets = await Promise.all(
          (pending['tickets'] as string[]).map(async (id) => ({ id, found: await ports.tickets.read(id) })),
        );
        const answers = tickets.flatMap(({ id, found }) => {
          const { flow, challenge } = (found?.data ?? {}) as Partial<ApprovalRequest>;
          const ours = found && !found.used && flow === step.flow && challenge === step.challenge;
          return ours ? [{ id, data: found.data, is: found.answer?.['is'] }] : [];
        });
        // One who says no outweighs all others.
        const refused = answers.find(({ is }) => is === 'refused' || is === 'void');
        if (refused)
          return { is: 'declined', cause: refused.is === 'void' ? 'Wrong numbers.' : 'The contact refused.' };
        const given = answers.find(({ is }) => is === 'given');
        if (given) return used(step, authenticators, given.id, given.data);
        return { is: answers.length === 0 ? 'expired' : 'waiting' };
      },
      ...(ownContacts
        ? {
            enrolment: {
              ask: () => ({ kind: 'choose-contact', method: 'contact-approval' }),
              begin: async (step, account, input, existing): Promise<Challenge | InvalidInput> => {
                const address = (input['address'] ?? '').trim();
                const wrong = (why: InvalidInput['why']): InvalidInput => ({ is: 'invalid', why, field: 'address' });
                if (address === '') return wrong('missing');
                if (!isAddress(address)) return wrong('address');
                const own = [...account.mail, ...(await ports.people.addressesOf(account.id))];
                if (own.some((one) => sameAddress(one, address))) return wrong('contact');
                const known = existing.filter(({ disabledAt }) => disabledAt === undefined);
                if (known.some((one) => sameAddress(addressOf(one), address))) return wrong('same');
                const name = (input['label'] ?? '').trim().slice(0, 60);
                return consent(step, account, address, name || maskAddress(address));
              },
              // The contact's own yes has bound it (src/flow/approval); this only looks.
              confirm: async (_step, pending): Promise<Verdict> => {
                const found = await ports.tickets.read(String(pending['ticket']));
                const answer = found?.answer?.['is'];
                if (answer === 'agreed') return { is: 'verified', effects: [] };
                if (answer === 'refused') return { is: 'declined', cause: 'The contact does not want to be one.' };
                return { is: found && !found.used ? 'waiting' : 'expired' };
              },
            } satisfies VerificationMethod['enrolment'],
          }
        : {}),
    };
  },
});
