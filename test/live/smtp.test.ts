/** The SMTP sender against a real server: the contract, headers, TLS in every broken form, and what the check says. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { days } from '../../src/kernel/clock.ts';
import type { MailNotifier } from '../../src/notify/notifier.ts';
import { type SmtpConfig, smtpNotifier } from '../../src/notify/smtp.ts';
import { hostileAddresses, notifierContract, sampleMail } from '../contract/notifier.ts';
import { createFakeClock } from '../kit/fake-clock.ts';
import { type SmtpServerSettings, startSmtpServer, type TestSmtpServer } from '../kit/servers/smtp.ts';
import { createTestCa, type TestCa } from '../kit/servers/test-ca.ts';

const login = { user: 'sparekey', pass: 'Mail-Pass-77' };
let ca: TestCa;
beforeAll(async () => {
  ca = await createTestCa();
});
afterAll(() => ca.remove());

const configFor = (server: TestSmtpServer, change: Partial<SmtpConfig> = {}): SmtpConfig => ({
  host: server.host,
  port: server.port,
  security: 'starttls',
  caFile: ca.caFile,
  username: login.user,
  password: login.pass,
  from: 'Northfield College <keys@north.example>',
  connectTimeout: 1_000,
  replyTimeout: 2_000,
  connections: 3,
  ...change,
});
const clock = createFakeClock(Date.now());
const open = async (config: SmtpConfig): Promise<MailNotifier> => smtpNotifier.open(config, { clock });

notifierContract(
  'smtp',
  async () => {
    const server = await startSmtpServer(ca, { auth: login });
    let running = true;
    const close = async (): Promise<void> => {
      if (running) await server.close();
      running = false;
    };
    return {
      notifier: await open(configFor(server)),
      arrived: () =>
        server.received.map(({ envelope, parsed }) => ({
          to: envelope.to,
          subject: parsed.subject ?? '',
          text: parsed.text ?? '',
          html: parsed.html || '',
          identity: parsed.messageId ?? '',
        })),
      faults: {
        askForLater: () => server.fault({ at: 'rcpt', code: 451, text: '4.7.1 greylisted' }),
        refuseRecipient: () => server.fault({ at: 'rcpt', code: 550, text: '5.1.1 no such mailbox' }),
        refuseMessage: (text) => server.fault({ at: 'data', code: 554, text }),
        hangUpDuringMessage: () => server.fault({ at: 'data', does: 'drop' }),
        hangDuringMessage: () => server.fault({ at: 'data', does: 'hang' }),
        hangBeforeGreeting: () => server.fault({ at: 'connect', does: 'hang' }),
        disappear: close,
        heal: () => server.fault(undefined),
      },
      close,
    };
  },
  { faults: true },
);

describe('smtp', () => {
  let server: TestSmtpServer;
  let notifier: MailNotifier | undefined;
  const begin = async (settings: SmtpServerSettings = {}, change: Partial<SmtpConfig> = {}): Promise<MailNotifier> => {
    server = await startSmtpServer(ca, { auth: login, ...settings });
    notifier = await open(configFor(server, change));
    return notifier;
  };
  afterEach(async () => {
    await notifier?.close();
    notifier = undefined;
    await server.close();
  });

  it('sends encrypted, asks nobody to answer, and from the configured sender only', async () => {
    const smtp = await begin();
    await smtp.deliver(sampleMail);
    const [mail] = server.received;
    expect(mail).toMatchObject({ secure: true, envelope: { from: 'keys@north.example', to: ['anna@north.example'] } });
    expect(mail?.parsed.from?.value).toEqual([{ name: 'Northfield College', address: 'keys@north.example' }]);
    const header = (name: string): unknown => mail?.parsed.headers.get(name);
    expect(header('auto-submitted')).toBe('auto-generated');
    expect(header('x-auto-response-suppress')).toBe('All');
    expect(header('content-language')).toBe('de');
    expect(mail?.parsed.messageId).toMatch(/^<[\w-]{32}@north\.example>$/);
    expect(mail?.raw.split('\r\n\r\n')[0]).not.toMatch(/^(bcc|cc|reply-to|list-|disposition-notification)/im);
  });

  it('keeps the idempotency key itself out of the mail', async () => {
    const smtp = await begin();
    await smtp.deliver({ ...sampleMail, idempotencyKey: 'outbox-row-9' });
    expect(server.received[0]?.raw).not.toContain('outbox-row-9');
  });

  it('rejects what is not exactly one address before it connects', async () => {
    const smtp = await begin();
    for (const to of [...hostileAddresses, 'nobody', '', '<x@y.z>', 'x@y@z', `${'x'.repeat(65)}@y.z`]) {
      expect(await smtp.deliver({ ...sampleMail, to })).toMatchObject({ is: 'rejected' });
    }
    expect(server.connections()).toBe(0);
  });

  it('adds no header through a hostile sender name, subject or language', async () => {
    server = await startSmtpServer(ca, { auth: login });
    const nasty = 'a\r\nBcc: e@v.il';
    await expect(open(configFor(server, { from: `${nasty} <keys@north.example>` }))).rejects.toThrow(/^from:/);
    notifier = await open(configFor(server));
    await notifier.deliver({ ...sampleMail, subject: nasty, language: nasty });
    const [mail] = server.received;
    expect(mail?.parsed.subject).toBe('a Bcc: e@v.il');
    expect(mail?.parsed.bcc).toBeUndefined();
    expect(mail?.parsed.headers.has('content-language')).toBe(false);
  });

  it('speaks TLS from the first byte, and also plain text where both are on this machine', async () => {
    const tls = await begin({ security: 'tls' }, { security: 'tls' });
    expect(await tls.deliver(sampleMail)).toEqual({ is: 'delivered' });
    expect(server.received[0]?.secure).toBe(true);
    await tls.close();
    await server.close();
    const { caFile, username, password, ...plain } = configFor(await startAgain());
    notifier = await open({ ...plain, security: 'none' });
    expect(await notifier.deliver(sampleMail)).toEqual({ is: 'delivered' });
  });
  const startAgain = async (): Promise<TestSmtpServer> => {
    server = await startSmtpServer(ca, { security: 'none' });
    return server;
  };

  it.each(['mail.north.example', '10.0.0.5', '127.0.0.1.evil.example', '::ffff:10.0.0.5'])(
    'refuses to send unencrypted to %s',
    async (host) => {
      await begin();
      await expect(open(configFor(server, { host, security: 'none' }))).rejects.toThrow(/^security:/);
    },
  );

  it('refuses half a login and an unreadable CA file, naming the key', async () => {
    await begin();
    const { password, ...half } = configFor(server);
    await expect(open(half)).rejects.toThrow(/^password:/);
    await expect(open(configFor(server, { caFile: '/nowhere/ca.pem' }))).rejects.toThrow(/^caFile:.*ENOENT/);
  });

  // Every row must also send nothing: a message in the hands of the wrong server is lost.
  it.each<[string, SmtpServerSettings, Partial<SmtpConfig>, RegExp, string]>([
    ['an unknown authority', {}, { caFile: '/etc/ssl/certs/ca-certificates.crt' }, /authority/, 'caFile'],
    ['a certificate for another name', { certificate: 'other-name' }, {}, /another name/, 'host'],
    ['an expired certificate', { certificate: 'expired' }, {}, /expired/, 'host'],
    ['a server without STARTTLS', { security: 'none' }, {}, /no STARTTLS/, 'security'],
    ['TLS spoken to a STARTTLS port', {}, { security: 'tls' }, /does not speak TLS/, 'security'],
    ['STARTTLS spoken to a TLS port', { security: 'tls' }, {}, /no greeting/, 'security'],
    ['a wrong password', {}, { password: 'Wrong-Pass-1' }, /sign-in.*535/, 'password'],
    ['an unknown name', {}, { host: 'mail.invalid' }, /DNS/, 'host'],
  ])('tries again later and explains %s', async (_, settings, change, cause, key) => {
    const smtp = await begin(settings, change);
    const outcome = await smtp.deliver(sampleMail);
    expect(outcome).toMatchObject({ is: 'retry', cause: expect.stringMatching(cause) });
    const findings = await smtp.check();
    expect(findings.at(-1)).toMatchObject({ is: 'failed', cause: expect.stringMatching(cause), key });
    expect(findings.filter((finding) => finding.is === 'failed')).toHaveLength(1);
    expect(JSON.stringify([outcome, findings])).not.toMatch(/Mail-Pass|Wrong-Pass/);
    expect(server.received).toEqual([]);
  });

  it.each([
    ['sender refused for good', { at: 'mail', code: 550, text: '5.7.1 not your address' }, 'retry', /sender/],
    ['login that has to wait', { at: 'auth', code: 454, text: '4.7.0 busy' }, 'retry', /454/],
    ['login demanded', { at: 'rcpt', code: 530, text: '5.7.0 authentication required' }, 'retry', /sign-in/],
    ['mailbox full for now', { at: 'rcpt', code: 452, text: '4.2.2 full' }, 'retry', /later/],
    ['closing down', { at: 'mail', code: 421, text: '4.3.2 closing' }, 'retry', /421/],
    ['message deferred', { at: 'data', code: 451, text: '4.3.0 later' }, 'retry', /later/],
    ['bad sequence', { at: 'data', code: 503, text: '5.5.1 bad sequence' }, 'retry', /503/],
    ['mailbox gone', { at: 'rcpt', code: 551, text: '5.1.6 moved' }, 'rejected', /Recipient.*551/],
    ['message too big', { at: 'data', code: 552, text: '5.3.4 too big' }, 'rejected', /Message.*552/],
  ] as const)('classifies %s', async (_, fault, is, cause) => {
    const smtp = await begin();
    server.fault(fault);
    expect(await smtp.deliver(sampleMail)).toMatchObject({ is, cause: expect.stringMatching(cause) });
  });

  it('checks connection, certificate, login and sender, and sends nothing', async () => {
    const smtp = await begin();
    const findings = await smtp.check();
    expect(findings.map((finding) => finding.is)).toEqual(['ok', 'ok', 'ok', 'ok']);
    expect(findings.map((finding) => finding.what).join()).toMatch(/connect.*certificate.*sign in.*send as keys@/s);
    expect(server.received).toEqual([]);
  });

  it('finds a refused sender, and warns of one without a mailbox', async () => {
    const smtp = await begin();
    server.fault({ at: 'mail', code: 553, text: '5.7.1 not owned by sparekey' });
    expect((await smtp.check()).at(-1)).toMatchObject({
      is: 'failed',
      key: 'from',
      cause: expect.stringMatching(/553/),
    });
    server.fault({ at: 'rcpt', code: 550, text: '5.1.1 unknown' });
    expect((await smtp.check()).at(-1)).toMatchObject({ is: 'warning', key: 'from' });
  });

  it('warns before the certificate ends', async () => {
    const smtp = await begin();
    clock.advance(days(20));
    const findings = await smtp.check();
    clock.advance(-days(20));
    expect(findings).toContainEqual(
      expect.objectContaining({ is: 'warning', cause: expect.stringMatching(/ends on/) }),
    );
  });

  it('gives up a check on a server that never answers', async () => {
    const smtp = await begin();
    server.fault({ at: 'connect', does: 'hang' });
    expect(await smtp.check()).toMatchObject([{ is: 'failed', cause: expect.stringMatching(/greeting/) }]);
  });

  it('uses few connections for many messages', async () => {
    const smtp = await begin();
    const keys = Array.from({ length: 30 }, (_, n) => `k${n}`);
    await Promise.all(keys.map((idempotencyKey) => smtp.deliver({ ...sampleMail, idempotencyKey })));
    expect(server.received).toHaveLength(30);
    expect(server.connections()).toBeLessThanOrEqual(3);
  });
});
