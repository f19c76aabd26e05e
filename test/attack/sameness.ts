/** What a stranger can compare: status, headers, cookies and pages, with everything masked that is random by design. */
import type { LightMyRequestResponse } from 'fastify';
import { createAuthenticator } from '../kit/authenticator.ts';
import { type Built, build, type Person, SEED } from '../kit/build.ts';
import type { Client } from '../kit/client.ts';
import { PASSKEYS } from '../kit/passkeys.ts';

export const NAME = 'robin';

const full: Person = {
  username: NAME,
  addresses: ['robin@private.example', 'robin@second.example'],
  seed: SEED,
  sheet: true,
  language: 'de',
};

/** Every kind of account that a name can belong to; first nobody's. */
export const kinds: Record<string, Person[]> = {
  unknown: [],
  real: [full],
  'without any way': [{ username: NAME }],
  'with a passkey': [{ ...full, device: createAuthenticator() }],
  'with one way': [{ username: NAME, addresses: ['robin@private.example'] }],
  disabled: [{ ...full, disabled: true }],
  protected: [{ ...full, groups: ['administrators'] }],
  ended: [{ ...full, ended: true }],
  'not allowed to change': [{ ...full, cannotChange: true }],
  'that must change': [{ ...full, mustChange: true }],
  'under a rule of a group': [{ ...full, groups: ['pupils'] }],
  'under a rule of an attribute': [{ ...full, attributes: { employeeType: ['guest'] } }],
  privileged: [{ ...full, groups: ['operators'] }],
};

/** Rules that differ in everything a rule can differ in. */
const POLICY = {
  SPAREKEY_POLICY_GROUPS: JSON.stringify([
    { name: 'pupils', groups: ['pupils'], methods: ['email', 'recovery-code'], gates: 3, kinds: ['saved'] },
    { name: 'guests', attributes: { employeeType: ['guest'] }, methods: ['totp', 'email'], weights: { email: 0 } },
  ]),
  SPAREKEY_POLICY_PRIVILEGED_GROUPS: 'operators',
};

const masked = (text: string): string =>
  text
    .replaceAll(/(name="(?:_csrf|step)" value=")[^"]+/g, '$1…')
    .replaceAll(/(value=")[^"]+(" name="(?:_csrf|step)")/g, '$1…$2')
    .replaceAll(/(reference: <code dir="ltr">)[^<]+/g, '$1…')
    .replaceAll(/((?:&quot;|")challenge(?:&quot;|"):(?:&quot;|"))[^&"]+/g, '$1…')
    .replaceAll(/nonce="[^"]+"/g, 'nonce="…"')
    .replaceAll(/'nonce-[^']+'/g, "'nonce-…'");

function seen(response: LightMyRequestResponse) {
  const { date: _, ...headers } = response.headers;
  const cookies = [headers['set-cookie'] ?? []].flat().map((one) => String(one).replace(/=[^;]+/, '=…'));
  return {
    status: response.statusCode,
    headers: {
      ...headers,
      'set-cookie': cookies,
      'content-security-policy': masked(String(headers['content-security-policy'])),
    },
    body: masked(response.body),
  };
}

/** All that the script's client was answered, for one kind of account. */
export async function view(
  kind: string,
  script: (built: Built, client: Client) => Promise<unknown>,
  env: Record<string, string> = {},
) {
  const built = await build({ people: kinds[kind] ?? [], env: { ...PASSKEYS, ...POLICY, ...env } });
  const client = built.client();
  await script(built, client);
  return client.trace.map(seen);
}
