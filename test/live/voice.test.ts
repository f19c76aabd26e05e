/** Real calls over SIP: the sender with baresip and espeak-ng, a second baresip as the phone, and a telephone system with faults. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SipConfig, sip } from '../../src/notify/voice/sip.ts';
import type { VoiceNotifier } from '../../src/notify/voice-notifier.ts';
import { sampleCall, voiceNotifierContract } from '../contract/voice-notifier.ts';
import { createFakeClock } from '../kit/fake-clock.ts';
import { until } from '../kit/servers/process.ts';
import { createEar, type Ear } from '../kit/servers/sip-ear.ts';
import { type ExchangeSettings, type SipExchange, startSipExchange } from '../kit/servers/sip-exchange.ts';
import { type SipPhone, startSipPhone } from '../kit/servers/sip-phone.ts';

const clock = createFakeClock();
const configFor = (server: string, change: Partial<SipConfig> = {}): SipConfig => ({
  server,
  transport: 'udp',
  user: 'sparekey',
  dialPrefix: '+',
  listenAddress: '127.0.0.1',
  rtpPorts: '20000-30000',
  connectTimeout: 5_000,
  ringTimeout: 2_000,
  keyTimeout: 7_000,
  calls: 4,
  ...change,
});
const open = async (config: SipConfig): Promise<VoiceNotifier> => sip.open(config, { clock });

const ears = new Map<string, Ear>();
beforeAll(() => {
  for (const [language, voice] of [
    ['en', 'en-gb'],
    ['de', 'de'],
    ['ar', 'ar'],
  ] as const) {
    ears.set(language, createEar(voice, 110));
  }
});
const ear = (language: string): Ear => {
  const found = ears.get(language);
  if (!found) throw new Error(`No ear for ${language}.`);
  return found;
};
const greetingOf = 'Hello. This is Northfield College. Please press the keys that your screen shows.';
const HALF_A_SECOND = 4_000;
const listening = async (phone: SipPhone): Promise<void> => {
  const hears = (): boolean => phone.heard().filter((sample) => Math.abs(sample) > 1_000).length > HALF_A_SECOND / 8;
  await until(() => phone.saw('CALL_ESTABLISHED') && hears(), 'the greeting', 15_000);
};

voiceNotifierContract('sip', async (kind) => {
  const phone = await startSipPhone({ number: sampleCall.to, answers: kind === 'answers' ? 'at-once' : 'by-hand' });
  return {
    notifier: await open(configFor(phone.server)),
    phone: {
      listening: () => listening(phone),
      press: phone.press,
      hangUp: phone.hangUp,
      digits: (language) => ear(language).digits(phone.heard()),
      greeted: (language) => ear(language).words(phone.heard(), greetingOf, 140),
    },
    close: phone.stop,
  };
});

describe.concurrent('sip', () => {
  const withExchange = async (
    settings: ExchangeSettings,
    change: Partial<SipConfig>,
    use: (notifier: VoiceNotifier, exchange: SipExchange) => Promise<void>,
  ): Promise<void> => {
    const exchange = await startSipExchange(settings);
    const notifier = await open(configFor(exchange.server, change));
    try {
      await use(notifier, exchange);
    } finally {
      await notifier.close();
      await exchange.close();
    }
  };

  it.each([
    [486, { is: 'busy' }],
    [600, { is: 'busy' }],
    [603, { is: 'declined' }],
    [480, { is: 'no-answer' }],
    [404, { is: 'rejected', cause: expect.stringMatching(/no such number/) }],
    [403, { is: 'retry', after: 60_000, cause: expect.stringMatching(/refuses us/) }],
    [503, { is: 'retry', cause: expect.stringMatching(/503/) }],
  ])('understands status %i', async (status, outcome) => {
    await withExchange({ calls: status }, {}, async (notifier, exchange) => {
      expect(await notifier.call(sampleCall)).toEqual(outcome);
      expect(exchange.count('INVITE')).toBeGreaterThan(0);
    });
  });

  it('dials with the prefix of the house', async () => {
    await withExchange({ calls: 486 }, { dialPrefix: '000' }, async (notifier, exchange) => {
      await notifier.call(sampleCall);
      expect(exchange.called[0]).toMatch(/^INVITE sip:000491701234567@127\.0\.0\.1:\d+/);
    });
  });

  it('stops ringing in time', async () => {
    await withExchange({ calls: 'ring' }, { ringTimeout: 1_000 }, async (notifier, exchange) => {
      expect(await notifier.call(sampleCall)).toEqual({ is: 'no-answer' });
      expect(exchange.count('CANCEL')).toBeGreaterThan(0);
    });
  });

  it('finds a telephone system that never answers', async () => {
    await withExchange({ calls: 'silent' }, { connectTimeout: 1_000, password: 'Sip-Pass-7' }, async (notifier) => {
      expect(await notifier.call(sampleCall)).toMatchObject({ is: 'retry', cause: expect.stringMatching(/server:/) });
      const [, registration] = await notifier.check();
      expect(registration).toMatchObject({ is: 'failed', key: 'server', fix: expect.any(String) });
    });
  });

  it('signs in for calls and proves it in the check', async () => {
    const settings = { calls: 486, login: { user: 'sparekey', password: 'Sip-Pass-7' } };
    await withExchange(settings, { password: 'Sip-Pass-7' }, async (notifier, exchange) => {
      expect(await notifier.call(sampleCall)).toEqual({ is: 'busy' });
      expect((await notifier.check()).map(({ is }) => is)).toEqual(['ok', 'ok']);
      expect(exchange.count('REGISTER')).toBeGreaterThan(0);
    });
    await withExchange(settings, { password: 'Wrong-Pass-1' }, async (notifier) => {
      const outcome = await notifier.call(sampleCall);
      expect(outcome).toMatchObject({ is: 'retry', cause: expect.stringMatching(/password/) });
      const findings = await notifier.check();
      expect(findings[1]).toMatchObject({
        is: 'failed',
        cause: expect.stringMatching(/refuses the account/),
        key: 'user',
      });
      expect(JSON.stringify([outcome, findings])).not.toMatch(/Wrong-Pass/);
    });
  });

  it('has no more calls at one time than allowed', async () => {
    await withExchange({ calls: 'ring' }, { calls: 1, ringTimeout: 1_000 }, async (notifier) => {
      const first = notifier.call(sampleCall);
      expect(await notifier.call(sampleCall)).toMatchObject({ is: 'retry', after: expect.any(Number) });
      expect(await first).toEqual({ is: 'no-answer' });
    });
  });

  it('takes keys by SIP INFO, and several of them', async () => {
    const phone = await startSipPhone({ number: sampleCall.to, answers: 'at-once', dtmf: 'info' });
    const notifier = await open(configFor(phone.server));
    try {
      const outcome = notifier.call({ ...sampleCall, key: '42' });
      await listening(phone);
      await phone.press('4');
      await phone.press('2');
      await until(() => ear('en').digits(phone.heard()) !== '', 'the first digit', 15_000);
      await phone.hangUp();
      expect(await outcome).toMatchObject({ is: 'answered' });
      expect(sampleCall.code).toContain(ear('en').digits(phone.heard()));
    } finally {
      await notifier.close();
      await phone.stop();
    }
  });
});

const folders = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('sparekey-call-'));
const children = (): string[] =>
  readdirSync('/proc')
    .filter((id) => /^\d+$/.test(id))
    .filter((id) => {
      try {
        return readFileSync(`/proc/${id}/cmdline`, 'utf8').includes('sparekey-call-');
      } catch {
        return false; // ended meanwhile
      }
    });

describe('what a call leaves behind', () => {
  let phone: SipPhone;
  beforeAll(async () => {
    phone = await startSipPhone({ number: sampleCall.to, answers: 'at-once' });
  });
  afterAll(() => phone.stop());

  it('is nothing: no sound while it speaks, no folder and no process after it was broken off', async () => {
    const before = folders();
    const notifier = await open(configFor(phone.server, { password: 'Sip-Pass-7' }));
    const outcome = notifier.call(sampleCall);
    await listening(phone);
    await phone.press(sampleCall.key);
    await until(() => ear('en').digits(phone.heard()) !== '', 'the first digit', 15_000);
    const [name = 'none'] = folders().filter((folder) => !before.includes(folder));
    const folder = join(tmpdir(), name);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(readdirSync(folder).filter((file) => file.startsWith('sound'))).toEqual([]);
    expect(readFileSync(join(folder, 'accounts'), 'utf8')).toBe('');
    expect(children()).toHaveLength(1);
    await notifier.close();
    expect(await outcome).toMatchObject({ is: 'retry' });
    expect(folders()).toEqual(before);
    expect(children()).toEqual([]);
    expect(await notifier.call(sampleCall)).toMatchObject({ is: 'retry' });
  });

  it('is no process when Sparekey is killed in the middle of a call, and no folder after its next start', async () => {
    const exchange = await startSipExchange({ calls: 'ring' });
    const source = pathToFileURL(join(import.meta.dirname, '../../src/notify/voice/sip.ts')).href;
    const call = `import('${source}').then(async ({ sip }) => (await sip.open(${JSON.stringify(
      configFor(exchange.server, { ringTimeout: 60_000 }),
    )}, {})).call(${JSON.stringify(sampleCall)}))`;
    const caller = spawn(process.execPath, ['-e', call], { stdio: 'ignore' });
    const itsFolders = (): string[] => folders().filter((name) => name.startsWith(`sparekey-call-${caller.pid}-`));
    try {
      await until(() => exchange.count('INVITE') > 0, 'the call to ring', 15_000);
      expect(children()).toHaveLength(1);
      expect(itsFolders()).toHaveLength(1);
      const gone = once(caller, 'exit');
      caller.kill('SIGKILL');
      await gone;
      await until(() => children().length === 0, 'baresip to end with it');
      await (await open(configFor(exchange.server))).close();
      expect(itsFolders()).toEqual([]);
    } finally {
      caller.kill('SIGKILL');
      await exchange.close();
    }
  });
});
