/** What the configuration refuses of questions, facts and passes, and what it goes on saying about them. Real plug-ins. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { factFindings } from '../../../src/cli/check-facts.ts';
import { loadConfig } from '../../../src/config/load.ts';
import type { Directory } from '../../../src/directory/directory.ts';
import { ACKNOWLEDGEMENT } from '../../../src/methods/questions/acknowledgement.ts';
import { registries } from '../../../src/registries.ts';
import { standingNotices } from '../../../src/standing-notices.ts';
import { folder, SMALL } from './kit.ts';

/** JSON is YAML: sections are added as they are. */
const load = (more: object) => {
  const sections = Object.entries(more).map(([name, section]) => `${name}: ${JSON.stringify(section)}\n`);
  const home = folder({ 'sparekey.yaml': SMALL + sections.join('') });
  return loadConfig({ file: join(home, 'sparekey.yaml'), env: {}, registries });
};

const problems = (more: object): string[] => {
  const loaded = load(more);
  return loaded.is === 'invalid'
    ? loaded.problems.map(({ path, what, allowed = '' }) => `${path} ${what} ${allowed}`.trim())
    : [];
};
const notices = (more: object): string[] => {
  const loaded = load(more);
  if (loaded.is === 'invalid') throw new Error(loaded.problems.map(({ path, what }) => `${path} ${what}`).join('\n'));
  return standingNotices(loaded.config).map(({ id, path }) => `${id} ${path}`);
};

const facts = [{ name: 'card', attribute: 'employeeNumber', label: { en: 'Number on your card' } }];
const question = { id: 'dorm', text: { en: 'Which dormitory did you live in first?' } };
const METHODS = ['email', 'totp', 'recovery-code'];
const counted = {
  policy: { recovery: { methods: [...METHODS, 'questions'] } },
  methods: { questions: { countsAsGate: ACKNOWLEDGEMENT } },
};

describe('refused', () => {
  test.each<[string, object, string]>([
    [
      'questions that count without the sentence',
      { policy: { recovery: { methods: [...METHODS, 'questions'] } } },
      'policy.recovery.methods lists questions, which proves nothing by itself',
    ],
    [
      'a sentence that is not the one: the right one is told',
      { ...counted, methods: { questions: { countsAsGate: 'We know.' } } },
      ACKNOWLEDGEMENT,
    ],
    [
      'the sentence without its last word',
      { ...counted, methods: { questions: { countsAsGate: ACKNOWLEDGEMENT.slice(0, -5) } } },
      ACKNOWLEDGEMENT,
    ],
    [
      'questions for privileged people, even with the sentence',
      { ...counted, policy: { privileged: { methods: [...METHODS, 'questions'] } } },
      'policy.privileged.methods has security questions',
    ],
    [
      'facts that count',
      { policy: { recovery: { methods: [...METHODS, 'directory-facts'] } }, methods: { 'directory-facts': { facts } } },
      'policy.recovery.methods lists directory-facts, which proves nothing by itself',
    ],
    [
      'facts that count for privileged people',
      {
        policy: { privileged: { methods: [...METHODS, 'directory-facts'] } },
        methods: { 'directory-facts': { facts } },
      },
      'policy.privileged.methods lists directory-facts, which proves nothing by itself',
    ],
    [
      'facts asked for, but none named',
      { policy: { recovery: { also: ['directory-facts'] } } },
      'methods.directory-facts.facts is empty',
    ],
    [
      'two facts of one name',
      {
        methods: { 'directory-facts': { facts: [...facts, ...facts.map((one) => ({ ...one, attribute: 'other' }))] } },
      },
      'methods.directory-facts.facts[1].name is taken: card',
    ],
    [
      'two questions of one name',
      { methods: { questions: { catalogue: [question, { ...question, text: { en: 'Another one of that name?' } }] } } },
      'methods.questions.catalogue[1].id is taken: dorm',
    ],
    [
      'fewer than five questions',
      { methods: { questions: { enrolled: 4 } } },
      'methods.questions.enrolled is out of range',
    ],
    [
      'answers of two letters',
      { methods: { questions: { minLength: 2 } } },
      'methods.questions.minLength is out of range',
    ],
    [
      'a pass of two hours',
      { methods: { 'helper-pass': { lifetime: '2 h' } } },
      'methods.helper-pass.lifetime is too long',
    ],
  ])('%s', (_name, more, expected) => {
    const found = problems(more);
    expect(found.join('\n')).toContain(expected);
  });
});

describe('said as long as it is so', () => {
  test.each<[string, object, string[]]>([
    ['nothing, as shipped', {}, []],
    [
      'questions that are asked in addition',
      { policy: { recovery: { also: ['questions'] } } },
      ['questions-asked policy'],
    ],
    ['questions that count', counted, ['questions-count methods.questions.countsAsGate']],
    [
      'the sentence alone changes nothing while they are only asked in addition',
      { ...counted, policy: { recovery: { also: ['questions'] } } },
      ['questions-asked policy'],
    ],
    [
      'facts and passes',
      {
        policy: { recovery: { methods: [...METHODS, 'helper-pass'], also: ['directory-facts'] } },
        methods: { 'directory-facts': { facts } },
      },
      [],
    ],
  ])('%s', (_name, more, expected) => {
    expect(notices(more)).toEqual(expected);
  });
});

const HOW_TO = join(import.meta.dirname, '../../../docs/how-to');
const told = ['security-questions.md', 'helper-pass.md'].flatMap((name) =>
  [...readFileSync(join(HOW_TO, name), 'utf8').matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, yaml = '']) => [
    name,
    yaml,
  ]),
);

test.each(told)('%s tells people to write what loads', (_name, yaml = '') => {
  const home = folder({ 'sparekey.yaml': SMALL + yaml });
  const loaded = loadConfig({ file: join(home, 'sparekey.yaml'), env: {}, registries });
  expect(loaded.is === 'ok' ? [] : loaded.problems).toEqual([]);
});

test('an attribute without a value on the test account is found, with what to do', async () => {
  const directory = {
    find: async () => ({ is: 'found', account: { attributes: { employeeNumber: ['1'], birthdate: [] } } }),
  } as unknown as Directory;
  const found = await factFindings(directory, 'canary', ['employeeNumber', 'birthdate']);
  expect(found.map(({ is, what }) => `${is} ${what}`)).toEqual([
    'ok read employeeNumber of the test account',
    'warning read birthdate of the test account',
  ]);
  expect(await factFindings(directory, undefined, ['employeeNumber'])).toEqual([]);
});
