/** People at work in the console: the roles of the tests, and a client that is signed in with an app. */
import type { Built, Person } from './build.ts';
import { SEED } from './build.ts';
import type { Client } from './client.ts';
import { byApp, signIn } from './steps.ts';

/** For `build({ env })`: members of `operators`, `helpdesk` and `auditors` have their roles. */
export const STAFF = {
  SPAREKEY_CONSOLE_ROLES: JSON.stringify([
    { name: 'IT', groups: ['operators'], role: 'operator' },
    { name: 'Help desk', groups: ['helpdesk'], role: 'helper' },
    { name: 'Audit', groups: ['auditors'], role: 'auditor' },
    { name: 'Teacher', groups: ['teachers'], role: 'helper', scope: { same: ['class'] } },
  ]),
};

const member = (username: string, group: string, more: Partial<Person> = {}): Person => ({
  username,
  mail: `${username}@northfield.example`,
  addresses: [`${username}@private.example`],
  seed: SEED,
  groups: [group],
  ...more,
});

/** One of each role; `tilda` teaches class 7b. */
export const STAFF_PEOPLE: readonly Person[] = [
  member('olga', 'operators'),
  member('otto', 'operators'),
  member('hedda', 'helpdesk'),
  member('axel', 'auditors'),
  member('tilda', 'teachers', { attributes: { class: ['7b'] } }),
];

/** Signs in with password and app, then opens the console. */
export async function staffClient(built: Built, username: string, client: Client = built.client()): Promise<Client> {
  await client.get('/console');
  await signIn(client, username);
  await byApp(built, client);
  return client.get('/console');
}
