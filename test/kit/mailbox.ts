/** Reads what a test SMTP server received: by address, by kind, and the code in the newest one. */
import { until } from './servers/process.ts';
import type { ReceivedMail, TestSmtpServer } from './servers/smtp.ts';

export interface Mailbox {
  /** Subjects of everything that came for this address, oldest first. */
  subjects(address: string): string[];
  received(address: string): ReceivedMail[];
  /** Waits until `count` mails came whose subject fits. */
  arrive(address: string, subject: RegExp, count?: number, deadline?: number): Promise<ReceivedMail[]>;
  /** How many mails there are for this address: give it to `code` as `after`. */
  mark(address: string): number;
  /** The code in the first mail with a code after the mark. */
  code(address: string, after?: number, deadline?: number): Promise<string>;
}

const CODE = /\b(\d{4}) ?(\d{4})\b/;
const ASKS = /code to get back in|is this address yours/i;

export function createMailbox(smtp: Pick<TestSmtpServer, 'received'>): Mailbox {
  const received = (address: string) => smtp.received.filter(({ envelope }) => envelope.to.includes(address));
  const subjectOf = ({ parsed }: ReceivedMail) => parsed.subject ?? '';
  return {
    received,
    subjects: (address) => received(address).map(subjectOf),
    mark: (address) => received(address).length,
    async arrive(address, subject, count = 1, deadline = 20_000) {
      const fitting = () => received(address).filter((mail) => subject.test(subjectOf(mail)));
      await until(() => fitting().length >= count, `${count} × ${subject} for ${address}`, deadline);
      return fitting();
    },
    async code(address, after = 0, deadline = 20_000) {
      const found = () =>
        received(address)
          .slice(after)
          .findLast((mail) => ASKS.test(subjectOf(mail)));
      await until(() => found() !== undefined, `a code for ${address}`, deadline);
      const code = CODE.exec(found()?.parsed.text ?? '');
      if (!code) throw new Error(`No code in: ${found()?.parsed.text}`);
      return `${code[1]}${code[2]}`;
    },
  };
}
