/** The steps that people take through the portal, one word each, so that journeys read as what happens. */
import { Secret as OtpSecret, TOTP } from 'otpauth';
import { type Built, PASSWORD, SEED } from './build.ts';
import type { Client } from './client.ts';

export const NEW = 'a lantern over the harbour';
export const NEWER = 'eleven paper boats at noon';

/** What the app shows now. */
export const appCode = (built: Pick<Built, 'clock'>, seed = SEED): string =>
  new TOTP({ secret: OtpSecret.fromBase32(seed) }).generate({ timestamp: built.clock.now() });

/** A code that the app does not show, now or a step away. */
export const wrongAppCode = (built: Pick<Built, 'clock'>, seed = SEED): string => {
  const otp = new TOTP({ secret: OtpSecret.fromBase32(seed) });
  const right = [-1, 0, 1].map((n) => otp.generate({ timestamp: built.clock.now() + n * 30_000 }));
  return ['000000', '111111', '222222', '333333'].find((code) => !right.includes(code)) as string;
};

export const wrongMailCode = (right: string): string => `${(Number(right[0]) + 1) % 10}${right.slice(1)}`;

export async function identify(client: Client, identifier: string): Promise<Client> {
  await client.get('/');
  return client.submit('/recover', { identifier });
}

export const choose = (client: Client, method: string): Promise<Client> => client.submit('/recover/method', { method });

export const answer = (client: Client, code: string): Promise<Client> => client.submit('/recover/answer', { code });

export async function byEmail(built: Built, client: Client, address: string): Promise<Client> {
  await choose(client, 'email');
  return answer(client, await built.codeFor(address));
}

export async function byApp(built: Built, client: Client, seed = SEED): Promise<Client> {
  await choose(client, 'totp');
  return answer(client, appCode(built, seed));
}

export async function bySheet(client: Client, code: string): Promise<Client> {
  await choose(client, 'recovery-code');
  return answer(client, code);
}

export const setPassword = (client: Client, password = NEW, again = password): Promise<Client> =>
  client.submit('/recover/password', { password, again });

/** Through both gates of the default policy, up to the choice of a password. */
export async function passGates(built: Built, client: Client, username: string): Promise<Client> {
  await identify(client, username);
  await byEmail(built, client, `${username}@private.example`);
  return byApp(built, client);
}

export async function signIn(client: Client, username: string, password = PASSWORD): Promise<Client> {
  await client.get('/sign-in');
  return client.submit('/sign-in', { username, password });
}

/** The token in the link of the newest mail to that address. */
export async function linkToken(built: Built, address: string): Promise<string> {
  const mail = (await built.mails()).findLast(({ to, text }) => to === address && text.includes('/recover/link#'));
  const token = /\/recover\/link#([\w-]+)/.exec(mail?.text ?? '')?.[1];
  if (!token) throw new Error(`No mail with a link to ${address}.`);
  return token;
}

/** Subjects of the mails to an address, oldest first, without the organisation. */
export const subjectsTo = async (built: Built, address: string): Promise<string[]> =>
  (await built.mails())
    .filter(({ to }) => to === address)
    .map(({ subject }) => subject.replace('Northfield College: ', ''));
