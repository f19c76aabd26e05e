/** Who has to pass what: rules of groups, attributes and privileged people, second factors, fresh contacts, locked mailboxes. */
import { describe, expect, test } from 'vitest';
import type { MxResolver } from '../../src/mail-servers.ts';
import { type BuildOptions, type Built, build, type Person, SEED } from '../kit/build.ts';
import type { Client } from '../kit/client.ts';
import {
  answer,
  appCode,
  byApp,
  byEmail,
  bySheet,
  choose,
  identify,
  NEW,
  setPassword,
  signIn,
  wrongAppCode,
} from '../kit/steps.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const ADDRESS = 'amina@private.example';
const amina: Person = { username: 'amina', addresses: [ADDRESS], seed: SEED, sheet: true };

const RULES = JSON.stringify([
  { name: 'pupils', groups: ['pupils'], methods: ['email', 'recovery-code'] },
  { name: 'guests', attributes: { employeeType: ['guest'] }, methods: ['email', 'totp', 'recovery-code'], gates: 3 },
]);
const env = { SPAREKEY_POLICY_GROUPS: RULES, SPAREKEY_POLICY_PRIVILEGED_GROUPS: 'operators' };

const start = async (person: Partial<Person> = {}, more: BuildOptions = {}) => {
  const built = await build({ people: [{ ...amina, ...person }], env, ...more });
  return { built, client: await identify(built.client(), 'amina') };
};
const ways = (client: Client) => client.choices('method');
const sheetOf = (built: Built) => built.sheets.get('amina')?.[0] ?? '';

describe('the rule', () => {
  test('of everybody asks for two gates of what is allowed', async () => {
    const { built, client } = await start();
    await byEmail(built, client, ADDRESS);
    expect(ways(client)).toEqual(['totp', 'recovery-code']);
    expect(client.text()).toContain('Step 2 of 3');
  });

  test('of a group is that of its members, however they spell it: the app opens nothing here', async () => {
    const { built, client } = await start({ groups: ['Pupils'], seed: undefined as never });
    await byEmail(built, client, ADDRESS);
    expect(ways(client)).toEqual(['recovery-code']);
    await bySheet(client, sheetOf(built));
    await setPassword(client);
    expect(await built.bind('amina', NEW)).toBe('correct');
  });

  test('a way that the rule does not allow can be asked for and answered, but never passes', async () => {
    const { built, client } = await start({ groups: ['pupils'] });
    await choose(client, 'totp');
    await answer(client, appCode(built));
    expect(client.text()).toContain('doesn’t match');
  });

  test('of an attribute asks its people for three gates', async () => {
    const { built, client } = await start({ attributes: { employeeType: ['Guest'] } });
    await byEmail(built, client, ADDRESS);
    expect(client.text()).toContain('Step 2 of 4');
    await byApp(built, client);
    expect(ways(client)).toEqual(['recovery-code']);
    await bySheet(client, sheetOf(built));
    expect(client.title).toBe('Choose a new password');
  });

  test('of privileged people wins over that of their group, and wants the app or a passkey whatever else is shown', async () => {
    const { built, client } = await start({ groups: ['pupils', 'operators'] });
    await byEmail(built, client, ADDRESS);
    expect(ways(client)).toEqual(['totp']);
    await byApp(built, client);
    expect(client.title).toBe('Choose a new password');
  });

  test('stops privileged people who have neither, with the cause in the audit', async () => {
    const { built, client } = await start({ groups: ['operators'], seed: undefined as never });
    await byEmail(built, client, ADDRESS);
    expect(client.title).toBe('We can’t check that it’s you here');
    const stopped = (await built.audited()).find(({ event }) => event === 'recovery.stopped');
    expect(stopped?.reason).toContain('Nothing left to verify with after email');
  });

  test('is the one that held when the journey began; a group that changes meanwhile changes the next one', async () => {
    const { built, client } = await start();
    await byEmail(built, client, ADDRESS);
    await built.storage.db.updateTable('builtin_accounts').set({ groups: '["operators"]' }).execute();
    await bySheet(client, sheetOf(built));
    // A second factor that somebody has must be shown, or stood for by a saved code: that is what just happened.
    expect(client.title).toBe('Choose a new password');
    const next = await identify(built.client(), 'amina');
    await byEmail(built, next, ADDRESS);
    expect(ways(next)).toEqual(['totp']);
  });

  // That no byte differs is shown in test/attack/enumeration.test.ts, for people of three rules.
  test.each([{}, { groups: ['pupils'] }, { groups: ['operators'] }, { attributes: { employeeType: ['guest'] } }])(
    'that only %j has does not show in what is offered first',
    async (person) => {
      const { client } = await start(person);
      expect(ways(client)).toEqual(['email', 'totp', 'recovery-code']);
      expect(client.text()).toContain('Step 1 of 3');
    },
  );

  test('"How safe am I?" and the practice run go by the rule of this person', async () => {
    const { built } = await start({ groups: ['operators'], seed: undefined as never });
    const client = await signIn(built.client(), 'amina');
    await bySheet(client, sheetOf(built));
    expect(client.text()).toContain('One more way is missing');
  });
});

describe('a second factor', () => {
  const single = { SPAREKEY_POLICY_RECOVERY_GATES: '1', SPAREKEY_POLICY_RECOVERY_ACCEPT_SINGLE_GATE: 'true' };

  test('that nobody has is not asked for where one gate is accepted', async () => {
    const { built, client } = await start({ seed: undefined as never, sheet: false }, { env: single });
    await byEmail(built, client, ADDRESS);
    expect(client.title).toBe('Choose a new password');
  });

  test('must be shown by who has it, even where one gate is accepted', async () => {
    const { built, client } = await start({ sheet: false }, { env: single });
    await byEmail(built, client, ADDRESS);
    expect(ways(client)).toEqual(['totp']);
    await byApp(built, client);
    expect(client.title).toBe('Choose a new password');
  });

  test('can’t be got rid of by wearing it out: the mail alone opens nothing afterwards', async () => {
    const { built, client } = await start(
      { sheet: false },
      {
        env: {
          ...single,
          SPAREKEY_LIMITS_LADDER_DISABLE_AT: '11',
          SPAREKEY_LIMITS_STARTS_PER_IDENTIFIER_PER_HOUR: '100',
        },
      },
    );
    const disabled = async () => (await built.audited()).some(({ event }) => event === 'authenticator.disabled');
    for (let n = 0; n < 20 && !(await disabled()); n += 1) {
      const guesses = await choose(await identify(built.client(), 'amina'), 'totp');
      for (let tries = 0; tries < 4; tries += 1) await answer(guesses, wrongAppCode(built));
      built.clock.advance(61 * MINUTE);
    }
    expect(await disabled()).toBe(true);
    const after = await identify(built.client(), 'amina');
    await byEmail(built, after, ADDRESS);
    expect(after.title).toBe('We can’t check that it’s you here');
    expect(client.title).not.toBe('Choose a new password');
  });
});

describe('an address that was added lately', () => {
  /** Signed in again, so that the proof is fresh. */
  const inside = async (built: Built) => {
    const client = await signIn(built.client(), 'amina');
    if (ways(client).length > 0) await byApp(built, client);
    return client;
  };
  const add = async (built: Built, address: string) => {
    const client = await inside(built);
    await client.get('/ways/add/email');
    await client.submit('/ways/add/email', { address });
    return client.submit('/ways/add/email/confirm', { code: await built.codeFor(address) });
  };
  test('works at once when it is among the first that a person adds', async () => {
    const built = await build({ people: [{ username: 'amina' }], env });
    await add(built, 'first@private.example');
    built.clock.advance(2 * MINUTE);
    await add(built, 'second@private.example');
    const client = await choose(await identify(built.client(), 'amina'), 'email');
    expect((await built.mails()).filter(({ text }) => text.includes('/recover/link#')).map(({ to }) => to)).toEqual([
      'first@private.example',
      'second@private.example',
    ]);
    expect(client.title).toBe('Type the code from the email');
  });

  test('opens nothing for three days, is told so in words, and opens then', async () => {
    const built = await build({ people: [{ ...amina, addresses: [], sheet: false }], env });
    built.clock.advance(30 * DAY);
    const added = await add(built, 'new@private.example');
    expect(added.text()).toContain('works soon');
    built.clock.advance(MINUTE);
    const early = await byApp(built, await identify(built.client(), 'amina'));
    expect(early.title).toBe('We can’t check that it’s you here');
    expect(early.text()).toMatch(/added lately opens nothing yet\. It works from .*26 December/);
    const asked = await choose(await identify(built.client(), 'amina'), 'email');
    expect(asked.title).toBe('Type the code from the email');
    expect((await built.mails()).filter(({ text }) => text.includes('/recover/link#'))).toEqual([]);
    built.clock.advance(3 * DAY);
    const late = await byApp(built, await identify(built.client(), 'amina'));
    await byEmail(built, late, 'new@private.example');
    expect(late.title).toBe('Choose a new password');
  });

  test('is not among the ways yet, and who has others reads from when it is', async () => {
    const built = await build({ people: [amina], env });
    built.clock.advance(30 * DAY);
    await add(built, 'new@private.example');
    built.clock.advance(MINUTE);
    const client = await byApp(built, await identify(built.client(), 'amina'));
    expect(client.text()).toMatch(/added lately is not among these yet\. It works from .*26 December/);
    await choose(client, 'email');
    expect((await built.mails()).filter(({ text }) => text.includes('/recover/link#')).map(({ to }) => to)).toEqual([
      ADDRESS,
    ]);
    const stranger = await identify(built.client(), 'amina');
    expect(stranger.text()).not.toContain('lately');
  });

  test('works at once where policy says so', async () => {
    const built = await build({ people: [amina], env: { ...env, SPAREKEY_POLICY_RECENT_CONTACT: '0 s' } });
    built.clock.advance(30 * DAY);
    expect((await add(built, 'new@private.example')).text()).not.toContain('works soon');
  });
});

describe('a mailbox behind the forgotten password', () => {
  const HOSTS: Record<string, string> = {
    'northfield.example': 'mx.northfield.example',
    'alumni.example': 'mx.northfield.example',
    'private.example': 'mx.private.example',
  };
  const resolver: MxResolver = {
    resolveMx: async (domain: string) => {
      const exchange = HOSTS[domain.toLowerCase()];
      if (!exchange) throw new Error('ENOTFOUND');
      return [{ exchange, priority: 1 }];
    },
  };
  const locked = { SPAREKEY_METHODS_EMAIL_LOCKED_DOMAINS: 'Northfield.example' };

  const enter = async (built: Built, address: string) => {
    const client = await signIn(built.client(), 'amina');
    await client.get('/ways/add/email');
    return client.submit('/ways/add/email', { address });
  };

  test.each([
    ['itself', 'amina@northfield.example'],
    ['in other letters', 'amina@NORTHFIELD.example'],
    ['under an alias domain that ends at the same servers', 'amina@alumni.example'],
  ])('is refused with a sentence when it is added, %s, and nothing is sent there', async (_name, address) => {
    const built = await build({ people: [{ username: 'amina' }], env: locked, resolver });
    const client = await enter(built, address);
    expect(client.text()).toContain('You can’t open that mailbox when you are locked out');
    expect(client.html).toContain(`value="${address}"`);
    expect(await built.mails()).toEqual([]);
  });

  test.each(['amina@private.example', 'amina@unheard.example'])('is not %s: that is taken', async (address) => {
    const built = await build({ people: [{ username: 'amina' }], env: locked, resolver });
    await enter(built, address);
    expect((await built.mails()).map(({ to }) => to)).toEqual([address]);
  });

  test('is not suggested either', async () => {
    const built = await build({ people: [{ username: 'amina' }], env: locked, resolver });
    const client = await signIn(built.client(), 'amina');
    await client.get('/ways/add/email');
    expect(client.html).not.toContain('amina@northfield.example');
  });

  test('is never written to, although it was confirmed before the domain was listed', async () => {
    const addresses = ['amina@northfield.example', ADDRESS];
    const { built, client } = await start({ addresses }, { env: locked, resolver });
    await choose(client, 'email');
    expect((await built.mails()).map(({ to }) => to)).toEqual([ADDRESS]);
  });

  test('counts for nothing: who has no other learns after the first gate that a way is missing', async () => {
    const { built, client } = await start(
      { addresses: ['amina@northfield.example'], sheet: false },
      { env: locked, resolver },
    );
    await byApp(built, client);
    expect(client.title).toBe('We can’t check that it’s you here');
  });
});
