/** What lists from outside must do on both databases: looked at first, carried out once, all lines or none, on any node. */
import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createAudit } from '../../src/audit/index.ts';
import { type Account, accountId } from '../../src/kernel/account.ts';
import { createKeyring } from '../../src/kernel/keyring.ts';
import { email } from '../../src/methods/email.ts';
import type { MethodPorts, VerificationMethod } from '../../src/methods/method.ts';
import { questions } from '../../src/methods/questions.ts';
import { textBytes } from '../../src/rollout/import/encoding.ts';
import { createImports, type ImportDeps } from '../../src/rollout/import/imports.ts';
import { importReport } from '../../src/rollout/import/report.ts';
import { openStorage, type StorageConfig } from '../../src/storage/index.ts';
import { createAuthenticators } from '../../src/storage/repositories/authenticators.ts';
import { createPreRegistrations } from '../../src/storage/repositories/pre-registrations.ts';
import { createTickets } from '../../src/storage/repositories/tickets.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { createFakeClock } from '../kit/fake-clock.ts';

const NOW = Date.UTC(2026, 10, 24, 12);
const keyring = createKeyring([{ id: 'test', bytes: randomBytes(32) }]);

const accountOf = (username: string): Account => ({
  id: accountId('corp', username),
  directory: 'corp',
  key: username,
  locator: username,
  username,
  displayName: `${username} Example`,
  givenName: undefined,
  mail: [],
  language: undefined,
  groups: [],
  attributes: {},
});

const ports = {
  mac: keyring.mac,
  pepper: keyring.derive('recovery-code'),
  sameMailServers: async () => false,
  texts: () => [],
  phoneCountries: ['DE'],
} as unknown as MethodPorts;

export function importContract(engine: string, newDatabase: () => Promise<StorageConfig>): void {
  describe(`lists from outside on ${engine}`, () => {
    let storage: Storage;
    let methods: ReadonlyMap<string, VerificationMethod>;
    const clock = createFakeClock(NOW);
    const audit = createAudit({ keyring, clock });
    const authenticators = createAuthenticators(keyring);
    const known = createPreRegistrations(keyring);
    const people = new Map<string, Account>();
    let down: string | undefined;
    const asked: string[] = [];

    beforeAll(async () => {
      storage = await openStorage(await newDatabase());
      methods = new Map<string, VerificationMethod>([
        ['email', await email.open({ lifetime: 600_000, lockedDomains: ['corp.example'] }, ports)],
        ['questions', await questions.open({ enrolled: 5, asked: 3, minLength: 3, own: false, catalogue: [] }, ports)],
      ]);
    });
    afterAll(() => storage?.close());
    afterEach(async () => {
      for (const table of [
        'imports',
        'import_lines',
        'pre_registrations',
        'authenticators',
        'people',
        'outbox',
      ] as const)
        await storage.db.deleteFrom(table).execute();
      people.clear();
      asked.length = 0;
      down = undefined;
      clock.set(NOW);
    });

    const directory = {
      find: async (name: string) => {
        asked.push(name);
        if (down) return { is: 'unavailable' as const, cause: down };
        const account = people.get(name);
        return account ? { is: 'found' as const, account } : { is: 'none' as const };
      },
      resolve: async () => ({ is: 'none' as const }),
      preflight: async ({ username }: Account) =>
        username === 'root'
          ? { is: 'blocked' as const, why: 'protected' as const, cause: '' }
          : { is: 'ready' as const, locked: false, mustChange: false, expired: false },
    };

    const service = (trust: 'unconfirmed' | 'vouched' = 'unconfirmed') =>
      createImports({
        flow: {
          storage,
          directory: directory as unknown as ImportDeps['flow']['directory'],
          authenticators,
          tickets: createTickets(keyring),
          contacts: { sharedPhone: 'refuse' } as ImportDeps['flow']['contacts'],
          languages: ['en', 'de'],
          audit,
          outbox: {
            enqueue: async (trx: Parameters<ImportDeps['flow']['outbox']['enqueue']>[0], job: { kind: string }) => {
              const id = randomBytes(8).toString('hex');
              const row = { id, kind: job.kind, payload: '', state: 'done', attempt: 0, run_at: 0 } as const;
              await trx
                .insertInto('outbox')
                .values({ ...row, lease_until: 0, expires_at: 0, created_at: 0 })
                .execute();
              return id;
            },
            nudge: () => {},
          } as unknown as ImportDeps['flow']['outbox'],
          clock,
          keyring,
        },
        methods,
        trust: { files: trust, directory: trust },
        countries: ['DE'],
        log: { warn: () => {} },
      });

    const staff = (...names: string[]) => {
      for (const name of names) people.set(name, accountOf(name));
    };
    const csv = (imports: ReturnType<typeof service>, text: string) =>
      imports.read({ kind: 'csv', name: 'list.csv', actor: 'staff:olga' }, () => textBytes(text), {});
    const said = async (imports: ReturnType<typeof service>, id: string) =>
      (await imports.lines(id, { limit: 100 })).map(({ line, state, says }) => `${line} ${state} ${says}`);
    const nothingDone = async () => {
      expect(await storage.db.selectFrom('pre_registrations').selectAll().execute()).toEqual([]);
      expect(await storage.db.selectFrom('authenticators').selectAll().execute()).toEqual([]);
    };

    test('says of each line what it would do, and does nothing until it is told to', async () => {
      staff('mia', 'ben', 'cem');
      const imports = service();
      const id = await csv(
        imports,
        [
          'Username;E-Mail;Phone;Language',
          'mia;mia@home.example;030 901820;de-AT',
          'ben;no address;;',
          'nobody;n@home.example;;',
          'cem;=1+1;;',
          '"mia;broken;;',
          'mia;other@home.example;;',
          'cem;;+49 30 1;',
          'cem;c@home.example;;xx',
          'cem;c@home.example',
        ].join('\r\n'),
      );
      expect(await imports.work(id)).toEqual({ is: 'checked' });
      expect(await said(imports, id)).toEqual([
        '2 ready New: email, phone, language.',
        '3 refused mail is no mail address.',
        '4 refused No account is called so.',
        '5 refused mail begins like a formula.',
        '6 refused The line is broken: a quotation mark is missing or stands in the wrong place.',
        '7 refused The same person is on line 2.',
        '8 refused phone is too short.',
        '9 refused language is none of en, de.',
        '10 refused The line has 2 columns instead of 4.',
      ]);
      await nothingDone();
      const stored = await storage.db.selectFrom('import_lines').select('data').execute();
      expect(JSON.stringify(stored)).not.toContain('home.example');
      expect(await imports.apply(id, { all: false, actor: 'staff:otto' })).toEqual({ is: 'applying' });
      expect(await imports.work(id)).toEqual({ is: 'done' });
      const mia = accountId('corp', 'mia');
      expect(await known.find(storage.db, mia, 'email')).toBe('mia@home.example');
      expect(await known.find(storage.db, mia, 'phone')).toBe('+4930901820');
      expect(await known.find(storage.db, mia, 'language')).toBe('de');
      expect(await authenticators.list(storage.db, mia)).toEqual([]);
      expect(await imports.apply(id, { all: false, actor: 'staff:otto' })).toEqual({ is: 'closed' });
    });

    test('all or nothing means nothing while a single line can’t be used', async () => {
      staff('mia');
      const imports = service();
      const id = await csv(imports, 'username,mail\nmia,mia@home.example\nnobody,n@home.example\n');
      await imports.work(id);
      expect(await imports.apply(id, { all: true, actor: 'cli' })).toEqual({ is: 'refused', lines: 1 });
      expect(await imports.work(id)).toEqual({ is: 'idle' });
      await nothingDone();
      expect((await imports.find(id))?.state).toBe('refused');
      const left = await storage.db.selectFrom('import_lines').select('data').where('data', '!=', '').execute();
      expect(left, 'what it brought is gone').toEqual([]);
    });

    test('the same list again brings nothing new, and says when it was carried out', async () => {
      staff('mia');
      const imports = service();
      const text = 'username,mail\nmia,mia@home.example\n';
      const first = await csv(imports, text);
      await imports.work(first);
      await imports.apply(first, { all: true, actor: 'cli' });
      await imports.work(first);
      const again = await csv(imports, text);
      await imports.work(again);
      expect(await said(imports, again)).toEqual(['2 same Nothing new.']);
      expect((await imports.find(again))?.notes.at(-1)).toContain('carried out on 2026-11-24');
    });

    test('what the organisation answers for works at once, spares what people have, and is told', async () => {
      staff('mia', 'ben', 'root', 'eve');
      await authenticators.add(
        storage.db,
        {
          id: 'own',
          accountId: accountId('corp', 'ben'),
          method: 'email',
          label: '',
          data: { address: 'ben@own.example' },
        },
        NOW,
      );
      const imports = service('vouched');
      const id = await csv(
        imports,
        'username,mail\nmia,mia@home.example\nben,ben@home.example\nroot,r@home.example\neve,eve@corp.example\n',
      );
      await imports.work(id);
      expect(await said(imports, id)).toEqual([
        '2 ready New: email, email at once.',
        '3 ready New: email.',
        '4 refused The account is protected: nothing is bound to it from a list.',
        '5 refused email can’t be used: locked-mailbox.',
      ]);
      await imports.apply(id, { all: false, actor: 'cli' });
      await imports.work(id);
      const of = async (name: string) =>
        (await authenticators.list(storage.db, accountId('corp', name))).map(({ data }) => data['address']);
      expect(await of('mia')).toEqual(['mia@home.example']);
      expect(await of('ben')).toEqual(['ben@own.example']);
      expect(await of('root')).toEqual([]);
      expect(await storage.db.selectFrom('outbox').select('kind').execute()).toEqual([{ kind: 'mail' }]);
    });

    test('answers of PWM become questions where they are in clear, enough and good, and are never kept in clear', async () => {
      staff('mia', 'ben', 'cem');
      const xml = (answers: [string, string, string][]) =>
        `<ResponseSet>${answers
          .map(
            ([question, format, answer]) =>
              `<response><challenge>${question}</challenge><answer format="${format}">${answer}</answer></response>`,
          )
          .join('')}</ResponseSet>`;
      const good: [string, string, string][] = [
        ['Where did you hide as a child?', 'TEXT', 'under the pear tree'],
        ['What did you lose on your first trip?', 'TEXT', 'a green umbrella'],
        ['Which dish do you refuse to eat?', 'TEXT', 'boiled celery'],
      ];
      const hashed = good.map(([question]): [string, string, string] => [question, 'SHA1_SALT', 'Zm9v']);
      const line = (name: string, set: [string, string, string][]) => `${name},"${xml(set).replaceAll('"', '""')}"`;
      const text = ['username,value', line('mia', good), line('ben', hashed), line('cem', good.slice(0, 2))].join('\n');
      const read = (imports: ReturnType<typeof service>) =>
        imports.read({ kind: 'pwm', name: 'pwm.csv', actor: 'cli' }, () => textBytes(text), {});
      const cautious = service();
      const refused = await read(cautious);
      await cautious.work(refused);
      expect((await said(cautious, refused))[0]).toBe(
        '2 refused Answers open a recovery: they come in only with rollout.trustFiles: vouched.',
      );
      const imports = service('vouched');
      const id = await read(imports);
      await imports.work(id);
      expect(await said(imports, id)).toEqual([
        '2 ready New: questions at once.',
        '3 refused None of the 3 answers is in clear (SHA1_SALT), so they can’t be taken over; the person chooses new ones.',
        '4 refused questions can’t be used: missing.',
      ]);
      await imports.apply(id, { all: false, actor: 'cli' });
      await imports.work(id);
      const [one] = await authenticators.list(storage.db, accountId('corp', 'mia'));
      const step = {
        flow: 'f',
        challenge: 'c',
        now: NOW,
        language: 'en',
        account: accountOf('mia'),
        purpose: 'practice',
      } as const;
      const method = methods.get('questions') as VerificationMethod;
      const challenge = await method.challenge(step, one ? [one] : []);
      if (!('prompt' in challenge) || challenge.prompt.kind !== 'answer-fields') throw new Error('No questions.');
      const answers = Object.fromEntries(
        challenge.prompt.fields.map((field) => [
          field.name,
          good.find(([question]) => 'says' in field && field.says === question)?.[2].toUpperCase() ?? '',
        ]),
      );
      const verdict = await method.judge(step, one ? [one] : [], challenge.pending, answers);
      expect(verdict.is).toBe('verified');
      expect(JSON.stringify(one?.data)).not.toContain('pear');
    });

    test('a directory that is down delays it, says so, and nothing is looked at twice', async () => {
      staff('mia', 'ben');
      const imports = service();
      const id = await csv(imports, 'username,mail\nmia,mia@home.example\nben,ben@home.example\n');
      down = 'No answer from ldap.';
      expect(await imports.work(id)).toEqual({ is: 'unavailable', cause: 'No answer from ldap.' });
      expect((await imports.find(id))?.problem).toBe('No answer from ldap.');
      down = undefined;
      clock.advance(60_001);
      asked.length = 0;
      expect(await imports.work(id)).toEqual({ is: 'checked' });
      expect(asked.toSorted()).toEqual(['ben', 'mia']);
    });

    test('two nodes and a crash in between carry out every line once', async () => {
      const names = Array.from({ length: 230 }, (_, n) => `person${n}`);
      staff(...names);
      const text = ['username,mail', ...names.map((name) => `${name},${name}@home.example`)].join('\n');
      const nodes = [service(), service()] as const;
      const id = await csv(nodes[0], text);
      await Promise.all(nodes.map((node) => node.work(id)));
      expect((await nodes[0].counts(id)).ready).toBe(230);
      await nodes[0].apply(id, { all: true, actor: 'cli' });
      await Promise.all(nodes.map((node) => node.work(id)));
      expect(await nodes[0].counts(id)).toMatchObject({ done: 230, ready: 0 });
      expect(await storage.db.selectFrom('pre_registrations').selectAll().execute()).toHaveLength(230);
      expect((await nodes[0].find(id))?.applied).toBe(230);
    });

    test('given up, nothing of it stays but the report, in which no cell is a formula', async () => {
      staff('mia');
      const imports = service();
      const id = await csv(imports, 'username,mail\nmia,mia@home.example\n"=HYPERLINK(""x"")",n@home.example\n');
      await imports.work(id);
      expect(await imports.cancel(id, 'staff:olga')).toBe(true);
      expect(await imports.apply(id, { all: false, actor: 'cli' })).toEqual({ is: 'closed' });
      const left = await storage.db.selectFrom('import_lines').select('data').where('data', '!=', '').execute();
      expect(left).toEqual([]);
      const report = (await importReport(imports, id).toArray()).join('');
      expect(report).toContain("'=HYPERLINK");
      expect(report).not.toContain('home.example');
    });

    test('a file that is none leaves nothing behind', async () => {
      const imports = service();
      await expect(csv(imports, '')).rejects.toThrow('The file is empty.');
      await expect(csv(imports, 'name,street\nmia,x\n')).rejects.toThrow('The first line must name the columns');
      await expect(csv(imports, 'username,mail\n')).rejects.toThrow('The list has no lines.');
      expect(await storage.db.selectFrom('import_lines').selectAll().execute()).toEqual([]);
    });

    test('lists that nobody carried out are given up after a week, reports go after ninety days', async () => {
      staff('mia');
      const imports = service();
      const id = await csv(imports, 'username,mail\nmia,mia@home.example\n');
      await imports.work(id);
      clock.advance(8 * 86_400_000);
      await imports.tidy();
      expect((await imports.find(id))?.state).toBe('cancelled');
      clock.advance(90 * 86_400_000);
      await imports.tidy();
      expect(await imports.find(id)).toBeUndefined();
      expect(await storage.db.selectFrom('import_lines').selectAll().execute()).toEqual([]);
    });
  });
}
