/** Passkeys in tests: given to an account without the pages, and used on them as the browser's script would. */
import type { Sparekey } from '../../src/compose.ts';
import { newId } from '../../src/kernel/random.ts';
import * as people from '../../src/storage/repositories/people.ts';
import { type Authenticator, createAuthenticator, type Lies, type MadeWith } from './authenticator.ts';
import type { Client } from './client.ts';

const METHODS = 'email,totp,passkey,recovery-code';
/** Passkeys may be used, as they may without a configuration. */
export const PASSKEYS = { SPAREKEY_POLICY_RECOVERY_METHODS: METHODS, SPAREKEY_POLICY_PRIVILEGED_METHODS: METHODS };

/** @returns the id of what was added. */
export async function givePasskey(
  { flow, directory }: Pick<Sparekey, 'flow' | 'directory'>,
  username: string,
  device: Authenticator,
  lies: MadeWith = {},
  label = '',
): Promise<string> {
  const found = await directory.find(username);
  const enrolment = flow.methods.get('passkey')?.enrolment;
  if (found.is !== 'found' || !enrolment) throw new Error('No account, or no passkeys here.');
  const { account } = found;
  const now = flow.clock.now();
  const step = { flow: newId(), challenge: newId(), now, language: 'en', account, purpose: 'enrolment' } as const;
  const begun = await enrolment.begin(step, account, {}, []);
  if ('is' in begun || begun.prompt.kind !== 'create-passkey') throw new Error('Not begun.');
  const credential = device.make(begun.prompt.options, lies);
  const made = await enrolment.confirm(step, begun.pending, { credential, label }, []);
  const effect = made.is === 'verified' ? made.effects[0] : undefined;
  if (effect?.kind !== 'add-authenticator') throw new Error('Not added.');
  await flow.authenticators.add(flow.storage.db, effect.authenticator, now);
  await people.enrolled(flow.storage.db, account, now);
  return effect.authenticator.id;
}

/** A device with a key that nobody here knows. */
export function strangersKey(): Authenticator {
  const device = createAuthenticator();
  device.make(JSON.stringify({ challenge: 'AAAA', rp: { id: 'reset.example.test' }, user: { id: 'AAAA' } }));
  return device;
}

/** What the page hands to the browser. */
export function optionsOn({ html }: Pick<Client, 'html'>): string {
  const found = /data-options="([^"]*)"/.exec(html)?.[1];
  if (!found) throw new Error('This page asks for no passkey.');
  return found.replaceAll('&quot;', '"').replaceAll('&amp;', '&');
}

/** Answers the page that asks for a passkey. */
export const tap = (client: Client, device: Authenticator, lies: Lies = {}): Promise<Client> =>
  client.submit('/recover/answer', { credential: device.use(optionsOn(client), lies) });

export async function byPasskey(client: Client, device: Authenticator, lies: Lies = {}): Promise<Client> {
  await client.submit('/recover/method', { method: 'passkey' });
  return tap(client, device, lies);
}

/** Asks, on the start page, as its script does. @returns the options. */
export async function askedAtStart(client: Client): Promise<string> {
  await client.get('/');
  const form = client.form('/passkey');
  const { html } = client;
  await client.post('/passkey/ask', form.fields);
  const options = client.html;
  client.html = html;
  return options;
}

/** Begins without a name. */
export async function startByPasskey(client: Client, device: Authenticator, lies: Lies = {}): Promise<Client> {
  const options = await askedAtStart(client);
  return client.submit('/passkey', { credential: device.use(options, lies) });
}
