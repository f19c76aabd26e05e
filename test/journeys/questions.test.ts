/** Security questions: chosen and proven in the portal, asked behind a gate that proves possession, never enough by themselves. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ACKNOWLEDGEMENT } from '../../src/methods/questions/acknowledgement.ts';
import { createTranslator } from '../../src/text/index.ts';
import { type Built, build, SEED } from '../kit/build.ts';
import type { Client } from '../kit/client.ts';
import { byApp, byEmail, choose, identify, NEW, setPassword, signIn } from '../kit/steps.ts';

const ALSO = { SPAREKEY_POLICY_RECOVERY_ALSO: 'questions' };
const COUNTED = {
  SPAREKEY_POLICY_RECOVERY_METHODS: 'email, totp, recovery-code, questions',
  SPAREKEY_METHODS_QUESTIONS_COUNTS_AS_GATE: ACKNOWLEDGEMENT,
};
const ADDRESS = 'dmitri@private.example';
const dmitri = { username: 'dmitri', addresses: [ADDRESS], seed: SEED };

const t = createTranslator('en');
const ANSWERS: Record<string, string> = {
  'first-toy': 'Brumm the bear',
  neighbour: 'Mrs Kowalski',
  hero: 'Ada Lovelace',
  'lost-thing': 'a red kite',
  'first-trip': 'Aleppo',
};
const IDS = Object.keys(ANSWERS);
const filledIn = Object.fromEntries(
  IDS.flatMap((id, n) => [
    [`question${n}`, id],
    [`answer${n}`, ANSWERS[id] ?? ''],
  ]),
);

/** Name of the field → id of the question that stands above it. */
const askedOn = (client: Client): Record<string, string> =>
  Object.fromEntries(
    [...client.html.matchAll(/<label for="(answer\d)">([^<]+)<\/label>/g)].map(([, name = '', label]) => [
      name,
      IDS.find((id) => t(`question.${id}` as 'question.hero') === label) ?? '',
    ]),
  );
const rightOn = (client: Client): Record<string, string> =>
  Object.fromEntries(Object.entries(askedOn(client)).map(([name, id]) => [name, ANSWERS[id] ?? '']));

const answerRight = (client: Client): Promise<Client> => client.submit('/recover/answer', rightOn(client));

/** Signs in, chooses five questions and proves two of them. */
async function addQuestions(built: Built, username = 'dmitri'): Promise<Client> {
  const client = await signIn(built.client({ ip: '192.0.2.99' }), username);
  if (client.choices('method').includes('totp')) await byApp(built, client);
  await client.get('/ways/add/questions');
  await client.submit('/ways/add/questions', filledIn);
  await client.submit('/ways/add/questions/confirm', rightOn(client));
  expect(client.text()).toContain('Added');
  built.clock.advance(60_000);
  return client;
}

describe('choosing questions', () => {
  test('everything that is wrong is told at once, at its field, and nothing that was typed is lost', async () => {
    const built = await build({ people: [{ username: 'dmitri' }], env: ALSO });
    const client = await signIn(built.client(), 'dmitri');
    await client.get('/ways/add/questions');
    expect(client.title).toBe('Choose 5 questions');
    await client.submit('/ways/add/questions', {
      ...filledIn,
      question1: '',
      answer2: 'Dmitri',
      answer3: 'x',
      answer4: ' BRUMM the  bear',
    });
    expect(client.status).toBe(422);
    for (const sentence of [
      'Choose question 2.',
      'Answer 3 is your name or username',
      'Answer 4 is too short: at least 3',
      'Answer 5 is the same as one above it',
    ])
      expect(client.text()).toContain(sentence);
    for (const field of ['question1', 'answer2', 'answer3', 'answer4']) {
      expect(client.html).toContain(`href="#${field}"`);
      expect(client.html).toContain(`id="${field}-error"`);
    }
    expect(client.html).toContain('value="Mrs Kowalski"');
    expect(client.html).toMatch(/<option value="hero" selected/);
  });

  test('a slip in the two answers that are asked once more is told; the right ones bind', async () => {
    const built = await build({ people: [{ username: 'dmitri' }], env: ALSO });
    const client = await signIn(built.client(), 'dmitri');
    await client.get('/ways/add/questions');
    await client.submit('/ways/add/questions', filledIn);
    expect(client.title).toBe('Two of them once more');
    expect(Object.keys(askedOn(client))).toEqual(['answer0', 'answer1']);
    await client.submit('/ways/add/questions/confirm', { ...rightOn(client), answer1: 'somebody else' });
    expect([client.status, client.title]).toEqual([422, 'Two of them once more']);
    expect(client.text()).toContain('You have 4 tries left');
    await client.submit('/ways/add/questions/confirm', rightOn(client));
    expect(client.text()).toContain('Security questions');
    expect((await built.audited()).map(({ event }) => event)).toContain('enrolment.added');
  });

  test('going back and sending the form again shows what is wrong with it, not the page after it', async () => {
    const built = await build({ people: [{ username: 'dmitri' }], env: ALSO });
    const client = await signIn(built.client(), 'dmitri');
    await client.get('/ways/add/questions');
    const { fields } = client.form('/ways/add/questions');
    await client.submit('/ways/add/questions', filledIn);
    await client.post('/ways/add/questions', { ...fields, ...filledIn, answer0: '' });
    expect(client.title).toBe('Choose 5 questions');
    expect(client.text()).toContain('Answer question 1.');
  });

  test('too many wrong confirmations begin anew, with an empty form', async () => {
    const built = await build({ people: [{ username: 'dmitri' }], env: ALSO });
    const client = await signIn(built.client(), 'dmitri');
    await client.get('/ways/add/questions');
    await client.submit('/ways/add/questions', filledIn);
    for (let n = 0; n < 5; n += 1)
      await client.submit('/ways/add/questions/confirm', { answer0: 'no', answer1: 'idea' });
    expect(client.title).toBe('Choose 5 questions');
    expect(client.html).not.toContain('Mrs Kowalski');
  });

  test('no answer is kept or logged in clear; script in an own question stays text (A26)', async () => {
    const env = { ...ALSO, SPAREKEY_METHODS_QUESTIONS_OWN: 'true' };
    const built = await build({ people: [{ username: 'dmitri', addresses: [ADDRESS], seed: SEED }], env });
    const client = await signIn(built.client(), 'dmitri');
    await byApp(built, client);
    await client.get('/ways/add/questions');
    const evil = '<script>alert(1)</script> who am I?';
    await client.submit('/ways/add/questions', { ...filledIn, question0: 'own', own0: evil });
    for (let n = 0; n < 2 && !client.html.includes('alert(1)'); n += 1) {
      await client.submit('/ways/add/questions/restart');
      await client.submit('/ways/add/questions', { ...filledIn, question0: 'own', own0: evil });
    }
    expect(client.html).not.toContain('<script>alert');
    const rows = await built.storage.db.selectFrom('flows').selectAll().execute();
    for (const text of [JSON.stringify(rows), built.log.join('\n')])
      for (const answer of Object.values(ANSWERS)) expect(text).not.toContain(answer);
  });
});

describe('questions that are asked in addition', () => {
  test('a recovery needs both gates and the answers; whoever has none is not asked', async () => {
    const built = await build({
      people: [dmitri, { ...dmitri, username: 'ben', addresses: ['ben@private.example'] }],
      env: ALSO,
    });
    await addQuestions(built);
    const client = await identify(built.client(), 'dmitri');
    await byEmail(built, client, ADDRESS);
    expect(client.choices('method').sort()).toEqual(['questions', 'totp']);
    await byApp(built, client);
    expect(client.choices('method')).toEqual(['questions']);
    await choose(client, 'questions');
    await answerRight(client);
    await setPassword(client);
    expect(await built.bind('dmitri', NEW)).toBe('correct');

    const ben = await identify(built.client({ ip: '192.0.2.7' }), 'ben');
    await byEmail(built, ben, 'ben@private.example');
    expect(ben.choices('method')).toEqual(['totp']);
    await byApp(built, ben);
    expect(ben.title).toBe('Choose a new password');
  });

  test('right answers weigh nothing: with one gate beside them nothing opens', async () => {
    const built = await build({ people: [dmitri], env: ALSO });
    await addQuestions(built);
    const client = await identify(built.client(), 'dmitri');
    await byEmail(built, client, ADDRESS);
    await choose(client, 'questions');
    await answerRight(client);
    expect(client.choices('method')).toEqual(['totp']);
    await client.submit('/recover/password', { password: NEW, again: NEW }).catch(() => undefined);
    expect(await built.bind('dmitri', NEW)).toBe('wrong');
  });

  test('a stranger is never offered them, whoever the name belongs to', async () => {
    const built = await build({ people: [dmitri], env: ALSO });
    await addQuestions(built);
    const seen: string[] = [];
    for (const name of ['dmitri', 'nobody']) {
      const client = await identify(built.client(), name);
      expect(client.choices('method')).not.toContain('questions');
      seen.push(client.text());
      const { fields } = client.form('/recover/method');
      await client.post('/recover/method', { ...fields, method: 'questions' });
      expect(askedOn(client)).toEqual({});
      seen.push(client.text());
    }
    expect(seen.slice(0, 2)).toEqual(seen.slice(2));
  });

  test('are the same in every journey until they were answered rightly; three wrong tries bring no others', async () => {
    const built = await build({ people: [dmitri], env: ALSO });
    await addQuestions(built);
    const ask = async () => {
      const client = await identify(
        built.client({ ip: `192.0.2.${Math.floor(built.clock.now() / 60_000) % 250}` }),
        'dmitri',
      );
      await byEmail(built, client, ADDRESS);
      return choose(client, 'questions');
    };
    const client = await ask();
    const first = askedOn(client);
    expect(Object.keys(first)).toHaveLength(3);
    for (const left of [2, 1]) {
      await client.submit('/recover/answer', { answer0: 'a', answer1: 'b', answer2: 'c' });
      expect(client.text()).toContain(left === 1 ? '1 try left' : '2 tries left');
      expect(askedOn(client)).toEqual(first);
    }
    await client.submit('/recover/answer', { answer0: 'a', answer1: 'b', answer2: 'c' });
    expect(client.text()).toContain('Those were too many tries');
    await choose(client, 'questions');
    expect(askedOn(client)).toEqual(first);

    built.clock.advance(2 * 60_000);
    const second = await ask();
    expect(askedOn(second)).toEqual(first);
    await answerRight(second);
    built.clock.advance(2 * 60_000);
    const third = await ask();
    expect(new Set(Object.values(askedOn(third)))).not.toEqual(new Set(Object.values(first)));
  });

  test('the page does not tell which answer was wrong', async () => {
    const built = await build({ people: [dmitri], env: ALSO });
    await addQuestions(built);
    const client = await identify(built.client(), 'dmitri');
    await byEmail(built, client, ADDRESS);
    await choose(client, 'questions');
    const right = rightOn(client);
    const page = () => client.html.replaceAll(/(name="step" value="|name="_csrf" value="|nonce=")[^"]+/g, '$1');
    await client.submit('/recover/answer', { ...right, answer0: 'wrong one' });
    const one = page();
    await client.submit('/recover/answer', { ...right, answer2: 'wrong one' });
    expect(page().replace('1 try left', '2 tries left')).toBe(one);
  });

  test('a practice run asks them and changes nothing', async () => {
    const built = await build({ people: [dmitri], env: ALSO });
    const client = await addQuestions(built);
    await client.get('/safety');
    await client.submit('/practice');
    await byEmail(built, client, ADDRESS);
    await choose(client, 'questions');
    const first = askedOn(client);
    await answerRight(client);
    await byApp(built, client);
    expect(client.title).toBe('Practice run finished');
    await client.get('/safety');
    await client.submit('/practice');
    await byEmail(built, client, ADDRESS);
    await choose(client, 'questions');
    expect(askedOn(client)).toEqual(first);
  });

  test('the right answers sent fifty times at once pass one gate, once; on two nodes, too', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sparekey-questions-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, 'shared.sqlite');
    const one = await build({ people: [dmitri], env: ALSO, file });
    await addQuestions(one);
    const other = await build({ env: ALSO, file, clock: one.clock });
    const client = await identify(one.client(), 'dmitri');
    await byEmail(one, client, ADDRESS);
    await choose(client, 'questions');
    const there = other.client();
    for (const [name, value] of client.cookies) there.cookies.set(name, value);
    there.html = client.html;
    const right = rightOn(client);
    await Promise.all(
      Array.from({ length: 50 }, (_, n) => (n % 2 === 0 ? client : there).submitted('/recover/answer', right)),
    );
    const passed = (await one.audited()).filter(
      ({ event, method }) => event === 'recovery.verified' && method === 'questions',
    );
    expect(passed).toHaveLength(1);
    const rows = await one.flow.authenticators.list(one.storage.db, passed[0]?.subject ?? '');
    expect(rows.find(({ method }) => method === 'questions')?.data['turn']).toBe(1);
  });
});

describe('questions that an operator lets count', () => {
  const eve = { username: 'eve', addresses: ['eve@private.example'] };

  test('are the second gate of somebody without a second factor, behind the mail only', async () => {
    const built = await build({ people: [eve], env: COUNTED });
    await addQuestions(built, 'eve');
    const client = await identify(built.client(), 'eve');
    expect(client.choices('method')).not.toContain('questions');
    await byEmail(built, client, 'eve@private.example');
    expect(client.choices('method')).toEqual(['questions']);
    await choose(client, 'questions');
    await answerRight(client);
    await setPassword(client);
    expect(await built.bind('eve', NEW)).toBe('correct');
  });

  test('don’t spare anybody the second factor that they have', async () => {
    const built = await build({ people: [dmitri], env: COUNTED });
    await addQuestions(built);
    const client = await identify(built.client(), 'dmitri');
    await byEmail(built, client, ADDRESS);
    if (client.choices('method').includes('questions')) {
      await choose(client, 'questions');
      await answerRight(client);
    }
    expect(client.choices('method')).toEqual(['totp']);
  });

  test('never open a privileged account', async () => {
    const env = { ...COUNTED, SPAREKEY_POLICY_PRIVILEGED_GROUPS: 'admins' };
    const built = await build({ people: [{ ...dmitri, groups: ['admins'] }], env });
    const client = await signIn(built.client({ ip: '192.0.2.99' }), 'dmitri');
    await byApp(built, client);
    await client.get('/ways/add');
    expect(client.choices('method')).not.toContain('questions');
    await client.get('/ways/add/questions');
    await client.submit('/ways/add/questions', filledIn).catch(() => undefined);
    const journey = await identify(built.client(), 'dmitri');
    await byEmail(built, journey, ADDRESS);
    expect(journey.choices('method')).toEqual(['totp']);
  });

  test('never unlock by themselves', async () => {
    const built = await build({ people: [eve], env: COUNTED });
    await addQuestions(built, 'eve');
    const client = await built.client().get('/unlock');
    await client.submit('/unlock', { identifier: 'eve' });
    expect(client.choices('method')).not.toContain('questions');
  });

  test('every start says so, in the log and in the audit', async () => {
    const built = await build({ people: [], env: COUNTED });
    const said = built.log.find((line) => line.includes('questions-count')) ?? '';
    for (const clause of ['800-63B-4', '6.4.2', 'OWASP']) expect(said).toContain(clause);
    const rows = await built.storage.db.selectFrom('audit').selectAll().execute();
    expect(JSON.stringify(rows)).toContain('policy.risk-accepted');
  });

  test('without the sentence they do not: the configuration is refused, and the sentence is told', async () => {
    const env = { ...COUNTED, SPAREKEY_METHODS_QUESTIONS_COUNTS_AS_GATE: 'yes' };
    await expect(build({ env })).rejects.toThrow(ACKNOWLEDGEMENT);
    const { SPAREKEY_METHODS_QUESTIONS_COUNTS_AS_GATE: _, ...none } = COUNTED;
    await expect(build({ env: none })).rejects.toThrow('proves nothing by itself');
  });
});
