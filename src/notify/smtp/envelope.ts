/**
 * Builds what nodemailer sends. Nothing from outside can add a header or a recipient: an address is one address or refused,
 * and every other field loses its control characters before it comes near a header.
 */
import { createHash } from 'node:crypto';
import type { SendMailOptions } from 'nodemailer';
import type { MailMessage } from '../notifier.ts';
import type { Sender } from './settings.ts';

const ONE_ADDRESS = /^[^\s<>,;:"()[\]\\@\p{Cc}]{1,64}@[^\s<>,;:"()[\]\\@\p{Cc}]{1,255}$/u;

/** Stricter than RFC 5321: no quoted local parts, no address literals, no lists, no display names. */
export const isOneAddress = (text: string): boolean => ONE_ADDRESS.test(text);

const oneLine = (text: string): string => text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();

/** The same for every attempt of one message, on every node. */
export const messageIdOf = (idempotencyKey: string, from: string): string => {
  const name = createHash('sha256').update(idempotencyKey).digest('base64url').slice(0, 32);
  return `<${name}@${from.slice(from.lastIndexOf('@') + 1)}>`;
};

export const toSend = (message: MailMessage, sender: Sender): SendMailOptions => ({
  envelope: { from: sender.address, to: [message.to] },
  from: { name: oneLine(sender.name), address: sender.address },
  to: { name: '', address: message.to },
  subject: oneLine(message.subject),
  messageId: messageIdOf(message.idempotencyKey, sender.address),
  text: message.text,
  html: message.html,
  headers: {
    // RFC 3834: no holiday notice in return; the second is what Exchange listens to.
    'Auto-Submitted': 'auto-generated',
    'X-Auto-Response-Suppress': 'All',
    ...(/^[A-Za-z0-9-]{1,35}$/.test(message.language) ? { 'Content-Language': message.language } : {}),
  },
  disableFileAccess: true,
  disableUrlAccess: true,
});
