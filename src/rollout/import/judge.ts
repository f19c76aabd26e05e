/**
 * What a line would do, found out without doing it: who is meant, what is new of it, and why it can't be used. Answers are hashed
 * here, so that none is kept in clear for longer than it takes to look at its line.
 */
import type { Directory } from '../../directory/directory.ts';
import type { FlowDeps } from '../../flow/deps.ts';
import type { Account, Authenticator } from '../../kernel/account.ts';
import type { AddAuthenticator } from '../../kernel/effect.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { readPhone } from '../../kernel/phone.ts';
import { isAddress } from '../../methods/address.ts';
import type { Answer, VerificationMethod } from '../../methods/method.ts';
import type { PreRegistrations } from '../../storage/repositories/pre-registrations.ts';
import type { Entry, Question } from './entry.ts';

/** What a line that is ready brings. */
export interface Brings {
  who: Pick<Account, 'id' | 'directory' | 'key' | 'displayName'> & { language: string };
  known: { email?: string; phone?: string; language?: string };
  ways: AddAuthenticator['authenticator'][];
}

export type Judged =
  | { is: 'ready'; accountId: string; says: string; brings: Brings }
  | { is: 'same' | 'refused'; accountId?: string; says: string }
  | { is: 'unavailable'; cause: string };

export interface JudgeDeps {
  flow: Pick<FlowDeps, 'storage' | 'directory' | 'authenticators' | 'contacts' | 'languages'>;
  known: PreRegistrations;
  methods: ReadonlyMap<string, VerificationMethod>;
  /** The organisation answers for what the list says. */
  vouched: boolean;
  /** ISO 3166-1, first one for numbers without `+`. */
  countries: readonly string[];
}

const FAULTS: Record<string, string> = {
  'not-a-number': 'is no number',
  'invalid-country': 'has no country code, or one that does not exist',
  'too-short': 'is too short',
  'too-long': 'is too long',
  'not-in-use': 'can’t belong to anybody: its country has no such numbers',
  extension: 'has an extension, which no machine can dial',
  'premium-rate': 'is a premium-rate or service number',
};

const refused = (says: string, accountId?: string): Judged => ({
  is: 'refused',
  says,
  ...(accountId ? { accountId } : {}),
});

async function find(directory: Pick<Directory, 'find' | 'resolve'>, { username, dn }: Entry) {
  if (username !== '') return directory.find(username);
  return directory.resolve(dn ?? '');
}

/** Answers of another product as the form of security questions brings them. */
function formOf(questions: readonly Question[]): { input: Answer; count: number } {
  const usable = questions.filter(({ text, answer }) => text !== '' && answer !== undefined && answer !== '');
  const input: Record<string, string> = {};
  for (const [n, { text, answer = '' }] of usable.entries()) {
    input[`own${n}`] = text;
    input[`answer${n}`] = answer;
  }
  return { input, count: usable.length };
}

const closedAnswers = (questions: readonly Question[]): string =>
  `None of the ${questions.length} answers is in clear (${[...new Set(questions.map(({ format }) => format))].join(', ')}), so they can’t be taken over; the person chooses new ones.`;

export function createJudge({ flow, known, methods, vouched, countries }: JudgeDeps) {
  const { storage, directory, authenticators, contacts, languages } = flow;

  /** A sentence about what is wrong with the contacts, or what they really are. */
  function contactsOf({ mail, phone, language }: Entry): string | Brings['known'] {
    const found: Brings['known'] = {};
    if (mail !== undefined) {
      if (!isAddress(mail)) return 'mail is no mail address.';
      found.email = mail;
    }
    if (phone !== undefined) {
      const read = readPhone(phone, countries[0]);
      if (read.is === 'fault') return `phone ${FAULTS[read.fault] ?? 'can’t be used'}.`;
      if (read.country === undefined || !countries.includes(read.country))
        return `phone is of a country that nothing is sent to (${countries.join(', ')}).`;
      found.phone = read.e164;
    }
    if (language !== undefined) {
      const spoken = languages.find((one) => one === language.toLowerCase().split(/[-_]/)[0]);
      if (!spoken) return `language is none of ${languages.join(', ')}.`;
      found.language = spoken;
    }
    return found;
  }

  async function taken(lookup: string | undefined, accountId: string): Promise<boolean> {
    if (!lookup?.startsWith('phone:') || contacts.sharedPhone !== 'refuse') return false;
    return (await authenticators.findByLookup(storage.db, lookup)).some((one) => one.accountId !== accountId);
  }

  /** What the organisation answers for becomes a way of its own; what the person has is never touched. */
  async function waysOf(account: Account, own: readonly Authenticator[], inputs: ReadonlyMap<string, Answer>) {
    const ways: AddAuthenticator['authenticator'][] = [];
    for (const [id, input] of inputs) {
      const method = methods.get(id);
      if (own.some((one) => one.method === id)) continue;
      const adopted = await method?.enrolment?.adopt?.(account, input);
      if (!adopted) return `Nothing is set up that could use ${id === 'questions' ? 'answers' : 'it'} (${id}).`;
      if (adopted.is === 'invalid')
        return `${id} can’t be used: ${adopted.why}${adopted.field ? ` (${adopted.field})` : ''}.`;
      if (await taken(adopted.authenticator.lookup, account.id)) return 'phone belongs to another account already.';
      ways.push(adopted.authenticator);
    }
    return ways;
  }

  return async function judge(entry: Entry): Promise<Judged> {
    const found = await find(directory, entry);
    if (found.is === 'unavailable') return found;
    if (found.is === 'none') return refused(found.cause ?? 'No account is called so.');
    const { account } = found;
    const contact = contactsOf(entry);
    if (typeof contact === 'string') return refused(contact, account.id);
    const inputs = new Map<string, Answer>();
    const { questions } = entry;
    if (questions) {
      if (!vouched)
        return refused('Answers open a recovery: they come in only with rollout.trustFiles: vouched.', account.id);
      const { input, count } = formOf(questions);
      if (count === 0) return refused(closedAnswers(questions), account.id);
      inputs.set('questions', input);
    }
    if (vouched && contact.email) inputs.set('email', { address: contact.email });
    if (vouched && contact.phone) inputs.set(methods.has('sms') ? 'sms' : 'voice', { address: contact.phone });
    if (inputs.size > 0) {
      const preflight = await directory.preflight(account, { justRead: true });
      if (preflight.is === 'unavailable') return preflight;
      if (preflight.is === 'blocked' && preflight.why === 'protected')
        return refused('The account is protected: nothing is bound to it from a list.', account.id);
    }
    const own = await authenticators.list(storage.db, account.id);
    const ways = await waysOf(account, own, inputs);
    if (typeof ways === 'string') return refused(ways, account.id);
    const fresh: Brings['known'] = {};
    for (const kind of ['email', 'phone', 'language'] as const) {
      const value = contact[kind];
      if (value !== undefined && (await known.find(storage.db, account.id, kind)) !== value) fresh[kind] = value;
    }
    const says = [...Object.keys(fresh), ...ways.map(({ method }) => `${method} at once`)].join(', ');
    if (says === '') return { is: 'same', accountId: account.id, says: 'Nothing new.' };
    const { id, directory: of, key, displayName } = account;
    const language = account.language ?? contact.language ?? languages[0] ?? 'en';
    const brings: Brings = { who: { id, directory: of, key, displayName, language }, known: fresh, ways };
    return { is: 'ready', accountId: id, says: `New: ${says}.`, brings };
  };
}

export const dataOf = (brings: Brings): JsonObject => brings as unknown as JsonObject;
