/**
 * What every mail sender must do. Call `notifierContract(name, start)` in a test file; `start` makes a fresh sender with its
 * peer for each test. A sender whose peer can fail names `{ faults: true }` and gives the faults along with each peer.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MailMessage, MailNotifier } from '../../src/notify/notifier.ts';

/** One mail as the peer got it. */
export interface ArrivedMail {
  to: string[];
  subject: string;
  text: string;
  html: string;
  /** What tells a second copy from another message. */
  identity: string;
}

/** Each puts the peer into a state in which no delivery can succeed; `heal` ends all but `disappear`. */
export interface NotifierFaults {
  askForLater(): void;
  refuseRecipient(): void;
  /** With these words. */
  refuseMessage(reply: string): void;
  hangUpDuringMessage(): void;
  hangDuringMessage(): void;
  hangBeforeGreeting(): void;
  disappear(): Promise<void>;
  heal(): void;
}

export interface StartedNotifier {
  notifier: MailNotifier;
  arrived(): ArrivedMail[];
  faults?: NotifierFaults;
  close(): Promise<void>;
}

const CODE = '48319027';
const TOKEN = 'T0ken-abc_def';

export const sampleMail: MailMessage = {
  idempotencyKey: 'job-1',
  to: 'anna@north.example',
  subject: 'Ihr Code für die „Wiederherstellung“ عربي',
  text: `Code: ${CODE}\nhttps://keys.north.example/recover/link#${TOKEN}\n\nمرحبا 🔑\n.\nEnde`,
  html: '<p lang="de">Code: <b>4831 9027</b> für Jörg</p>',
  language: 'de',
};

export const hostileAddresses = [
  'x@y.z\r\nBcc: e@v.il',
  'x@y.z\nBcc: e@v.il',
  'x@y.z>\r\nRCPT TO:<e@v.il',
  'x@y.z, e@v.il',
  'x@y.z; e@v.il',
  'X <x@y.z>, e@v.il',
  'x@y.z e@v.il',
  'x\0@y.z',
  'x@y.z\u2028Bcc: e@v.il',
  '"x@y.z, e"@v.il',
];

const INJECTION = 'x@y.z\r\nBcc: e@v.il\r\n\r\nnew body';

export function notifierContract(
  name: string,
  start: () => Promise<StartedNotifier>,
  { faults: canFail = false } = {},
): void {
  describe(`${name} as a mail sender`, () => {
    let peer: StartedNotifier;
    beforeEach(async () => {
      peer = await start();
    });
    afterEach(async () => {
      await peer.notifier.close();
      await peer.close();
    });
    const reached = (): string[] => peer.arrived().flatMap((mail) => mail.to);

    it('delivers one mail to one address, whole, in any script', async () => {
      expect(await peer.notifier.deliver(sampleMail)).toEqual({ is: 'delivered' });
      const [mail, another] = peer.arrived();
      expect(another).toBeUndefined();
      expect(mail).toMatchObject({ to: [sampleMail.to], subject: sampleMail.subject });
      expect(mail?.text.trim()).toBe(sampleMail.text);
      expect(mail?.html.trim()).toBe(sampleMail.html);
    });

    it('delivers many at once, each to its own address', async () => {
      const keys = Array.from({ length: 12 }, (_, n) => `n${n}`);
      const messages = keys.map((key) => ({
        ...sampleMail,
        idempotencyKey: key,
        to: `${key}@north.example`,
        text: key,
      }));
      await Promise.all(messages.map((message) => peer.notifier.deliver(message)));
      const pairs = peer.arrived().map((mail) => `${mail.to} ${mail.text.trim()}`);
      expect(pairs.sort()).toEqual(keys.map((key) => `${key}@north.example ${key}`).sort());
    });

    it('gives every attempt of one message the same identity, and another message another', async () => {
      await peer.notifier.deliver(sampleMail);
      await peer.notifier.deliver(sampleMail);
      const same = new Set(peer.arrived().map((mail) => mail.identity));
      expect(same.size).toBe(1);
      await peer.notifier.deliver({ ...sampleMail, idempotencyKey: 'job-2' });
      expect(new Set(peer.arrived().map((mail) => mail.identity)).size).toBe(2);
    });

    it.each(hostileAddresses)('never reaches a second address through %j', async (to) => {
      const outcome = await peer.notifier.deliver({ ...sampleMail, to });
      expect(['delivered', 'rejected']).toContain(outcome.is);
      expect(reached().filter((address) => address !== to)).toEqual([]);
    });

    it.each(['subject', 'language', 'idempotencyKey'] as const)(
      'can not be given a recipient through %s',
      async (field) => {
        expect(await peer.notifier.deliver({ ...sampleMail, [field]: INJECTION })).toEqual({ is: 'delivered' });
        expect(reached()).toEqual([sampleMail.to]);
        expect(peer.arrived()[0]?.text.trim()).toBe(sampleMail.text);
      },
    );

    it('says how it stands, each failure with cause and fix', async () => {
      const findings = await peer.notifier.check();
      expect(findings.length).toBeGreaterThan(0);
      for (const finding of findings) {
        if (finding.is !== 'ok') expect(finding).toMatchObject({ cause: expect.any(String), fix: expect.any(String) });
      }
      expect(findings.filter((finding) => finding.is === 'failed')).toEqual([]);
    });

    if (!canFail) return;
    const faults = (): NotifierFaults => {
      if (!peer.faults) throw new Error('No faults were given.');
      return peer.faults;
    };
    const outcomes: [string, (faults: NotifierFaults) => void | Promise<void>, string][] = [
      ['the peer asks for later', (make) => make.askForLater(), 'retry'],
      ['the peer hangs up in the middle of the message', (make) => make.hangUpDuringMessage(), 'retry'],
      ['the peer hangs in the middle of the message', (make) => make.hangDuringMessage(), 'retry'],
      ['the peer does not greet', (make) => make.hangBeforeGreeting(), 'retry'],
      ['nobody is there', (make) => make.disappear(), 'retry'],
      ['the recipient is refused', (make) => make.refuseRecipient(), 'rejected'],
      ['the message is refused', (make) => make.refuseMessage('not wanted'), 'rejected'],
    ];

    it.each(outcomes)('when %s', async (_, make, is) => {
      await make(faults());
      expect(await peer.notifier.deliver(sampleMail)).toMatchObject({ is, cause: expect.stringMatching(/\w{3}/) });
      expect(reached()).toEqual([]);
    });

    it.each(outcomes.slice(0, 4))('delivers again after %s', async (_, make) => {
      await make(faults());
      await peer.notifier.deliver(sampleMail);
      faults().heal();
      expect(await peer.notifier.deliver(sampleMail)).toEqual({ is: 'delivered' });
      expect(reached()).toEqual([sampleMail.to]);
    });

    it('keeps what was in the message out of the cause, even when the peer quotes it', async () => {
      const link = `https://keys.north.example/recover/link#${TOKEN}`;
      faults().refuseMessage(`5.7.1 found ${CODE} and 4831 9027 in <${link}>, also ${link.toUpperCase()}.`);
      const outcome = await peer.notifier.deliver(sampleMail);
      expect(outcome).toMatchObject({ is: 'rejected', cause: expect.stringContaining('5.7.1 found') });
      expect(JSON.stringify(outcome)).not.toMatch(/4831|9027|T0ken/i);
    });

    it('turns an absent peer into a failed finding', async () => {
      await faults().disappear();
      const failed = (await peer.notifier.check()).filter((finding) => finding.is === 'failed');
      expect(failed).toMatchObject([{ cause: expect.any(String), fix: expect.any(String), key: expect.any(String) }]);
    });
  });
}
