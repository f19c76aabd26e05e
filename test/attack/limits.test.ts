/** A11, A12, A30: every limit counts what it should, forgets nothing, and can't be dodged or turned against a victim. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type BuildOptions, type Built, build, PASSWORD, SEED } from '../kit/build.ts';
import type { Client } from '../kit/client.ts';
import { createFakeClock } from '../kit/fake-clock.ts';
import {
  answer,
  appCode,
  byApp,
  choose,
  identify,
  signIn,
  subjectsTo,
  wrongAppCode,
  wrongMailCode,
} from '../kit/steps.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const ADDRESS = 'amina@private.example';
const amina = { username: 'amina', addresses: [ADDRESS], seed: SEED, sheet: true };
const asks = (client: Client): boolean => client.forms().some(({ action }) => action === '/recover/answer');

let address = 0;
/** Everybody from a network of their own. */
const stranger = (built: Built): Client => {
  address += 1;
  return built.client({ ip: `198.51.${100 + (address >> 8)}.${address & 255}` });
};

/** Nodes that share a database, keys and time. */
async function nodes(count: number, options: BuildOptions = {}): Promise<Built[]> {
  const folder = mkdtempSync(join(tmpdir(), 'sparekey-nodes-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const shared = { ...options, clock: createFakeClock(), file: join(folder, 'shared.sqlite') };
  const built = [await build(shared)];
  while (built.length < count) built.push(await build({ ...shared, people: [] }));
  return built;
}

describe('beginning', () => {
  test('five per hour and name, from wherever, then again after the hour', async () => {
    const built = await build({ people: [amina] });
    for (let n = 0; n < 5; n += 1) expect((await identify(stranger(built), 'amina')).status).toBe(200);
    const late = await identify(stranger(built), 'amina');
    expect(late.status).toBe(429);
    expect(late.last.headers['retry-after']).toBe('3600');
    expect(late.text()).toContain('60 minutes');
    built.clock.advance(HOUR - 1);
    expect((await identify(stranger(built), 'amina')).status).toBe(429);
    built.clock.advance(1);
    expect((await identify(stranger(built), 'amina')).status).toBe(200);
  });

  test.each(['AMINA', ' amina ', 'ａｍｉｎａ', 'a m i n a', 'Amina\u00a0', 'amina\u3000'])(
    'is not dodged by spelling the name %j',
    async (spelling) => {
      const built = await build({ people: [amina] });
      for (let n = 0; n < 5; n += 1) await identify(stranger(built), 'amina');
      expect((await identify(stranger(built), spelling)).status).toBe(429);
    },
  );

  test('twenty per hour and IPv4 address; who is over it uses up nobody’s allowance', async () => {
    const built = await build({ people: [amina] });
    const client = built.client();
    for (let n = 0; n < 20; n += 1) expect((await identify(client, `name${n}`)).status).toBe(200);
    for (let n = 0; n < 10; n += 1) expect((await identify(client, 'amina')).status).toBe(429);
    expect((await identify(stranger(built), 'amina')).status).toBe(200);
  });

  test.each([
    [
      'addresses of one /64',
      ['2001:db8:1:2::1', '2001:db8:1:2:ffff::2', '2001:0db8:0001:0002:0:0:0:3', '2001:DB8:1:2::4'],
    ],
    [
      'spellings of one IPv4 address',
      ['203.0.113.7', '::ffff:203.0.113.7', '::FFFF:203.0.113.7', '0:0:0:0:0:ffff:cb00:7107'],
    ],
  ])('counts %s as one', async (_what, ips) => {
    const built = await build();
    for (let n = 0; n < 20; n += 1) await identify(built.client({ ip: ips[n % ips.length] as string }), `name${n}`);
    for (const ip of ips) expect((await identify(built.client({ ip }), 'one more')).status, ip).toBe(429);
    expect((await identify(built.client({ ip: '2001:db8:1:3::1' }), 'one more')).status).toBe(200);
  });

  test('believes X-Forwarded-For from nobody but the proxies in the configuration', async () => {
    const built = await build();
    const client = built.client();
    await client.get('/');
    const { fields } = client.form('/recover');
    for (let n = 0; n < 21; n += 1)
      await client.post(
        '/recover',
        { ...fields, identifier: `name${n}` },
        { 'x-forwarded-for': `10.1.1.${n}`, forwarded: `for=10.1.1.${n}` },
      );
    expect(client.status).toBe(429);
  });

  test('behind a trusted proxy counts the address that the proxy saw, not what the caller claims', async () => {
    const built = await build({ env: { SPAREKEY_LISTEN_TRUSTED_PROXIES: '192.0.2.10' } });
    const client = built.client({ ip: '192.0.2.10' });
    await client.get('/');
    const { fields } = client.form('/recover');
    const begin = (from: string, name: string) =>
      client.post('/recover', { ...fields, identifier: name }, { 'x-forwarded-for': from });
    for (let n = 0; n < 21; n += 1) await begin(`10.1.1.${n}, 203.0.113.7`, `name${n}`);
    expect(client.status).toBe(429);
    await begin('203.0.113.7:4711', 'one more');
    expect(client.status).toBe(429);
    await begin('203.0.113.8', 'one more');
    expect(client.status).toBe(200);
  });

  test('a limit that was reached is in the audit once, not once per request', async () => {
    const built = await build({ people: [amina] });
    for (let n = 0; n < 12; n += 1) await identify(stranger(built), 'amina');
    const reached = (await built.audited()).filter(({ reason }) => reason?.includes('The limit'));
    expect(reached.map(({ event, reason }) => [event, reason])).toEqual([
      ['recovery.started', 'The limit start-identifier was reached.'],
    ]);
  });
});

describe('sending', () => {
  const codes = async (built: Built) =>
    (await subjectsTo(built, ADDRESS)).filter((subject) => subject.includes('code')).length;
  const ask = async (built: Built, name: string): Promise<Client> =>
    choose(await identify(stranger(built), name), 'email');

  test('five codes per hour and ten per day to one account', async () => {
    const built = await build({ people: [amina] });
    for (let hour = 0; hour < 3; hour += 1) {
      for (let n = 0; n < 5; n += 1) await ask(built, 'amina');
      expect(await codes(built)).toBe(Math.min(10, (hour + 1) * 5));
      built.clock.advance(HOUR);
    }
    expect((await ask(built, 'amina')).text()).toContain('Please wait');
    built.clock.advance(21 * HOUR);
    await ask(built, 'amina');
    expect(await codes(built)).toBe(11);
  });

  test('two names of one account share the limit, silently', async () => {
    const built = await build({ people: [amina] });
    for (let n = 0; n < 4; n += 1) await ask(built, 'amina');
    const pages = [];
    for (let n = 0; n < 4; n += 1) pages.push((await ask(built, 'amina@northfield.example')).text());
    expect(await codes(built)).toBe(5);
    expect(new Set(pages).size).toBe(1);
    expect(pages[0]).toContain('Type the code from the email');
  });

  test('five per hour to one address, whoever’s it is, silently', async () => {
    const people = ['one', 'two', 'three'].map((username) => ({ username, addresses: [ADDRESS] }));
    const built = await build({ people });
    for (const { username } of people)
      for (let n = 0; n < 3; n += 1) expect((await ask(built, username)).title).toBe('Type the code from the email');
    expect(await codes(built)).toBe(5);
  });

  test('adding addresses does not bomb a mailbox either', async () => {
    const built = await build({ people: [{ username: 'dmitri' }] });
    const client = await signIn(built.client(), 'dmitri');
    for (let n = 0; n < 8; n += 1) {
      await client.get('/ways/add/email');
      if (client.forms().some(({ action }) => action.endsWith('/restart')))
        await client.submit('/ways/add/email/restart');
      await client.submit('/ways/add/email', { address: ADDRESS });
    }
    expect(client.status).toBe(429);
    expect((await subjectsTo(built, ADDRESS)).length).toBe(5);
  });
});

describe('answers', () => {
  test('five per code, whatever the session, network or node', async () => {
    const [one, two] = (await nodes(2, { people: [amina] })) as [Built, Built];
    const client = await identify(stranger(one), 'amina');
    await choose(client, 'totp');
    const elsewhere = stranger(two);
    for (const [name, value] of client.cookies) elsewhere.cookies.set(name, value);
    for (let n = 0; n < 4; n += 1) {
      const here = n % 2 === 0 ? client : elsewhere;
      await answer(await here.get('/recover'), wrongAppCode(one));
      expect(here.text()).toContain(`${4 - n} `);
    }
    await answer(await elsewhere.get('/recover'), wrongAppCode(one));
    expect(elsewhere.text()).toContain('no longer works');
  });

  test('after ten failures in a row there are waits that double up to an hour, over sessions and restarts', async () => {
    const [before, after] = (await nodes(2, { people: [amina] })) as [Built, Built];
    let client = await identify(stranger(before), 'amina');
    const fail = async (built: Built) => {
      if (client.choices('method').length > 0) await choose(client, 'totp');
      await answer(client, wrongAppCode(built));
    };
    for (let n = 0; n < 10; n += 1) await fail(before);
    const waits = [];
    client = await identify(stranger(after), 'amina');
    for (let n = 0; n < 9; n += 1) {
      await choose(await client.get('/recover'), 'totp');
      await answer(client, appCode(after));
      const [, much = '', unit = ''] = /Please wait (\d+) (second|minute|hour)/.exec(client.text()) ?? [];
      const wait = Number(much) * ({ second: 1_000, minute: MINUTE, hour: HOUR }[unit] ?? 0);
      waits.push(wait / 1_000);
      after.clock.advance(wait);
      client = await identify(stranger(after), n % 2 === 0 ? 'amina' : 'Amina');
      if (client.status === 429) {
        after.clock.advance(HOUR);
        client = await identify(stranger(after), 'amina');
      }
      await choose(client, 'totp');
      await answer(client, wrongAppCode(after));
      await client.submit(asks(client) ? '/recover/another' : '/recover/cancel');
    }
    expect(waits).toEqual([30, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
  });

  test('waiting costs no try of the code', async () => {
    const built = await build({ people: [amina], env: { SPAREKEY_LIMITS_LADDER_FREE_TRIES: '3' } });
    const client = await identify(stranger(built), 'amina');
    await choose(client, 'totp');
    for (let n = 0; n < 3; n += 1) await answer(client, wrongAppCode(built));
    for (let n = 0; n < 10; n += 1) {
      await answer(client, appCode(built));
      expect(client.text()).toContain('Please wait');
    }
    built.clock.advance(30_000);
    await answer(client, appCode(built));
    expect(client.choices('method')).toEqual(['email', 'recovery-code']);
  });

  test('a code has five tries for as long as it lives, not five per hour', async () => {
    const lifetimes = { SPAREKEY_LIFETIMES_FLOW_ABSOLUTE: '2 h', SPAREKEY_LIFETIMES_FLOW_IDLE: '30 min' };
    const built = await build({ people: [amina], env: lifetimes });
    const client = await identify(stranger(built), 'amina');
    await choose(client, 'totp');
    for (let n = 0; n < 5; n += 1) {
      expect(asks(client)).toBe(true);
      await answer(client, wrongAppCode(built));
      built.clock.advance(25 * MINUTE);
    }
    expect(client.text()).toContain('no longer works');
  });

  test('a right one clears the count', async () => {
    const built = await build({ people: [amina], env: { SPAREKEY_LIMITS_LADDER_FREE_TRIES: '4' } });
    for (let round = 0; round < 4; round += 1) {
      const client = await identify(stranger(built), 'amina');
      await choose(client, 'totp');
      for (let n = 0; n < 3; n += 1) await answer(client, wrongAppCode(built));
      await answer(client, appCode(built));
      expect(client.choices('method')).toEqual(['email', 'recovery-code']);
      built.clock.advance(30_000);
    }
  });

  test('failures under one name count for the account: under its other name the right code is a wrong one, silently', async () => {
    const built = await build({ people: [amina], env: { SPAREKEY_LIMITS_LADDER_FREE_TRIES: '5' } });
    const mallory = await identify(stranger(built), 'amina@northfield.example');
    await choose(mallory, 'totp');
    for (let n = 0; n < 5; n += 1) await answer(mallory, wrongAppCode(built));
    const client = await identify(stranger(built), 'amina');
    await choose(client, 'totp');
    await answer(client, appCode(built));
    expect(client.text()).toContain('doesn’t match');
    expect(client.text()).toContain('4 tries');
    built.clock.advance(30_000);
    await answer(client, appCode(built));
    expect(client.choices('method')).toEqual(['email', 'recovery-code']);
  });

  test('after fifty in a row the way is disabled, told to the person, and right codes fail for ever', async () => {
    const built = await build({ people: [amina], env: { SPAREKEY_LIMITS_STARTS_PER_IDENTIFIER_PER_HOUR: '100' } });
    for (let failures = 0; failures < 50; ) {
      const client = await identify(stranger(built), 'amina');
      await choose(client, 'totp');
      for (let n = 0; n < 5 && asks(client); n += 1) {
        await answer(client, wrongAppCode(built));
        failures += 1;
        if (failures >= 10) built.clock.advance(HOUR);
        if (failures >= 10) break;
      }
    }
    expect((await built.audited()).filter(({ event }) => event === 'authenticator.disabled')).toHaveLength(1);
    expect(await subjectsTo(built, ADDRESS)).toEqual(['a way back in was removed']);
    built.clock.advance(24 * HOUR);
    const client = await identify(stranger(built), 'amina');
    await choose(client, 'totp');
    await answer(client, appCode(built));
    expect(client.text()).toContain('doesn’t match');
    expect(await built.bind('amina', PASSWORD)).toBe('correct');
  });

  test('guessing never locks the account in the directory', async () => {
    const built = await build({ people: [amina] });
    let binds = 0;
    const { verifyPassword } = built.directory;
    built.directory.verifyPassword = async (...given) => {
      binds += 1;
      return verifyPassword(...given);
    };
    for (let n = 0; n < 5; n += 1) {
      const client = await identify(stranger(built), 'amina');
      await choose(client, 'recovery-code');
      for (let tries = 0; tries < 5 && asks(client); tries += 1) await answer(client, '0000-0000-0000-0000-0000');
    }
    expect(binds).toBe(0);
  });
});

describe('at the same instant', () => {
  const together = (built: Built[], client: Client, codes: string[]) => {
    const { fields } = client.form('/recover/answer');
    return Promise.all(
      codes.map((code, n) => {
        const one = (built[n % built.length] as Built).client({ ip: `198.51.100.${n}` });
        for (const [name, value] of client.cookies) one.cookies.set(name, value);
        one.html = client.html;
        return one.submitted('/recover/answer', { ...fields, code });
      }),
    );
  };

  test.each(['email', 'totp', 'recovery-code'])(
    'fifty right answers by %s, on two nodes: one passes',
    async (method) => {
      const both = await nodes(2, { people: [amina] });
      const [built] = both as [Built];
      const client = await identify(stranger(built), 'amina');
      await choose(client, method);
      const code =
        method === 'email'
          ? await built.codeFor(ADDRESS)
          : method === 'totp'
            ? appCode(built)
            : (built.sheets.get('amina')?.[0] as string);
      const answers = await together(both, client, Array<string>(50).fill(code));
      const fresh = answers.filter(({ cookies }) => cookies.some(({ name }) => name.endsWith('sspr_flow')));
      expect(fresh).toHaveLength(1);
      expect(answers.every(({ statusCode }) => statusCode === 303)).toBe(true);
      const passed = (await built.audited()).filter(({ event }) => event === 'recovery.verified');
      expect(passed).toHaveLength(1);
    },
  );

  test('fifty guesses at one code: five are judged at most', async () => {
    const both = await nodes(2, { people: [amina] });
    const [built] = both as [Built];
    let judged = 0;
    for (const node of both) {
      const totp = node.flow.methods.get('totp');
      if (!totp) throw new Error('no totp');
      const { judge } = totp;
      totp.judge = async (...given) => {
        judged += 1;
        return judge(...given);
      };
    }
    const client = await identify(stranger(built), 'amina');
    await choose(client, 'totp');
    await together(
      both,
      client,
      Array.from({ length: 50 }, (_, n) => String(n).padStart(6, '0')),
    );
    expect(judged).toBeLessThanOrEqual(5);
    for (let n = 0; n < 6 && asks(await client.get('/recover')); n += 1) await answer(client, wrongAppCode(built));
    expect(asks(client)).toBe(false);
    expect(judged).toBeLessThanOrEqual(5);
  });

  test('the same app code in two journeys: one passes', async () => {
    const both = await nodes(2, { people: [amina] });
    const clients = [];
    for (const built of both) clients.push(await choose(await identify(stranger(built), 'amina'), 'totp'));
    const code = appCode(both[0] as Built);
    await Promise.all(clients.map((client) => answer(client, code)));
    expect(clients.filter((client) => client.choices('method').join() === 'email,recovery-code')).toHaveLength(1);
  });
});

describe('passwords', () => {
  const spied = async (options: BuildOptions = {}) => {
    const built = await build({ people: [amina], ...options });
    const { verifyPassword } = built.directory;
    const asked = { times: 0 };
    built.directory.verifyPassword = async (...given) => {
      asked.times += 1;
      return verifyPassword(...given);
    };
    return { built, asked };
  };

  test('four wrong ones per quarter of an hour reach the directory, fewer than it locks after', async () => {
    const { built, asked } = await spied();
    for (let n = 0; n < 12; n += 1) await signIn(stranger(built), 'amina', 'not the right one at all');
    expect(asked.times).toBe(4);
    const late = await signIn(stranger(built), 'amina');
    expect(late.status).toBe(429);
    expect((await built.audited()).filter(({ event }) => event === 'sign-in.throttled')).toHaveLength(1);
    built.clock.advance(15 * MINUTE);
    expect((await signIn(stranger(built), 'amina')).title).toBe('How can we check that it’s you?');
  });

  test('two names, the change and the sign-in, spelling and parallel requests don’t add up to more', async () => {
    const { built, asked } = await spied();
    const clients = await Promise.all(
      Array.from({ length: 24 }, async () => (await stranger(built).get('/sign-in')) as Client),
    );
    const names = ['amina', 'AMINA', 'amina@northfield.example', ' Amina@Northfield.example'];
    await Promise.all(
      clients.map((client, n) =>
        client.submitted('/sign-in', { username: names[n % 4] as string, password: 'not the right one at all' }),
      ),
    );
    for (const username of names) {
      const client = await stranger(built).get('/change');
      const password = 'a lantern over the harbour';
      await client.submit('/change', { username, current: 'not the right one', password, again: password });
    }
    expect(asked.times).toBe(4);
    expect(await built.bind('amina', PASSWORD)).toBe('correct');
  });

  test('one network can’t try the directory’s whole list of people', async () => {
    const { built, asked } = await spied();
    const client = built.client();
    for (let n = 0; n < 70; n += 1) await signIn(client, `name${n}`, 'not the right one at all');
    expect(client.status).toBe(429);
    await signIn(client, 'amina', 'not the right one at all');
    expect(asked.times).toBe(0);
  });
});

describe('a restart', () => {
  test('forgets no limit, no journey and no message', async () => {
    const [before, after] = (await nodes(2, { people: [amina] })) as [Built, Built];
    for (let n = 0; n < 4; n += 1) await identify(stranger(before), 'amina');
    const client = await identify(stranger(before), 'amina');
    await byApp(before, client);
    const again = stranger(after);
    for (const [name, value] of client.cookies) again.cookies.set(name, value);
    await again.get('/recover');
    expect(again.choices('method')).toEqual(['email', 'recovery-code']);
    expect((await identify(stranger(after), 'amina')).status).toBe(429);
    await before.outbox.stop();
    after.clock.advance(31 * MINUTE);
    expect(await subjectsTo(after, ADDRESS)).toEqual(['somebody tried to get into your account']);
  });

  test('gives back no try of a mailed code', async () => {
    const [before, after] = (await nodes(2, { people: [amina] })) as [Built, Built];
    const client = await identify(stranger(before), 'amina');
    await choose(client, 'email');
    await before.outbox.idle();
    await after.outbox.idle();
    const mails = [...(await before.mails()), ...(await after.mails())];
    const code = /\b(\d{4}) ?(\d{4})\b/.exec(mails[0]?.text ?? '')?.[0]?.replace(' ', '') ?? '';
    for (let n = 0; n < 4; n += 1) await answer(client, wrongMailCode(code));
    const again = stranger(after);
    for (const [name, value] of client.cookies) again.cookies.set(name, value);
    await answer(await again.get('/recover'), wrongMailCode(code));
    expect(again.text()).toContain('no longer works');
  });
});
