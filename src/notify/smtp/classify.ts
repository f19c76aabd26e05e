/**
 * What a failed delivery means: try again, or never. Only a permanent answer about this recipient or this message is final;
 * whatever an operator can repair (login, certificate, refused sender) is tried again until the message is too old.
 */
import type { NodemailerError } from 'nodemailer';
import { seconds } from '../../kernel/clock.ts';
import type { DeliveryOutcome, MailMessage } from '../notifier.ts';
import { explain } from './explain.ts';

const LONGEST_REPLY = 240;

const bare = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');

/**
 * The server's reply on one line, without what was in the message: spam filters like to quote links, and the code or the
 * token in one must not reach a log.
 */
export function safeReply(reply: string | undefined, message: Pick<MailMessage, 'subject' | 'text' | 'html'>): string {
  const content = bare(`${message.subject}${message.text}${message.html}`);
  const line = (reply ?? '').replace(/%[0-9a-f]{2}|[\p{Cc}\s]+/giu, ' ').trim();
  // Words of the mail are harmless; what has a digit or is very long may be the code or the token.
  const shown = line.replace(/[\p{L}\p{N}_-]{4,}/gu, (piece) =>
    (/\d/.test(piece) || piece.length > 15) && content.includes(bare(piece)) ? '[…]' : piece,
  );
  return shown.slice(0, LONGEST_REPLY);
}

export function classify(error: NodemailerError, message: MailMessage): DeliveryOutcome {
  const reply = safeReply(error.response, message);
  const permanent = error.permanent ?? false;
  // 530: "authentication required" is about us, whichever command it answers.
  if (error.code === 'EAUTH' || error.responseCode === 530) {
    const { cause, fix, key } = explain({ ...error, message: '', name: '', code: 'EAUTH' }, reply);
    return { is: 'retry', after: permanent ? seconds(60) : seconds(5), cause: `${cause} ${key}: ${fix}` };
  }
  if (error.code === 'EENVELOPE' && error.command === 'API') {
    return { is: 'rejected', cause: 'The address is not one that can be sent to.' };
  }
  if (error.command === 'MAIL FROM' && permanent) {
    return {
      is: 'retry',
      after: seconds(60),
      cause: `The mail server refuses the sender (${reply}). from: use an allowed one.`,
    };
  }
  if (error.command === 'RCPT TO' && permanent) return { is: 'rejected', cause: `Recipient refused (${reply}).` };
  if (error.command === 'DATA' && permanent) return { is: 'rejected', cause: `Message refused (${reply}).` };
  if (error.responseCode !== undefined && error.code !== 'ETLS')
    return { is: 'retry', cause: `The mail server asks to try later (${reply}).` };
  const { cause, fix, key } = explain(error, reply);
  return { is: 'retry', cause: `${cause} ${key}: ${fix}` };
}
