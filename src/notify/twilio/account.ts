/**
 * The account at Twilio, or at a provider with the same API: settings that texts and calls share, and requests to it. A
 * dangerous or unreadable value stops the start.
 */
import { type Static, Type } from 'typebox';
import type { Finding } from '../../kernel/plugin.ts';
import { Duration, FilePath, SecretText } from '../../kernel/setting.ts';
import { addressGuard } from '../../outbound/addresses.ts';
import { type Answer, exchange } from '../../outbound/exchange.ts';
import { explain } from '../../outbound/explain.ts';
import { readCa } from '../../outbound/read-ca.ts';
import { judgeFailure, readAnswer } from './judge.ts';

export const accountSettings = {
  accountSid: Type.String({
    pattern: '^[A-Za-z0-9-]{10,64}$',
    description: 'Account SID.',
    examples: ['AC0123456789abcdef0123456789abcdef'],
  }),
  authToken: Type.Optional(
    SecretText({
      description:
        'Auth token of the account. What Twilio calls back is signed with it, also where an API key signs in.',
    }),
  ),
  apiKey: Type.Optional(
    Type.String({ pattern: '^[A-Za-z0-9-]{10,64}$', description: 'SID of an API key, to sign in with instead.' }),
  ),
  apiKeySecret: Type.Optional(SecretText({ description: 'Secret of that API key.' })),
  apiUrl: Type.String({
    pattern: '^https?://[^\\s?#]+$',
    default: 'https://api.twilio.com',
    description: 'Address of the API, for a region or a compatible provider. `http:` works only on this machine.',
    examples: ['https://api.dublin.ie1.twilio.com'],
  }),
  caFile: Type.Optional(
    FilePath({ description: 'PEM file of the only authorities to trust, instead of the usual ones.' }),
  ),
  timeout: Duration({
    default: '15 s',
    duration: { min: '1 s', max: '1 min' },
    description: 'Time for one whole request, name look-up and answer included.',
  }),
};

const settings = Type.Object(accountSettings);
export type AccountSettings = Static<typeof settings>;

export type Asked = { is: 'answered'; answer: Answer } | { is: 'failed'; cause: string; fix: string; key: string };

export interface TwilioAccount {
  /** `path` behind the account: `/Messages.json`. */
  post(path: string, form: Readonly<Record<string, string>>): Promise<Asked>;
  check(): Promise<Finding[]>;
}

/** @throws Error that names the key when a value can't be used. */
export function openAccount(config: AccountSettings, now: () => number): TwilioAccount {
  const { accountSid, authToken, apiKey, apiKeySecret, timeout } = config;
  if ((apiKey === undefined) !== (apiKeySecret === undefined))
    throw new Error('apiKeySecret: apiKey and apiKeySecret belong together; give both or neither.');
  if (authToken === undefined && apiKey === undefined)
    throw new Error('authToken: give it, or apiKey and apiKeySecret, to sign in with.');
  const base = new URL(config.apiUrl);
  if (base.username !== '' || base.password !== '') throw new Error('apiUrl: the sign-in has keys of its own.');
  const guard = guardFor(base);
  const ca = config.caFile === undefined ? undefined : readCa(config.caFile);
  const account = `${base.pathname.replace(/\/+$/, '')}/2010-04-01/Accounts/${accountSid}`;
  const own = { name: accountSid, secret: authToken ?? '' };
  const signIn = apiKey === undefined ? own : { name: apiKey, secret: apiKeySecret ?? '' };

  async function ask(method: 'GET' | 'POST', path: string, body: string, as: typeof own): Promise<Asked> {
    const headers = { Authorization: `Basic ${Buffer.from(`${as.name}:${as.secret}`).toString('base64')}` };
    const contentType = method === 'GET' ? undefined : 'application/x-www-form-urlencoded';
    try {
      const target = { url: new URL(`${account}${path}`, base), guard, headers, ca };
      return { is: 'answered', answer: await exchange(target, method, timeout, { contentType, body, query: '' }) };
    } catch (error) {
      const { cause, fix, key } = explain(error);
      return { is: 'failed', cause, fix, key: key === 'url' ? 'apiUrl' : key };
    }
  }

  /** Standard API keys may not read the account itself, so they are tried on the list of its numbers. */
  async function tried(what: string, path: string, as: typeof own, key: string): Promise<Finding> {
    const asked = await ask('GET', path, '', as);
    if (asked.is === 'failed') return { ...asked, is: 'failed', what };
    const { status, body } = asked.answer;
    if (status !== 200) {
      const { cause } = judgeFailure(asked.answer, now());
      return { is: 'failed', what, cause, fix: 'Compare it with the console of the provider.', key };
    }
    const read = readAnswer(body);
    if (read === undefined) {
      const fix = 'Check apiUrl.';
      return { is: 'failed', what, cause: 'What answers there is not the API of Twilio.', fix, key: 'apiUrl' };
    }
    if (read.status === 'suspended' || read.status === 'closed')
      return { is: 'failed', what, cause: `The account is ${read.status}.`, fix: 'Look at it in the console.', key };
    if (read.type === 'Trial') {
      const cause = 'It is a trial account: only numbers that were verified there are reached.';
      return { is: 'warning', what, cause, fix: 'Upgrade the account.', key };
    }
    return { is: 'ok', what };
  }

  return {
    post: (path, form) => ask('POST', path, new URLSearchParams(form).toString(), signIn),
    async check() {
      const findings: Finding[] = [];
      if (authToken !== undefined) findings.push(await tried('sign in with the auth token', '.json', own, 'authToken'));
      if (apiKey !== undefined)
        findings.push(
          await tried('sign in with the API key', '/IncomingPhoneNumbers.json?PageSize=1', signIn, 'apiKeySecret'),
        );
      return findings;
    },
  };
}

function guardFor(base: URL) {
  try {
    return addressGuard(base, []);
  } catch (error) {
    throw new Error((error as Error).message.replace(/^url:/, 'apiUrl:'), { cause: error });
  }
}
