/**
 * What every sender of texts must do. Call `textNotifierContract(name, start)` in a test file; `start` makes a fresh sender
 * with its peer for each test. A sender whose peer can fail names `{ faults: true }` and gives the faults along with each peer.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TextMessage, TextNotifier } from '../../src/notify/text-notifier.ts';
import { until } from '../kit/servers/process.ts';

export interface ArrivedText {
  /** As the peer got it, with or without +. */
  to: string;
  text: string;
}

/** Each puts the peer into a state in which no delivery can succeed; `heal` ends all but `disappear`. */
export interface TextFaults {
  askForLater(): void;
  hangUpDuringMessage(): void;
  hangDuringMessage(): void;
  refuseMessage(reply: string): void;
  disappear(): Promise<void>;
  heal(): void;
}

export interface StartedTextNotifier {
  notifier: TextNotifier;
  arrived(): ArrivedText[];
  faults?: TextFaults;
  close(): Promise<void>;
}

const CODE = '483190';

export const sampleText: TextMessage = {
  idempotencyKey: 'job-1',
  to: '+491701234567',
  text: `Ihr Code für Northfield: ${CODE} {to} & "€" <b> %41 \\ ^[~]\n\n@keys.north.example #${CODE}`,
  language: 'de',
};

export const arabicText = `رمزك هو ${CODE} 🔑 ${'مرحبا '.repeat(14)}\n\n@keys.north.example #${CODE}`;

export const hostileNumbers = [
  '+491701234567&to=+4999',
  '+491701234567,+491701234568',
  '+491701234567\r\nX: y',
  '+491701234567\0',
  '+49170 1234567',
  '01701234567',
  '+',
  '',
  '","to":"+4999',
  '+٤٩١٧٠١٢٣٤٥٦٧',
];

const INJECTION = 'x&to=+4999\r\nTo: +4999\r\n\r\n","to":"+4999","x":"';

export function textNotifierContract(
  name: string,
  start: () => Promise<StartedTextNotifier>,
  { faults: canFail = false } = {},
): void {
  describe(`${name} as a sender of texts`, () => {
    let peer: StartedTextNotifier;
    beforeEach(async () => {
      peer = await start();
    });
    afterEach(async () => {
      await peer.notifier.close();
      await peer.close();
    });
    const bare = (number: string): string => number.replace(/^\+/, '');
    const arrival = async (count: number): Promise<ArrivedText[]> => {
      await until(() => peer.arrived().length >= count, `${count} texts to arrive`);
      return peer.arrived();
    };

    it.each([
      ['in the GSM alphabet', sampleText.text],
      ['in several segments', `${'Äpfel für {Jörg} kosten 5 €. '.repeat(12)}#${CODE}`],
      ['in Arabic with a pictogram', arabicText],
      ['of nothing but pictograms', '🔑'.repeat(70)],
    ])('delivers a text whole %s, once, to one number', async (_, text) => {
      expect(await peer.notifier.deliver({ ...sampleText, text })).toEqual({ is: 'delivered' });
      const [first, another] = await arrival(1);
      expect(another).toBeUndefined();
      expect(bare(first?.to ?? '')).toBe(bare(sampleText.to));
      expect(first?.text).toBe(text);
    });

    it('delivers many at once, each to its own number', async () => {
      const numbers = Array.from({ length: 12 }, (_, n) => `+4917012345${10 + n}`);
      await Promise.all(
        numbers.map((to) => peer.notifier.deliver({ ...sampleText, idempotencyKey: to, to, text: `for ${to}` })),
      );
      const pairs = (await arrival(12)).map(({ to, text }) => `+${bare(to)} ${text}`);
      expect(pairs.sort()).toEqual(numbers.map((to) => `${to} for ${to}`).sort());
    });

    it.each(hostileNumbers)('sends nothing to %j', async (to) => {
      const outcome = await peer.notifier.deliver({ ...sampleText, to });
      expect(outcome).toEqual({ is: 'rejected', cause: expect.any(String) });
      expect(await peer.notifier.deliver(sampleText)).toEqual({ is: 'delivered' });
      expect((await arrival(1)).map((text) => bare(text.to))).toEqual([bare(sampleText.to)]);
    });

    it.each(['text', 'language', 'idempotencyKey'] as const)('can not be given a number through %s', async (field) => {
      const message = { ...sampleText, [field]: INJECTION };
      expect(await peer.notifier.deliver(message)).toEqual({ is: 'delivered' });
      const arrived = await arrival(1);
      expect(arrived.map((text) => bare(text.to))).toEqual([bare(sampleText.to)]);
      expect(arrived[0]?.text).toBe(message.text);
    });

    it('says how it stands, without a failure', async () => {
      const findings = await peer.notifier.check();
      expect(findings.length).toBeGreaterThan(0);
      expect(findings.filter(({ is }) => is === 'failed')).toEqual([]);
      for (const finding of findings) {
        if (finding.is !== 'ok') expect(finding).toMatchObject({ cause: expect.any(String), fix: expect.any(String) });
      }
      expect(peer.arrived()).toEqual([]);
    });

    if (!canFail) return;
    const faults = (): TextFaults => {
      if (!peer.faults) throw new Error('No faults were given.');
      return peer.faults;
    };
    const outcomes: [string, (faults: TextFaults) => void | Promise<void>, string][] = [
      ['the peer asks for later', (make) => make.askForLater(), 'retry'],
      ['the peer hangs up in the middle of the message', (make) => make.hangUpDuringMessage(), 'retry'],
      ['the peer hangs in the middle of the message', (make) => make.hangDuringMessage(), 'retry'],
      ['nobody is there', (make) => make.disappear(), 'retry'],
      ['the message is refused', (make) => make.refuseMessage('not wanted'), 'rejected'],
    ];

    it.each(outcomes)('when %s', async (_, make, is) => {
      await make(faults());
      const outcome = await peer.notifier.deliver(sampleText);
      expect(outcome).toMatchObject({ is, cause: expect.stringMatching(/\w{3}/) });
      expect(JSON.stringify(outcome)).not.toMatch(/4831|1701234567|Northfield/);
      expect(peer.arrived()).toEqual([]);
    });

    it.each(outcomes.slice(0, 3))('delivers again after %s', async (_, make) => {
      await make(faults());
      await peer.notifier.deliver(sampleText);
      faults().heal();
      await until(
        async () => (await peer.notifier.deliver(sampleText)).is === 'delivered',
        'the sender to recover',
        15_000,
      );
      expect((await arrival(1)).map(({ text }) => text)).toEqual([sampleText.text]);
    });

    it('keeps what was in the message out of the cause, even when the peer quotes it', async () => {
      faults().refuseMessage(`spam: "${sampleText.text}" 4 8 3 1 9 0, 483-190 for ${sampleText.to} NDgzMTkw`);
      const outcome = await peer.notifier.deliver(sampleText);
      expect(outcome.is).toBe('rejected');
      expect(JSON.stringify(outcome)).not.toMatch(/4831|190|1701234567|4 8 3|NDgz|Northfield/);
    });

    it('turns an absent peer into a failed finding', async () => {
      await faults().disappear();
      const failed = (await peer.notifier.check()).filter(({ is }) => is === 'failed');
      expect(failed).toMatchObject([{ cause: expect.any(String), fix: expect.any(String), key: expect.any(String) }]);
    });
  });
}
