/** The parts of the SMTP sender that need no server: what goes into headers, and what may come out in a cause. */
import { describe, expect, it } from 'vitest';
import { safeReply } from '../../../src/notify/smtp/classify.ts';
import { isOneAddress, messageIdOf, toSend } from '../../../src/notify/smtp/envelope.ts';
import { explain } from '../../../src/notify/smtp/explain.ts';
import { senderOf, smtpOptions } from '../../../src/notify/smtp/settings.ts';
import { hostileAddresses, sampleMail } from '../../contract/notifier.ts';

const sender = { name: 'Northfield College', address: 'keys@north.example' };
const config = {
  host: 'mail.north.example',
  port: 587,
  security: 'starttls',
  from: 'keys@north.example',
  connectTimeout: 10_000,
  replyTimeout: 30_000,
  connections: 3,
} as const;

it.each(['anna@north.example', 'a.b+c@x.co', 'jörg@müller.example', "o'neill@x.ie"])(
  'takes %j for one address',
  (to) => {
    expect(isOneAddress(to)).toBe(true);
  },
);

it.each([...hostileAddresses, '', 'nobody', '@x.y', 'x@', 'x@y@z', '<x@y.z>', 'x@y.z\t', 'x@[127.0.0.1]'])(
  'does not take %j for one address',
  (to) => {
    expect(isOneAddress(to)).toBe(false);
  },
);

describe('headers', () => {
  const NASTY = 'x@y.z\r\nBcc: e@v.il\u2028\0';
  const mail = toSend(
    { ...sampleMail, subject: NASTY, language: NASTY, idempotencyKey: NASTY },
    { name: NASTY, address: 'keys@north.example' },
  );

  it('hold no line break, whatever comes in', () => {
    const headers = JSON.stringify([mail.subject, mail.from, mail.messageId, mail.headers]);
    expect(headers).not.toMatch(/\\r|\\n|\\u0000|\u2028/);
  });

  it('never come from a file or an address on the net', () => {
    expect(mail).toMatchObject({ disableFileAccess: true, disableUrlAccess: true });
  });

  it('carry an id made of the key, on the domain of the sender', () => {
    expect(messageIdOf('a', sender.address)).toBe(messageIdOf('a', sender.address));
    expect(messageIdOf('a', sender.address)).not.toBe(messageIdOf('b', sender.address));
    expect(messageIdOf(NASTY, sender.address)).toMatch(/^<[\w-]+@north\.example>$/);
  });
});

describe('safeReply', () => {
  it.each([
    ['550 5.7.1 spam: 48319027', '550 5.7.1 spam: […]'],
    ['554 code "48319027".', '554 code "[…]".'],
    ['554 4831-9027 and 4831 9027', '554 […] and […] […]'],
    [
      '554 <https://keys.north.example/recover/link#T0ken-abc_def>',
      '554 <https://keys.north.example/recover/link#[…]>',
    ],
    ['554 LINK#T0KEN-ABC_DEF listed', '554 LINK#[…] listed'],
    ['554 url=link%23T0ken-abc_def;', '554 url=link […];'],
    ['554 T0ken-abc', '554 […]'],
    ['550 5.1.1 user 123456 unknown', '550 5.1.1 user 123456 unknown'],
    ['450 4.7.1 try\r\n450 later', '450 4.7.1 try 450 later'],
    ['', ''],
  ])('%j becomes %j', (reply, shown) => {
    expect(safeReply(reply, sampleMail)).toBe(shown);
  });

  it('cuts a very long reply', () => {
    expect(safeReply('x '.repeat(5_000), sampleMail).length).toBeLessThanOrEqual(240);
  });
});

describe('settings', () => {
  it.each(['mail.north.example', '10.0.0.5', '127.0.0.1.evil.example', '::', '0.0.0.0', 'localhost.evil.example'])(
    'no unencrypted mail to %s',
    (host) => {
      expect(() => smtpOptions({ ...config, host, security: 'none' })).toThrow(/^security:/);
    },
  );

  it.each(['localhost', '127.0.0.1', '127.9.9.9', '::1'])('unencrypted mail to %s', (host) => {
    expect(smtpOptions({ ...config, host, security: 'none' })).toMatchObject({ secure: false, ignoreTLS: true });
  });

  it('insists on TLS otherwise', () => {
    expect(smtpOptions(config)).toMatchObject({ requireTLS: true, secure: false, ignoreTLS: false });
    expect(smtpOptions({ ...config, security: 'tls' })).toMatchObject({ secure: true });
    expect(smtpOptions(config).tls).toMatchObject({ minVersion: 'TLSv1.2' });
    expect(smtpOptions(config).tls).not.toHaveProperty('rejectUnauthorized');
  });

  it('reads a sender with and without a name', () => {
    expect(senderOf('keys@north.example')).toEqual({ name: '', address: 'keys@north.example' });
    expect(senderOf('Northfield College <keys@north.example>')).toEqual(sender);
    expect(senderOf('Köln, "IT" <it@k.example>')).toEqual({ name: 'Köln, "IT"', address: 'it@k.example' });
  });

  it.each(['', 'x', 'a@b, c@d', 'A <a@b>, B <c@d>', 'A\r\nBcc: x@y <a@b>', '<a@b>'])('refuses %j as sender', (from) => {
    expect(() => senderOf(from)).toThrow(/^from:/);
  });
});

it('explains what it does not know without inventing a cause', () => {
  const explained = explain(Object.assign(new Error('odd'), { code: 'EODD' }));
  expect(explained).toMatchObject({ cause: expect.stringContaining('EODD'), fix: expect.any(String) });
});
