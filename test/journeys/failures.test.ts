/** When what we lean on breaks: the directory, the database, the mail sender. Honest pages, nothing half-done, nothing burnt. */
import { describe, expect, test } from 'vitest';
import type { Directory } from '../../src/directory/directory.ts';
import { StorageFailure } from '../../src/storage/failure.ts';
import { type Built, build, PASSWORD, SEED } from '../kit/build.ts';
import {
  answer,
  appCode,
  byApp,
  byEmail,
  choose,
  identify,
  NEW,
  NEWER,
  passGates,
  setPassword,
  signIn,
  subjectsTo,
} from '../kit/steps.ts';

const amina = { username: 'amina', addresses: ['amina@private.example'], seed: SEED, sheet: true };
const ADDRESS = 'amina@private.example';
const SECOND = 1_000;
const cause = 'The test took it away.';
const start = () => build({ people: [amina] });
const events = async (built: Built) => (await built.audited()).map(({ event }) => event);

/** Replaces calls of the directory; gives back what undoes it. */
function breakDirectory(built: Built, calls: Partial<Directory>): () => void {
  const before = { ...built.directory };
  Object.assign(built.directory, calls);
  return () => Object.assign(built.directory, before);
}

describe('a directory that does not answer', () => {
  test.each<[string, Partial<Directory>]>([
    ['at the look-up', { load: async () => ({ is: 'unavailable', cause }) }],
    ['at the look before the write', { passwordMarker: async () => undefined }],
  ])('%s: 503, and the same form works when it is back', async (_when, calls) => {
    const built = await start();
    const client = await passGates(built, built.client(), 'amina');
    const mend = breakDirectory(built, calls);
    const { fields } = client.form('/recover/password');
    await client.post('/recover/password', { ...fields, password: NEW, again: NEW });
    expect(client.status).toBe(503);
    expect(client.text()).toContain('nothing was changed');
    mend();
    await client.post('/recover/password', { ...fields, password: NEW, again: NEW });
    expect(await built.bind('amina', NEW)).toBe('correct');
  });

  test('while the password page is looked at: 503', async () => {
    const built = await start();
    const client = await passGates(built, built.client(), 'amina');
    const mend = breakDirectory(built, { load: async () => ({ is: 'unavailable', cause }) });
    await client.get('/recover');
    expect([client.status, client.title]).toEqual([503, 'One moment …']);
    mend();
    await client.get('/recover');
    expect(client.title).toBe('Choose a new password');
  });

  test.each<[string, Partial<Directory>]>([
    ['at the search', { find: async () => ({ is: 'unavailable', cause }) }],
    ['at the bind', { verifyPassword: async () => ({ is: 'unavailable', cause }) }],
  ])('%s of a sign-in or a change: 503 for everybody', async (_when, calls) => {
    const built = await start();
    breakDirectory(built, calls);
    const client = await signIn(built.client(), 'amina');
    expect(client.status).toBe(503);
    await client.get('/change');
    await client.submit('/change', { username: 'amina', current: PASSWORD, password: NEW, again: NEW });
    expect(client.status).toBe(503);
    expect(built.log.join('')).toContain(cause);
  });

  test('lets nobody begin, and says so', async () => {
    const built = await start();
    breakDirectory(built, { find: async () => ({ is: 'unavailable', cause }) });
    const client = await identify(built.client(), 'amina');
    expect([client.status, client.title]).toEqual([503, 'One moment …']);
  });
});

describe('an answer that opened a gate, and whose own answer never arrived', () => {
  const lost = async () => {
    const built = await start();
    const client = await choose(await identify(built.client(), 'amina'), 'email');
    const answered = await client.submitted('/recover/answer', { code: await built.codeFor(ADDRESS) });
    expect(answered.statusCode).toBe(303);
    return { built, client };
  };

  test('opened it all the same: this browser goes on behind it', async () => {
    const { built, client } = await lost();
    await client.get('/recover');
    expect(client.choices('method')).toContain('totp');
    await byApp(built, client);
    await setPassword(client);
    expect(await built.bind('amina', NEW)).toBe('correct');
  });

  test('not for a browser that was not given the page, and not for ever', async () => {
    const { built, client } = await lost();
    const stranger = built.client();
    for (const [name, value] of client.cookies) if (!name.endsWith('heir')) stranger.cookies.set(name, value);
    await stranger.get('/recover');
    expect(stranger.title).toBe('That took a little too long');
    const planted = built.client();
    for (const [name, value] of client.cookies) planted.cookies.set(name, value);
    planted.cookies.set('__Host-sspr_heir', 'a value from an earlier look at the page');
    await planted.get('/recover');
    expect(planted.title).toBe('That took a little too long');
    built.clock.advance(6 * 60 * SECOND);
    await client.get('/recover');
    expect(client.title).toBe('That took a little too long');
  });
});

describe('a write whose outcome nobody knows', () => {
  const unsettled = async (reaches: boolean) => {
    const built = await start();
    const client = await passGates(built, built.client(), 'amina');
    const { writePassword } = built.directory;
    const mend = breakDirectory(built, {
      writePassword: async (...given) => {
        if (reaches) await writePassword(...given);
        return { is: 'unknown', cause };
      },
      verifyPassword: async () => ({ is: 'unavailable', cause }),
    });
    await setPassword(client);
    mend();
    return { built, client };
  };

  test.each([true, false])(
    'is told honestly, and nothing is claimed (it reached the directory: %s)',
    async (reaches) => {
      const { built, client } = await unsettled(reaches);
      expect(client.title).toBe('One moment …');
      expect(client.last.headers['refresh'], 'it looks again by itself, also without script').toBe('3;url=/recover');
      expect(await events(built)).toContain('recovery.password-unknown');
      expect(await events(built)).not.toContain('recovery.password-set');
      expect(await subjectsTo(built, ADDRESS)).toEqual(['your code to get back in']);
    },
  );

  test('that did reach the directory settles as done; everybody is told; other journeys are dead', async () => {
    const { built, client } = await unsettled(true);
    built.clock.advance(30 * SECOND);
    expect((await subjectsTo(built, ADDRESS)).at(-1)).toBe('your password was reset');
    await client.get('/recover');
    expect(client.title).toContain('You’re back in');
    expect(await built.bind('amina', NEW)).toBe('correct');
    expect(await events(built)).toContain('recovery.password-set');
  });

  test('and which settles as done is remembered: the same password is refused the next time', async () => {
    const { built } = await unsettled(true);
    built.clock.advance(30 * SECOND);
    await built.mails();
    built.clock.advance(60 * 60 * SECOND);
    const client = await passGates(built, built.client(), 'amina');
    await setPassword(client, NEW);
    expect(client.title).toBe('Choose a new password');
    expect((await built.audited()).findLast(({ event }) => event === 'recovery.password-refused')?.reason).toBe(
      'history',
    );
  });

  test('that never reached it settles as nothing done; the person may choose again', async () => {
    const { built, client } = await unsettled(false);
    built.clock.advance(30 * SECOND);
    await built.mails();
    expect(await events(built)).toContain('recovery.password-not-set');
    await client.get('/recover');
    expect(client.text()).toContain('didn’t arrive');
    await setPassword(client, NEWER);
    expect(await built.bind('amina', NEWER)).toBe('correct');
  });

  test('that never reached it and was then left alone is told like every attempt', async () => {
    const { built } = await unsettled(false);
    built.clock.advance(31 * 60 * SECOND);
    await built.mails();
    built.clock.advance(10 * 60 * SECOND);
    expect(await subjectsTo(built, ADDRESS)).toEqual([
      'your code to get back in',
      'somebody tried to get into your account',
    ]);
  });

  test('waits for a directory that is still away', async () => {
    const { built, client } = await unsettled(true);
    const mend = breakDirectory(built, { passwordMarker: async () => undefined });
    built.clock.advance(61 * SECOND);
    await built.mails();
    await client.get('/recover');
    expect(client.title).toBe('We can’t tell yet whether it worked');
    mend();
    built.clock.advance(60 * 60 * SECOND);
    await built.mails();
    await client.get('/recover');
    expect(client.title).toContain('You’re back in');
  });

  test('but which a bind proves is done at once', async () => {
    const built = await start();
    const client = await passGates(built, built.client(), 'amina');
    const { writePassword } = built.directory;
    breakDirectory(built, {
      writePassword: async (...given) => {
        await writePassword(...given);
        return { is: 'unknown', cause };
      },
    });
    await setPassword(client);
    expect(client.title).toContain('You’re back in');
  });

  test('of a change says the same', async () => {
    const built = await start();
    breakDirectory(built, { writePassword: async () => ({ is: 'unknown', cause }) });
    const client = await built.client().get('/change');
    await client.submit('/change', { username: 'amina', current: PASSWORD, password: NEW, again: NEW });
    expect([client.status, client.title]).toEqual([503, 'We can’t tell yet whether it worked']);
    built.clock.advance(30 * SECOND);
    await built.mails();
    expect(await events(built)).toContain('change.password-not-set');
    expect(await built.bind('amina', PASSWORD)).toBe('correct');
  });

  test('that is only slow is not called failed while somebody may be at it', async () => {
    const built = await start();
    const client = await passGates(built, built.client(), 'amina');
    const { writePassword } = built.directory;
    breakDirectory(built, {
      writePassword: async (...given) => {
        built.clock.advance(45 * SECOND);
        await built.mails();
        return writePassword(...given);
      },
    });
    await setPassword(client);
    expect(client.title).toContain('You’re back in');
    expect(await events(built)).not.toContain('recovery.password-not-set');
  });

  test('by a node that died is found out by another', async () => {
    const built = await start();
    const client = await passGates(built, built.client(), 'amina');
    const { writePassword } = built.directory;
    let reached = () => {};
    const written = new Promise<void>((resolve) => {
      reached = resolve;
    });
    const mend = breakDirectory(built, {
      // It writes and never comes back.
      writePassword: async (...given) => {
        await writePassword(...given);
        reached();
        return new Promise(() => {});
      },
    });
    const html = client.html;
    void client.submitted('/recover/password', { password: NEW, again: NEW });
    await written;
    mend();
    client.html = html;
    await client.get('/recover');
    expect(client.title).toBe('One moment …');
    built.clock.advance(5 * 60 * SECOND);
    await built.mails();
    await client.get('/recover');
    expect(client.title).toContain('You’re back in');
  });
});

describe('a write that the directory refuses', () => {
  test('to hear at all: nothing was sent, so the person may send the same again', async () => {
    const built = await start();
    const client = await passGates(built, built.client(), 'amina');
    const mend = breakDirectory(built, { writePassword: async () => ({ is: 'unavailable', cause }) });
    await setPassword(client);
    expect(client.title).toBe('Choose a new password');
    expect(client.text()).toContain('didn’t arrive');
    mend();
    await setPassword(client);
    expect(await built.bind('amina', NEW)).toBe('correct');
  });

  test('because of a rule: the sentence of the rule, nothing is used up', async () => {
    const built = await start();
    const client = await passGates(built, built.client(), 'amina');
    const mend = breakDirectory(built, {
      writePassword: async () => ({ is: 'refused', rules: ['complexity'], cause: 'data 52D' }),
    });
    await setPassword(client);
    expect(client.text()).toContain('wants three of these');
    expect(client.text()).not.toContain('52D');
    mend();
    await setPassword(client);
    expect(await built.bind('amina', NEW)).toBe('correct');
    expect((await built.audited()).find(({ event }) => event === 'recovery.password-refused')?.reason).toBe('data 52D');
  });

  test('because it could not be reached: nothing was sent, and the same password may be tried again', async () => {
    const built = await start();
    const client = await passGates(built, built.client(), 'amina');
    const mend = breakDirectory(built, { writePassword: async () => ({ is: 'unavailable', cause }) });
    await setPassword(client);
    expect(client.text()).toContain('didn’t arrive');
    mend();
    await setPassword(client);
    expect(await built.bind('amina', NEW)).toBe('correct');
    expect((await built.audited()).find(({ event }) => event === 'recovery.password-not-set')?.reason).toBe(cause);
  });

  test('for a reason that no other password mends: said once, nothing changed', async () => {
    const built = await start();
    const client = await passGates(built, built.client(), 'amina');
    breakDirectory(built, { writePassword: async () => ({ is: 'failed', cause: 'insufficientAccessRights' }) });
    await setPassword(client);
    expect(client.title).toBe('We may not change this account');
    expect(await built.bind('amina', PASSWORD)).toBe('correct');
    expect((await built.audited()).find(({ event }) => event === 'recovery.password-failed')?.reason).toBe(
      'insufficientAccessRights',
    );
    built.clock.advance(31 * 60 * SECOND);
    expect((await subjectsTo(built, ADDRESS)).at(-1)).toBe('somebody tried to get into your account');
  });
});

describe('a full disk', () => {
  const full = (built: Built): (() => void) => {
    const { transaction } = built.storage;
    built.storage.transaction = async () => {
      throw new StorageFailure('The disk is full: nothing was stored.', { code: 'storage-full' });
    };
    return () => {
      built.storage.transaction = transaction;
    };
  };

  test('at every step gives 503 and a calm page; the step works when there is room', async () => {
    const built = await start();
    const client = built.client();
    await client.get('/');
    const failing = async (work: () => Promise<unknown>) => {
      const { html } = client;
      const room = full(built);
      await work();
      expect([client.status, client.title]).toEqual([503, 'One moment …']);
      expect(client.last.headers['refresh'], 'with a GET: no form is sent again').toBe('3;url=/recover');
      expect(client.text()).not.toContain('disk');
      room();
      client.html = html;
      return work();
    };
    await failing(() => client.submit('/recover', { identifier: 'amina' }));
    await failing(() => choose(client, 'email'));
    const code = await built.codeFor(ADDRESS);
    await failing(() => answer(client, code));
    await failing(() => choose(client, 'totp'));
    await failing(() => answer(client, appCode(built)));
    await failing(() => setPassword(client));
    expect(await built.bind('amina', NEW)).toBe('correct');
    expect(built.log.join('')).toContain('The disk is full');
    expect((await built.audit.verify(built.storage.db)).faults).toEqual([]);
  });

  test('right after the directory took the password: 503, and the outcome is found out and told', async () => {
    const built = await start();
    const client = await passGates(built, built.client(), 'amina');
    const { writePassword } = built.directory;
    let room = () => {};
    breakDirectory(built, {
      writePassword: async (...given) => {
        const outcome = await writePassword(...given);
        room = full(built);
        return outcome;
      },
    });
    await setPassword(client);
    expect(client.status).toBe(503);
    room();
    await client.get('/recover');
    expect(client.title).toBe('One moment …');
    built.clock.advance(5 * 60 * SECOND);
    await built.mails();
    await client.get('/recover');
    expect(client.title).toContain('You’re back in');
    expect(await built.bind('amina', NEW)).toBe('correct');
  });
});

describe('a mail sender', () => {
  test('that is down for a while: the code arrives late, within its time', async () => {
    const built = await start();
    const { deliver } = built.notifier;
    built.notifier.deliver = async () => ({ is: 'retry', cause });
    const client = await choose(await identify(built.client(), 'amina'), 'email');
    expect(await built.mails()).toEqual([]);
    built.notifier.deliver = deliver;
    built.clock.advance(5 * 60 * SECOND);
    await answer(await client.get('/recover'), await built.codeFor(ADDRESS));
    expect(client.choices('method')).toContain('totp');
  });

  test('that is down for too long: a late code never leaves', async () => {
    const built = await start();
    const { deliver } = built.notifier;
    built.notifier.deliver = async () => ({ is: 'retry', cause });
    await choose(await identify(built.client(), 'amina'), 'email');
    await built.mails();
    built.notifier.deliver = deliver;
    built.clock.advance(11 * 60 * SECOND);
    expect(await built.mails()).toEqual([]);
  });

  test('that refuses an address: given up with a reason, and the person goes on by another way', async () => {
    const built = await start();
    built.notifier.deliver = async () => ({ is: 'rejected', cause: '550 no such mailbox' });
    const client = await byEmailless(built);
    expect(client.choices('method')).toEqual(['email', 'recovery-code']);
    await built.mails();
    expect((await built.outbox.dead(10)).map(({ reason }) => reason)).toContain('550 no such mailbox');
  });

  const byEmailless = async (built: Built) => {
    const client = await choose(await identify(built.client(), 'amina'), 'email');
    await built.mails();
    await client.submit('/recover/another');
    return byApp(built, client);
  };

  test('is never waited for by a page', async () => {
    const built = await start();
    let answers = () => {};
    built.notifier.deliver = () =>
      new Promise((resolve) => {
        answers = () => resolve({ is: 'delivered' });
      });
    const client = await choose(await identify(built.client(), 'amina'), 'email');
    expect(client.title).toBe('Type the code from the email');
    answers();
  });
});

test('a fault of ours is one calm page with a reference that the log knows', async () => {
  const built = await start();
  const client = await byEmail(built, await identify(built.client(), 'amina'), ADDRESS);
  built.flow.authenticators.list = async () => {
    throw new Error('A fault with a secret-looking detail in it.');
  };
  await client.get('/recover');
  expect([client.status, client.title]).toEqual([500, 'Something broke on our side']);
  expect(client.html).not.toContain('secret-looking');
  const reference = /reference: <code[^>]*>([^<]+)</.exec(client.html)?.[1] as string;
  expect(built.log.find((line) => line.includes(reference))).toContain('secret-looking');
});
