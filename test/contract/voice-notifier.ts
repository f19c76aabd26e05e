/**
 * What every sender of calls must do. Call `voiceNotifierContract(name, start)` in a test file; `start` makes a fresh sender
 * with a phone for each test. What the phone heard is told by `digits`; calls take real time, so the tests run side by side.
 */
import { describe, expect, it } from 'vitest';
import type { VoiceCall, VoiceNotifier } from '../../src/notify/voice-notifier.ts';
import { until } from '../kit/servers/process.ts';

export interface StartedVoiceNotifier {
  notifier: VoiceNotifier;
  phone: {
    /** Resolves when the call is connected and the greeting can be heard. */
    listening(): Promise<void>;
    press(digit: string): Promise<void>;
    hangUp(): Promise<void>;
    /** Digits that were heard, after the call. */
    digits(language: string): string;
    /** Whether it heard the greeting. */
    greeted(language: string): boolean;
  };
  close(): Promise<void>;
}

export const sampleCall: VoiceCall = {
  idempotencyKey: 'job-1',
  to: '+491701234567',
  language: 'en',
  organisation: 'Northfield College',
  key: '4',
  code: '7309',
};

export function voiceNotifierContract(
  name: string,
  start: (phone: 'answers' | 'silent') => Promise<StartedVoiceNotifier>,
): void {
  describe.concurrent(`${name} as a sender of calls`, () => {
    const withPhone = async (
      kind: 'answers' | 'silent',
      use: (started: StartedVoiceNotifier) => Promise<void>,
    ): Promise<void> => {
      const started = await start(kind);
      try {
        await use(started);
      } finally {
        await started.notifier.close();
        await started.close();
      }
    };

    it.each(['en', 'de', 'ar'])('speaks the digits twice in %s, once the key was pressed', async (language) => {
      await withPhone('answers', async ({ notifier, phone }) => {
        const call = { ...sampleCall, language };
        const outcome = notifier.call(call);
        await phone.listening();
        await phone.press(call.key);
        expect(await outcome).toEqual({ is: 'answered', spoken: 'whole' });
        expect(phone.digits(language)).toBe(call.code.repeat(2));
      });
    });

    it('says nothing to a voicemail box', async () => {
      await withPhone('answers', async ({ notifier, phone }) => {
        expect(await notifier.call(sampleCall)).toEqual({ is: 'machine' });
        expect(phone.greeted('en')).toBe(true);
        expect(phone.digits('en')).toBe('');
      });
    });

    it.each([
      ['a wrong key', '5'],
      ['a recorded row of all keys', '1234567890'],
    ])('hangs up at %s', async (_, keys) => {
      await withPhone('answers', async ({ notifier, phone }) => {
        const outcome = notifier.call(sampleCall);
        await phone.listening();
        for (const key of keys) await phone.press(key).catch(() => {}); // the call may be over by then
        expect(await outcome).toEqual({ is: 'wrong-key' });
        expect(phone.digits('en')).toBe('');
      });
    });

    it('notices who hangs up before a key, and who hangs up in the middle of the digits', async () => {
      await withPhone('answers', async ({ notifier, phone }) => {
        const outcome = notifier.call(sampleCall);
        await phone.listening();
        await phone.hangUp();
        expect(await outcome).toEqual({ is: 'declined' });
      });
      await withPhone('answers', async ({ notifier, phone }) => {
        const outcome = notifier.call(sampleCall);
        await phone.listening();
        await phone.press(sampleCall.key);
        await until(() => phone.digits('en') !== '', 'the first digit', 15_000);
        await phone.hangUp();
        expect(await outcome).toEqual({ is: 'answered', spoken: 'part' });
      });
    });

    it('gives up when nobody answers', async () => {
      await withPhone('silent', async ({ notifier }) => {
        expect(await notifier.call(sampleCall)).toEqual({ is: 'no-answer' });
      });
    });

    it.each(['01701234567', '+49170;transport=tcp', '+491701234567@evil.example', '', '+49 170'])(
      'calls nobody for %j',
      async (to) => {
        await withPhone('silent', async ({ notifier }) => {
          expect(await notifier.call({ ...sampleCall, to })).toEqual({ is: 'rejected', cause: expect.any(String) });
        });
      },
    );

    it('says how it stands, without a failure', async () => {
      await withPhone('silent', async ({ notifier }) => {
        const findings = await notifier.check();
        expect(findings.length).toBeGreaterThan(0);
        expect(findings.filter(({ is }) => is === 'failed')).toEqual([]);
      });
    });
  });
}
