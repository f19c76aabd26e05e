/** The parts of the SMPP sender that need no message centre. */
import { expect, it } from 'vitest';
import { submitsOf } from '../../../src/notify/sms/smpp-parts.ts';
import { addressOf, relativeTime, type SmppConfig, smppConnection } from '../../../src/notify/sms/smpp-settings.ts';

const config: SmppConfig = {
  host: 'smsc.example',
  port: 3550,
  security: 'tls',
  systemId: 'x',
  password: 'y',
  systemType: '',
  sender: '',
  concatenation: 'udh',
  receipts: true,
  validity: 600_000,
  window: 1,
  enquireEvery: 1_000,
  connectTimeout: 1_000,
  replyTimeout: 1_000,
};

it.each(['smsc.example', '203.0.113.9', '127.0.0.1.evil.example', '10.evil.example', '172.32.0.1', '100.64.0.1'])(
  'refuses to send unencrypted to %s',
  (host) => expect(() => smppConnection({ ...config, host, security: 'none' })).toThrow(/^security:/),
);

it.each(['localhost', '127.0.0.1', '10.1.2.3', '172.16.0.1', '192.168.1.1', 'fd12::1'])(
  'may send unencrypted to %s',
  (host) => {
    expect(smppConnection({ ...config, host, security: 'none' })).toEqual({ host, port: 3550 });
  },
);

it('verifies certificates, by name', () => {
  expect(smppConnection(config)).toMatchObject({ tls: true, servername: 'smsc.example', minVersion: 'TLSv1.2' });
  expect(smppConnection(config)).not.toHaveProperty('rejectUnauthorized');
});

it.each([
  [600_000, '000000001000000R'],
  [60_000, '000000000100000R'],
  [86_400_000, '000001000000000R'],
  [90_061_000, '000001010101000R'],
])('writes %i ms as %s', (ms, text) => expect(relativeTime(ms)).toBe(text));

it.each([
  ['', { addr: '', ton: 0, npi: 0 }],
  ['+491234567', { addr: '491234567', ton: 1, npi: 1 }],
  ['12345', { addr: '12345', ton: 3, npi: 1 }],
  ['Northfield', { addr: 'Northfield', ton: 5, npi: 0 }],
])('writes the sender %j as SMPP wants it', (sender, address) => expect(addressOf(sender)).toEqual(address));

it('marks the parts of one message alike at every attempt, and asks for one receipt', () => {
  const message = { idempotencyKey: 'job-1', to: '+491701234567', text: 'x'.repeat(400), language: 'en' };
  const parts = submitsOf(message, config);
  expect(parts.map(({ registered_delivery }) => registered_delivery)).toEqual([0, 0, 1]);
  expect(submitsOf(message, config)).toEqual(parts);
  expect(parts.map(({ short_message: part }) => [...(part as Buffer).subarray(4, 6)])).toEqual([
    [3, 1],
    [3, 2],
    [3, 3],
  ]);
});
