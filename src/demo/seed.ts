/** Fills the built-in directory of the demo once. What can't be read back (passwords, saved codes) is kept beside the database. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { FlowDeps } from '../flow/deps.ts';
import { identifierKeyOf } from '../flow/identifier.ts';
import { accountId } from '../kernel/account.ts';
import { argon2Hash, PASSWORD_COST } from '../kernel/argon2.ts';
import type { JsonObject } from '../kernel/json.ts';
import { type E164, maskPhone } from '../kernel/phone.ts';
import { newId } from '../kernel/random.ts';
import type { Step } from '../methods/method.ts';
import * as accounts from '../storage/repositories/builtin-accounts.ts';
import * as people from '../storage/repositories/people.ts';
import { DEMO_PASSWORD, DEMO_PEOPLE, type SeedPerson } from './people.ts';

/** Username to the saved codes as they were made. */
export type SavedSheets = Record<string, string[]>;

export const demoAccountId = (username: string): string => accountId('builtin', username);

/** `issuer`: of the demo's identity provider, where there is one. */
export async function seedDemo(flow: FlowDeps, file: string, issuer: string | undefined): Promise<SavedSheets> {
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as SavedSheets;
  const sheets: SavedSheets = {};
  for (const person of DEMO_PEOPLE) sheets[person.username] = await seed(flow, person, issuer);
  writeFileSync(file, JSON.stringify(sheets), { mode: 0o600 });
  return sheets;
}

/** What the directory knows of them beyond a mail address. */
const attributesOf = ({ manager, card }: SeedPerson): Record<string, string[]> => ({
  ...(manager ? { manager: [manager] } : {}),
  ...(card ? { cardNumber: [card] } : {}),
});

async function seed(flow: FlowDeps, person: SeedPerson, issuer: string | undefined): Promise<string[]> {
  const { storage, authenticators, clock, keyring, methods } = flow;
  const now = clock.now();
  const hash = await argon2Hash(DEMO_PASSWORD, keyring.derive('builtin-password'), PASSWORD_COST);
  const id = demoAccountId(person.username);
  const sheet = methods.get('recovery-code');
  const step: Step = {
    flow: identifierKeyOf(keyring, person.username),
    challenge: newId(),
    now,
    language: person.language,
    account: {
      id,
      username: person.username,
      displayName: person.displayName,
      mail: [person.mail],
      attributes: attributesOf(person),
    },
    purpose: 'enrolment',
  };
  const account = {
    ...step.account,
    directory: 'builtin',
    key: person.username,
    locator: person.username,
    givenName: person.givenName,
    language: person.language,
    groups: person.groups,
  };
  const begun = person.sheet ? await sheet?.enrolment?.begin(step, account, {}, []) : undefined;
  const app = person.app ? await methods.get('totp')?.enrolment?.begin(step, account, {}, []) : undefined;
  const answered = Object.entries(person.answers ?? {}).flatMap(([question, answer], n) => [
    [`question${n}`, question],
    [`answer${n}`, answer],
  ]);
  const asked =
    answered.length > 0
      ? await methods.get('questions')?.enrolment?.begin(step, account, Object.fromEntries(answered), [])
      : undefined;
  await storage.transaction(async (trx) => {
    await accounts.insert(trx, {
      id: person.username,
      username: person.username,
      mail: person.mail,
      displayName: person.displayName,
      givenName: person.givenName,
      language: person.language,
      groups: person.groups,
      attributes: attributesOf(person),
      passwordHash: hash,
      passwordChangedAt: now,
      mustChange: person.mustChange ?? false,
      disabled: person.disabled ?? false,
      cannotChange: person.cannotChange ?? false,
      expiresAt: person.ended ? now - 1 : undefined,
    });
    const add = (method: string, label: string, data: JsonObject, lookup?: string) =>
      authenticators.add(trx, { id: newId(), accountId: id, method, label, data, lookup }, now);
    for (const address of person.addresses) await add('email', address, { address }, `mail:${address}`);
    if (app && !('is' in app)) await add('totp', 'Demo app', { ...app.pending, lastStep: 0 });
    if (person.phone) {
      const number = person.phone as E164;
      await add('sms', maskPhone(number), { number }, `phone:${number}`);
    }
    if (asked && !('is' in asked)) await add('questions', '', { set: asked.pending['set'] ?? [], turn: 0 });
    if (person.linked && issuer) {
      const sub = person.username;
      await add('oidc', 'Demo ID', { iss: issuer, sub }, `oidc:${issuer}|${sub}`);
    }
    if (begun && !('is' in begun)) await add('recovery-code', '', begun.pending);
    if (person.addresses.length > 0 || person.app || person.sheet)
      await people.enrolled(trx, { id, directory: 'builtin', key: person.username }, now);
  });
  return begun && !('is' in begun) && begun.prompt.kind === 'save-codes' ? begun.prompt.codes : [];
}
