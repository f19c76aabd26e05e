/** Whether a reset can succeed is found out first and told after the first gate; until then every account looks the same. */
import { describe, expect, test } from 'vitest';
import { build, type Person, SEED } from '../kit/build.ts';
import { byApp, byEmail, choose, identify } from '../kit/steps.ts';

const blocked: [string, Partial<Person>, { title: string; cause: string }][] = [
  ['disabled', { disabled: true }, { title: 'This account is switched off', cause: 'The account is disabled.' }],
  [
    'in a protected group',
    { groups: ['administrators'] },
    { title: 'A person has to do this', cause: 'Member of "administrators", which protectedGroups lists.' },
  ],
  [
    'not allowed to change its password',
    { cannotChange: true },
    { title: 'This password is set by somebody else', cause: 'cannot_change is set on the account.' },
  ],
  ['ended', { ended: true }, { title: 'This account has ended', cause: 'The account has ended (expires_at).' }],
];

const person = (more: Partial<Person>): Person => ({
  username: 'farid',
  addresses: ['farid@private.example'],
  seed: SEED,
  ...more,
});

describe('an account that is', () => {
  test.each(blocked)('%s: learns it after the first gate, whichever that is', async (_what, more, { title, cause }) => {
    for (const gate of ['email', 'totp'] as const) {
      const built = await build({ people: [person(more)] });
      const client = await identify(built.client(), 'farid');
      expect(client.choices('method')).toEqual(['email', 'totp', 'recovery-code']);
      await (gate === 'email' ? byEmail(built, client, 'farid@private.example') : byApp(built, client));
      expect(client.title).toBe(title);
      expect(client.text()).not.toContain(cause);
      const audited = await built.audited();
      expect(audited.find(({ event }) => event === 'recovery.started')).toMatchObject({
        outcome: 'refused',
        reason: cause,
      });
      expect(audited.find(({ event }) => event === 'recovery.stopped')).toMatchObject({
        outcome: 'refused',
        reason: cause,
      });
      expect(built.log.join('')).toContain(JSON.stringify(cause).slice(1, -1));
    }
  });

  test.each(blocked)('%s: sees the same first pages as everybody', async (_what, more) => {
    const built = await build({ people: [person(more), { ...person({}), username: 'grace' }] });
    const pages = [];
    for (const name of ['farid', 'grace']) {
      const client = await identify(built.client(), name);
      const first = client.text();
      await choose(client, 'totp');
      pages.push([first, client.text()]);
    }
    expect(pages[0]).toEqual(pages[1]);
  });

  test('not to be asked about now begins like any other: the write at the end will tell', async () => {
    const built = await build({ people: [person({})] });
    built.directory.preflight = async () => ({ is: 'unavailable', cause: 'The test took it away.' });
    const known = await identify(built.client(), 'farid');
    const unknown = await identify(built.client(), 'nobody');
    expect(known.text()).toBe(unknown.text());
    expect(built.log.join('')).toContain('The test took it away.');
  });
});
