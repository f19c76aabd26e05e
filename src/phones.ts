/** Texts and calls: opens their senders in order, and makes the outbox's two jobs of them. */
import type { FastifyBaseLogger } from 'fastify';
import type { Audit } from './audit/audit.ts';
import { type AuditEvent, auditEvents } from './audit/events.ts';
import type { PhoneCosts } from './flow/phone-costs.ts';
import type { Clock } from './kernel/clock.ts';
import type { Webhook } from './kernel/webhook.ts';
import { createCallHandler } from './notify/call-handler.ts';
import type { CallbackPorts } from './notify/deliveries.ts';
import { createDemoPhone, type DemoPhone } from './notify/demo-phone.ts';
import { textNotifiers, voiceNotifiers } from './notify/index.ts';
import type { PhoneReports } from './notify/phone-delivery.ts';
import type { PhoneSignals } from './notify/phone-signals.ts';
import type { Brand } from './notify/templates/index.ts';
import { createTextHandler, type TextSender } from './notify/text-handler.ts';
import type { TextNotifier, TextReceipt } from './notify/text-notifier.ts';
import type { VoiceNotifier } from './notify/voice-notifier.ts';
import { OUTBOX_DEFAULTS, type OutboxSettings } from './outbox/settings.ts';
import type { SparekeyConfig } from './registries.ts';
import type { Storage } from './storage/storage.ts';

type Sections = Pick<SparekeyConfig, 'texts' | 'calls'>;

export interface Phones {
  /** The preferred one first. */
  texts: readonly (TextSender & { notifier: TextNotifier })[];
  calls: VoiceNotifier | undefined;
  /** What the `demo-phone` senders kept. */
  phone: DemoPhone;
  /** What happens with a receipt; nothing before somebody says so. */
  receipts: { take(receipt: TextReceipt): void };
  /** What providers call back. */
  webhooks: readonly Webhook[];
  close(): Promise<void>;
}

export async function openTextSender(
  section: Sections['texts']['senders'][number],
  ports: { clock: Clock; callbacks?: CallbackPorts; phone: DemoPhone; onReceipt(receipt: TextReceipt): void },
): Promise<TextNotifier> {
  const plugin = textNotifiers.find(({ id }) => id === section.type);
  if (!plugin) throw new Error(`No sender of texts ${section.type}.`);
  return plugin.open(section as never, ports);
}

export async function openCalls(
  section: NonNullable<Sections['calls']>,
  ports: { clock: Clock; callbacks?: CallbackPorts; phone: DemoPhone },
): Promise<VoiceNotifier> {
  const plugin = voiceNotifiers.find(({ id }) => id === section.type);
  if (!plugin) throw new Error(`No sender of calls ${section.type}.`);
  return plugin.open(section as never, ports);
}

/** `smpp`, or `smpp 2` where it is the second sender. */
export const senderName = (type: string, index: number): string => (index === 0 ? type : `${type} ${index + 1}`);

export async function openPhones({ texts, calls }: Sections, clock: Clock, callbacks: CallbackPorts): Promise<Phones> {
  const phone = createDemoPhone();
  const receipts: Phones['receipts'] = { take: () => {} };
  const onReceipt = (receipt: TextReceipt) => receipts.take(receipt);
  const opened: Phones['texts'][number][] = [];
  let voice: VoiceNotifier | undefined;
  const close = async () => {
    for (const { notifier } of opened) await notifier.close();
    await voice?.close();
  };
  try {
    for (const [index, section] of texts.senders.entries())
      opened.push({
        name: senderName(section.type, index),
        notifier: await openTextSender(section, { clock, callbacks, phone, onReceipt }),
      });
    voice = calls && (await openCalls(calls, { clock, callbacks, phone }));
  } catch (error) {
    await close();
    throw error;
  }
  const webhooks = [...opened.map(({ notifier }) => notifier), voice].flatMap((sender) => sender?.webhooks ?? []);
  return { texts: opened, calls: voice, phone, receipts, webhooks, close };
}

/** A call holds its place for as long as it rings and speaks: it must not be given up, nor keep mails waiting. */
export const outboxFor = ({ calls }: Sections): Partial<OutboxSettings> =>
  calls === undefined
    ? {}
    : {
        handlerMs: 3 * OUTBOX_DEFAULTS.handlerMs,
        concurrency:
          OUTBOX_DEFAULTS.concurrency + ('calls' in calls ? Number(calls.calls) : OUTBOX_DEFAULTS.concurrency),
      };

export interface PhoneJobs {
  phones: Phones;
  phoneCosts: PhoneCosts;
  brand: Brand;
  clock: Clock;
  storage: Storage;
  audit: Audit;
  logger: Pick<FastifyBaseLogger, 'warn' | 'error'>;
  signals?: PhoneSignals | undefined;
}

/** The outbox's handlers by kind. */
export function phoneJobs({ phones, phoneCosts, brand, clock, storage, audit, logger, signals }: PhoneJobs) {
  const note = (event: AuditEvent, job: string, reason: string): void => {
    logger.warn({ job, reason }, auditEvents[event]);
    storage
      .transaction((trx) => audit.append(trx, { event, outcome: 'failure', actor: 'system', reason, detail: { job } }))
      .catch((error) => logger.error({ err: error }, 'What became of a message could not be written to the audit.'));
  };
  phones.receipts.take = (receipt) => {
    if (receipt.is === 'lost') note('texts.lost', receipt.idempotencyKey, receipt.cause);
  };
  const reports: PhoneReports = {
    withheld: (job, cause) => note('texts.withheld', job, cause),
    unspoken: (job, how) => note('calls.unspoken', job, how),
    warn: (detail, message) => logger.warn(detail, message),
  };
  return {
    text: createTextHandler({
      senders: phones.texts,
      brand,
      clock,
      reports,
      mayNotify: () => phoneCosts.notice(clock.now()),
      signals,
    }),
    call: createCallHandler({ notifier: phones.calls, organisation: brand.organisation, reports, signals }),
  };
}
