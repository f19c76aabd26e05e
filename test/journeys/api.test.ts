/** The API against its own document: every operation is called, every answer is what was promised, and nothing more gets in. */
import { afterAll, describe, expect, test } from 'vitest';
import { tokensOf } from '../../src/api-areas.ts';
import { days, hours, minutes } from '../../src/kernel/clock.ts';
import { openReadiness } from '../../src/readiness.ts';
import { openRollout } from '../../src/rollout.ts';
import * as incidents from '../../src/storage/repositories/incidents.ts';
import { API, type Api, apiOf, type Said } from '../kit/api.ts';
import { type Built, build, SEED } from '../kit/build.ts';
import { STAFF, STAFF_PEOPLE, staffClient } from '../kit/staff.ts';
import { appCode, byApp, NEW, signIn } from '../kit/steps.ts';

const DORA = { username: 'dora', addresses: ['dora@private.example'], seed: SEED, groups: ['students'] };
const EMIL = { username: 'emil', mail: 'emil@northfield.example', groups: ['students'] };
const CLIENT = { ip: '203.0.113.9', userAgent: 'Mozilla/5.0' };

const called = new Set<string>();
let ids: string[] = [];

async function house(env: Record<string, string> = {}) {
  const built = await build({ people: [...STAFF_PEOPLE, DORA, EMIL], env: { ...STAFF, ...API, ...env } });
  await (await openReadiness(built.config, built.flow)).work();
  const api = await apiOf(built);
  ids = api.ids;
  const call: Api['call'] = async (...all) => {
    const said = await api.call(...all);
    for (const id of api.called) called.add(id);
    return said;
  };
  return { built, api, call };
}

afterAll(() => {
  expect(
    ids.filter((id) => !called.has(id)),
    'operations that no test called with success',
  ).toEqual([]);
});

describe('the document', () => {
  test('is OpenAPI 3.1, has a page, and is there only where the API is switched on', async () => {
    const { built, api } = await house();
    expect(api.document.openapi).toBe('3.1.0');
    expect(new Set(api.ids).size).toBe(api.ids.length);
    const client = await built.client().get('/api');
    expect(client.status).toBe(200);
    expect(client.text()).toContain('/api/v1/journeys');
    const off = await build({ people: [DORA] });
    for (const path of ['/api', '/api/openapi.json', '/api/v1/readiness'])
      expect((await off.client().get(path)).status, path).toBe(404);
  });
});

/** Leads a person through, as a front end of the organisation would. */
async function led(built: Built, call: Api['call'], token: string, kind?: 'unlock') {
  const said: Said[] = [];
  const last = () => said.at(-1)?.body;
  const go = async (id: string, body: object, key?: string) => {
    const { step } = last();
    const answer = await call(id, {
      token,
      journey: last().journey,
      body: { step, client: CLIENT, ...body },
      ...(key ? { key } : {}),
    });
    if (answer.status < 300) said.push(answer);
    return answer;
  };
  const begun = await call('beginJourney', {
    token,
    body: { username: 'dora', client: CLIENT, ...(kind ? { kind } : {}) },
  });
  said.push(begun);
  const gates = async () => {
    await go('chooseMethod', { method: 'email' });
    await go('answerPrompt', { answer: { code: await built.codeFor('dora@private.example') } });
    await go('chooseMethod', { method: 'totp' });
    await go('answerPrompt', { answer: { code: appCode(built) } });
  };
  return { said, last, go, gates };
}

describe('a recovery on pages of the organisation', () => {
  test('goes through the same gates to a new password that the directory takes', async () => {
    const { built, api, call } = await house();
    const token = await api.token('recovery');
    const { said, last, go, gates } = await led(built, call, token);
    expect(said[0]?.status).toBe(201);
    expect(last()).toMatchObject({ at: 'choosing', passed: 0 });
    expect(last().methods.every(({ hint }: { hint: null }) => hint === null)).toBe(true);
    const first = last().journey;
    await gates();
    expect(last()).toMatchObject({ at: 'choosing-password', passed: 2 });
    expect(last().rules.map(({ id }: { id: string }) => id)).toContain('min-length');
    expect(last().journey, 'every gate gives a new handle').not.toBe(first);
    expect((await go('setPassword', { password: 'short' })).body).toMatchObject({
      at: 'choosing-password',
      problem: { is: 'refused' },
    });
    const done = await go('setPassword', { password: NEW });
    expect(done.body.at).toBe('done');
    expect(done.body.told.join()).not.toContain('dora@private.example');
    expect(await built.bind('dora', NEW)).toBe('correct');
    expect((await call('getJourney', { token, journey: last().journey })).body.at).toBe('done');
    const audited = await built.audited();
    const ips = audited.filter(({ event }) => event.startsWith('recovery.')).map(({ ip }) => ip);
    expect(new Set(ips)).toEqual(new Set([CLIENT.ip]));
    expect(built.log.join()).not.toContain(NEW);
    expect(built.log.join()).not.toContain(token);
  });

  test('may be given up, begun anew with another way, and asked for a new code', async () => {
    const { built, api, call } = await house();
    const token = await api.token('recovery');
    const { last, go } = await led(built, call, token);
    await go('chooseMethod', { method: 'email' });
    expect(last().prompt).toMatchObject({ kind: 'enter-code', method: 'email' });
    built.clock.advance(minutes(2));
    await go('resendJourney', {});
    await go('backJourney', {});
    expect(last().at).toBe('choosing');
    await go('cancelJourney', {});
    expect(last()).toMatchObject({ at: 'stopped', why: 'cancelled' });
  });

  test('unlocks, where that is what somebody asked for', async () => {
    const { built, api, call } = await house();
    const token = await api.token('recovery');
    await built.storage.db
      .updateTable('builtin_accounts')
      .set({ locked_until: built.clock.now() + days(1) } as never)
      .where('username', '=', 'dora')
      .execute();
    const { last, go, gates } = await led(built, call, token, 'unlock');
    await gates();
    expect(last().at).toBe('confirming-unlock');
    await go('confirmUnlock', {});
    expect(last().at).toBe('done');
  });

  test('that risk asks to wait, goes on when the time is over and not before', async () => {
    const { built, api, call } = await house();
    const token = await api.token('recovery');
    // Sign-ins from the place where the person usually is; then another place at another time of the day.
    const client = built.client();
    for (let n = 0; n < 6; n += 1) {
      await byApp(built, await signIn(client, 'dora'));
      await client.submit('/sign-out');
      built.clock.advance(days(1));
    }
    built.clock.advance(hours(12));
    const { last, go, gates } = await led(built, call, token);
    expect((await go('waitedJourney', {})).body).toMatchObject({ status: 409, type: 'urn:sparekey:problem:stale' });
    await gates();
    expect(last().at).toBe('waiting-out');
    expect((await go('waitedJourney', {})).status).toBe(409);
    built.clock.advance(minutes(31));
    await go('waitedJourney', {});
    expect(last().at).toBe('choosing-password');
  });

  test('tells nothing of whether there is such an account', async () => {
    const { api, call } = await house();
    const token = await api.token('recovery');
    const seen: string[] = [];
    for (const username of ['dora', 'nobody']) {
      const begun = await call('beginJourney', { token, body: { username, client: CLIENT } });
      const chosen = await call('chooseMethod', {
        token,
        journey: begun.body.journey,
        body: { step: begun.body.step, method: 'totp', client: CLIENT },
      });
      const wrong = await call('answerPrompt', {
        token,
        journey: chosen.body.journey,
        body: { step: chosen.body.step, answer: { code: '000000' }, client: CLIENT },
      });
      seen.push(
        JSON.stringify([begun, chosen, wrong].map(({ status, body }) => [status, { ...body, journey: '', step: '' }])),
      );
    }
    expect(seen[0]).toBe(seen[1]);
  });

  test('belongs to the token that began it, and its handle opens nothing else', async () => {
    const { built, api, call } = await house();
    const [mine, other] = [await api.token('recovery'), await api.token('recovery')];
    const { last, go, gates } = await led(built, call, mine);
    const before = last();
    await gates();
    for (const journey of [last().journey, `${String(last().journey).split('.')[0]}.${'x'.repeat(43)}`, '', 'x'])
      expect((await call('getJourney', { token: other, journey })).status).toBe(410);
    // What was good for an earlier step is good for nothing now.
    expect((await call('getJourney', { token: mine, journey: before.journey })).status).toBe(410);
    const stale = await call('setPassword', {
      token: mine,
      journey: last().journey,
      body: { step: before.step, password: NEW, client: CLIENT },
    });
    expect(stale.status).toBe(409);
    const client = built.client();
    client.cookies.set('__Host-sspr_flow', String(last().journey));
    await client.get('/recover');
    expect(client.text()).not.toContain('new password');
    await go('setPassword', { password: NEW });
    expect(last().at).toBe('done');
  });

  test('counts its limits by the person’s address, as the front end says it', async () => {
    const { api, call } = await house();
    const token = await api.token('recovery');
    let status = 0;
    for (let n = 0; n < 40 && status !== 429; n += 1)
      ({ status } = await call('beginJourney', { token, body: { username: 'dora', client: CLIENT } }));
    expect(status).toBe(429);
  });
});

describe('operation', () => {
  test('reads readiness, people page by page, and tries a person', async () => {
    const { api, call } = await house();
    const token = await api.token('readiness.view', 'rules.try');
    expect((await call('getReadiness', { token })).body).toMatchObject({ notReady: 1 });
    expect((await call('getReadiness', { token, query: { group: 'nowhere' } })).status).toBe(404);
    const query = { mark: 'ready', limit: '2' };
    const names: string[] = [];
    for (let after: string | null = ''; after !== null; ) {
      const { body } = await call('listReadiness', { token, query: { ...query, ...(after ? { after } : {}) } });
      expect(body.items.length).toBeLessThanOrEqual(2);
      names.push(...body.items.map(({ username }: { username: string }) => username));
      after = body.next;
    }
    expect(names.toSorted()).toEqual(['axel', 'dora', 'hedda', 'olga', 'otto', 'tilda']);
    expect((await call('tryPerson', { token, body: { username: 'emil' } })).body).toMatchObject({ end: 'stuck' });
    expect((await call('tryPerson', { token, body: { username: 'nobody' } })).status).toBe(404);
  });

  test('acts on incidents and says who did', async () => {
    const { built, api, call } = await house();
    const token = await api.token('incidents.view', 'incidents.act');
    const { directoryKey, accountId } = (
      await (await openReadiness(built.config, built.flow)).figures.list({ mark: 'ready', search: 'dora' })
    ).rows[0] as { directoryKey: string; accountId: string };
    expect(directoryKey).toBe('dora');
    const id = await incidents.open(built.storage.db, { accountId, kind: 'risk', says: 'Test.' }, built.clock.now());
    expect((await call('listIncidents', { token })).body.items).toHaveLength(1);
    const acted = await call('actOnIncident', { token, params: { id }, body: { act: 'close', note: 'Looked at.' } });
    expect(acted.body).toEqual({ done: true });
    expect((await call('listIncidents', { token })).body.items).toEqual([]);
    expect((await call('listIncidents', { token, query: { all: 'true' } })).body.items[0].closedBy).toMatch(/token:/);
  });

  test('reads systems, reports and the audit', async () => {
    const { api, call } = await house({
      SPAREKEY_CONNECTORS: JSON.stringify([
        {
          id: 'hook',
          label: 'Hook',
          type: 'webhook',
          url: 'https://hook.example.test/',
          secret: `whsec_${'A'.repeat(44)}`,
        },
      ]),
    });
    const token = await api.token('systems.view', 'systems.act', 'reports.view', 'audit.view');
    expect((await call('listSystems', { token })).body.items).toMatchObject([{ id: 'hook', is: 'working' }]);
    await call('actOnSystem', { token, params: { id: 'hook' }, body: { act: 'pause' } });
    expect((await call('listSystems', { token })).body.items).toMatchObject([{ is: 'paused' }]);
    expect((await call('actOnSystem', { token, params: { id: 'none' }, body: { act: 'pause' } })).status).toBe(404);
    expect((await call('getReport', { token })).body).toMatchObject({ resets: 0 });
    expect((await call('getReport', { token, query: { from: '2026-02-30' } })).status).toBe(400);
    const { body } = await call('listAudit', { token, query: { event: 'token.', limit: '1' } });
    expect(body.items[0]).toMatchObject({ event: 'token.made' });
    expect((await call('listAudit', { token, query: { since: 'yesterday' } })).status).toBe(400);
  });

  test('runs campaigns and brings lists in', async () => {
    const { built, api, call } = await house();
    const token = await api.token('rollout.view', 'rollout.edit');
    const body = { name: 'Autumn', everyDays: 7, most: 3 };
    expect((await call('createCampaign', { token, body: { ...body, dryRun: true } })).body).toEqual({ people: 1 });
    const { id } = (await call('createCampaign', { token, body })).body;
    await call('actOnCampaign', { token, params: { id }, body: { act: 'pause' } });
    expect((await call('listCampaigns', { token })).body.items).toMatchObject([{ id, state: 'paused' }]);
    const text = 'username,mail\nemil,emil@home.example\nnobody,x@home.example\n';
    const list = (await call('createList', { token, body: { kind: 'csv', name: 'List', text } })).body.id;
    await openRollout(built.config, built.flow).imports.work(list);
    expect((await call('getList', { token, params: { id: list } })).body).toMatchObject({
      state: 'checked',
      counts: { ready: 1, refused: 1 },
    });
    const lines = await call('listLines', { token, params: { id: list }, query: { limit: '1' } });
    expect(lines.body).toMatchObject({ items: [{ line: 2, state: 'ready' }], next: '2' });
    expect(JSON.stringify(lines.body)).not.toContain('home.example');
    const strict = await call('actOnList', { token, params: { id: list }, body: { act: 'apply-all-or-nothing' } });
    expect(strict.status).toBe(422);
    const late = await call('actOnList', { token, params: { id: list }, body: { act: 'apply' } });
    expect(late.body).toEqual({ done: false });
    const broken = await call('createList', { token, body: { kind: 'csv', name: 'List', text: 'a,b\n1,2' } });
    expect(broken.body).toMatchObject({ status: 422, detail: expect.stringContaining('The first line must name') });
  });
});

describe('a request with an Idempotency-Key', () => {
  const body = { name: 'Autumn', everyDays: 7, most: 3 };
  test('is done once, also when it comes fifty times at once, and never with something else', async () => {
    const { built, api, call } = await house();
    const token = await api.token('rollout.view', 'rollout.edit');
    const all = await Promise.all(
      Array.from({ length: 50 }, () => call('createCampaign', { token, body, key: 'the-same' })),
    );
    const made = new Set(all.filter(({ status }) => status === 201).map(({ body: { id } }) => id));
    expect(made.size).toBe(1);
    expect(all.every(({ status }) => status === 201 || status === 409)).toBe(true);
    const again = await call('createCampaign', { token, body, key: 'the-same' });
    expect(made.has(again.body.id)).toBe(true);
    expect((await call('listCampaigns', { token })).body.items).toHaveLength(1);
    const other = await call('createCampaign', { token, body: { ...body, name: 'Winter' }, key: 'the-same' });
    expect(other.body).toMatchObject({ status: 422, type: 'urn:sparekey:problem:key-reused' });
    const stranger = await api.token('rollout.edit');
    expect((await call('createCampaign', { token: stranger, body, key: 'the-same' })).body.id).not.toBe(again.body.id);
    const rows = await built.storage.db.selectFrom('api_answers').selectAll().execute();
    expect(JSON.stringify(rows)).not.toContain('the-same');
    built.clock.advance(days(1) + 1);
    expect((await call('createCampaign', { token, body, key: 'the-same' })).body.id).not.toBe(again.body.id);
  });

  test('that was refused may be tried again', async () => {
    const { api, call } = await house();
    const token = await api.token('rollout.edit');
    expect((await call('createCampaign', { token, body: { ...body, startsOn: '2026-02-30' }, key: 'k' })).status).toBe(
      422,
    );
    expect((await call('createCampaign', { token, body, key: 'k' })).status).toBe(201);
  });
});

describe('a token', () => {
  test('opens what it is for and nothing else; what it is refused is recorded', async () => {
    const { built, api, call } = await house();
    const token = await api.token('reports.view');
    expect((await call('getReport', { token })).status).toBe(200);
    expect((await call('listAudit', { token })).body).toMatchObject({
      status: 403,
      detail: expect.stringContaining('audit.view'),
    });
    expect((await call('beginJourney', { token, body: { username: 'dora', client: CLIENT } })).status).toBe(403);
    expect((await built.audited()).filter(({ event }) => event === 'token.refused')).toHaveLength(2);
    const stored = await built.storage.db.selectFrom('api_tokens').selectAll().execute();
    expect(JSON.stringify(stored)).not.toContain(token.slice(4));
  });

  test('is nothing when it is revoked, run out, unknown, cut, in the address or in a cookie', async () => {
    const { built, api, call } = await house();
    const tokens = tokensOf(built.config, built.flow);
    const token = await api.token('reports.view');
    const [{ id } = { id: '' }] = await tokens.list();
    for (const bad of [undefined, '', token.slice(0, -1), `${token}x`, 'spk_', 'x'.repeat(500), token.toUpperCase()])
      expect((await call('getReport', bad === undefined ? {} : { token: bad })).status, bad).toBe(401);
    for (const headers of [{ authorization: token }, { authorization: `Basic ${token}` }, { cookie: `token=${token}` }])
      expect((await call('getReport', { headers })).status).toBe(401);
    const url = `/api/v1/reports?access_token=${token}&token=${token}`;
    expect((await built.server.inject(url)).statusCode).toBe(401);
    expect(await tokens.revoke(id, 'staff:olga')).toBe(true);
    expect((await call('getReport', { token })).status).toBe(401);
    const late = await api.token('reports.view');
    built.clock.advance(days(90));
    expect((await call('getReport', { token: late })).status).toBe(401);
  });

  test('has a limit of requests in a minute, in the database', async () => {
    const { built, api, call } = await house({ SPAREKEY_API_PER_MINUTE: '3' });
    const token = await api.token('reports.view');
    const statuses = [];
    for (let n = 0; n < 5; n += 1) statuses.push((await call('getReport', { token })).status);
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
    built.clock.advance(minutes(1));
    expect((await call('getReport', { token })).status).toBe(200);
  });

  test('is made in the console, shown once, and can’t do more than its maker', async () => {
    const { built } = await house();
    const client = await staffClient(built, 'olga');
    await client.get('/console/tokens');
    await client.submit('/console/tokens', { name: 'Dashboard', days: '30', 'scope:reports.view': '1' });
    expect(client.status).toBe(201);
    const token = /spk_[\w-]{43}/.exec(client.html)?.[0] ?? '';
    expect(token).not.toBe('');
    await client.get('/console/tokens');
    expect(client.html).not.toContain(token);
    expect(client.text()).toContain('Dashboard');
    const headers = { authorization: `Bearer ${token}` };
    expect((await built.server.inject({ url: '/api/v1/reports', headers })).statusCode).toBe(200);
    const revoke = client.forms().find(({ action }) => action.endsWith('/revoke'))?.action ?? '';
    await client.submit(revoke);
    expect((await built.server.inject({ url: '/api/v1/reports', headers })).statusCode).toBe(401);
    await client.submit('/console/tokens', { name: '', days: '999' });
    expect(client.status).toBe(422);
    const auditor = await staffClient(built, 'axel');
    await auditor.get('/console/tokens');
    expect(auditor.status).toBe(403);
    const made = await tokensOf(built.config, built.flow).create(
      { name: 'Too much', scopes: ['audit.export'], days: 1 },
      { actor: 'staff:x', own: new Set(['tokens.manage']) },
    );
    expect(made).toEqual({ is: 'invalid', faults: ['not-yours'] });
  });
});

describe('whatever comes in', () => {
  const odd = [
    '',
    '{',
    '[]',
    'null',
    '"x"',
    '{"a":1}',
    '{"username":{"$ne":1}}',
    `{"username":"${'x'.repeat(5_000)}"}`,
    '\u0000',
    '{"__proto__":{"a":1}}',
  ];

  test('is answered with a problem that the document knows, never with a 500 and never with a page', async () => {
    const { built, api } = await house();
    const token = await api.token(
      'recovery',
      'readiness.view',
      'rules.try',
      'incidents.view',
      'incidents.act',
      'systems.view',
      'systems.act',
      'rollout.view',
      'rollout.edit',
      'reports.view',
      'audit.view',
    );
    for (const [path, methods] of Object.entries(api.document.paths))
      for (const method of Object.keys(methods)) {
        const url = path.replaceAll(/\{\w+\}/g, '%00x');
        for (const payload of method === 'get' ? [undefined] : odd)
          for (const type of payload === undefined ? [''] : ['application/json', 'text/plain']) {
            const said = await built.server.inject({
              method: method.toUpperCase() as 'GET',
              url: `${url}?limit=-1&after=%27%20or%201&from=x&limit=2`,
              headers: {
                authorization: `Bearer ${token}`,
                journey: '\u00ff'.repeat(10),
                ...(type ? { 'content-type': type } : {}),
              },
              ...(payload === undefined ? {} : { payload }),
            });
            expect(said.statusCode, `${method} ${path} ${payload}`).toBeGreaterThanOrEqual(
              method === 'get' ? 200 : 400,
            );
            expect(said.statusCode, `${method} ${path} ${payload} ${said.body}`).toBeLessThan(500);
            expect(String(said.headers['content-type'])).toContain('json');
          }
      }
  });

  test('that has no place gets 404, 405 with what is allowed, 413 or 415', async () => {
    const { built, api } = await house();
    const token = await api.token('recovery');
    const send = (method: 'GET' | 'POST' | 'PUT', url: string, payload?: string, type = 'application/json') =>
      built.server.inject({
        method,
        url,
        headers: { authorization: `Bearer ${token}`, ...(payload === undefined ? {} : { 'content-type': type }) },
        ...(payload === undefined ? {} : { payload }),
      });
    const kinds = async (...all: Parameters<typeof send>) =>
      JSON.parse((await send(...all)).body)
        .type.split(':')
        .at(-1);
    expect(await kinds('GET', '/api/v1/nowhere')).toBe('not-found');
    expect(await kinds('PUT', '/api/v1/journeys')).toBe('method-not-allowed');
    expect((await send('PUT', '/api/v1/journeys')).headers['allow']).toBe('POST');
    expect(await kinds('POST', '/api/v1/journeys', `{"username":"${'x'.repeat(100_000)}"}`)).toBe('too-large');
    expect(await kinds('POST', '/api/v1/journeys', 'a=b', 'application/x-www-form-urlencoded')).toBe(
      'unsupported-media',
    );
    const missing = JSON.parse((await send('POST', '/api/v1/journeys', '{}')).body);
    expect(missing).toMatchObject({ status: 400 });
    expect(missing.errors.length).toBeGreaterThan(0);
  });
});
