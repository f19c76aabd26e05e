/** Makes a feed of what the configuration says: format and way. */
import type { Clock } from '../../kernel/clock.ts';
import { jsonLine } from '../export.ts';
import { cefFormat } from './cef.ts';
import type { Carrier, Feed, Format } from './feed.ts';
import { createLinesFile } from './lines-file.ts';
import { openLine, type Receiver } from './network.ts';
import { insideSyslog, octetCounted, syslogFormat } from './syslog.ts';
import { createWebhookCarrier, type WebhookReceiver } from './webhook.ts';

interface Shared {
  id: string;
  events: readonly string[];
  from: 'beginning' | 'now';
  /** ms */
  timeout: number;
}

export type FeedSettings = Shared &
  (
    | ({ type: 'syslog' } & Receiver)
    | ({ type: 'cef' | 'json' } & Omit<Receiver, 'host'> & { host?: string | undefined; file?: string | undefined })
    | ({ type: 'webhook' } & WebhookReceiver)
  );

export interface FeedPorts {
  clock: Clock;
  /** Who tells: the host of our own address. */
  hostname: string;
  /** Of Sparekey. */
  version: string;
}

const json: Format = (record) => jsonLine(record).trimEnd();

/** Each record framed for a stream. */
function overNetwork(receiver: Receiver, clock: Clock, framed: Format): Carrier {
  const line = openLine(receiver, clock);
  return {
    to: line.to,
    carry: (records) => line.send(Buffer.from(records.map(framed).join(''))),
    check: () => line.check(),
  };
}

function carrierOf(settings: FeedSettings, { clock, hostname, version }: FeedPorts): Carrier {
  if (settings.type === 'webhook') return createWebhookCarrier(settings.id, settings, clock);
  if (settings.type === 'syslog') {
    const format = syslogFormat(hostname);
    return overNetwork(settings, clock, (record) => octetCounted(format(record)));
  }
  const format = settings.type === 'json' ? json : cefFormat(version, hostname);
  const { host, file } = settings;
  if (file !== undefined) return createLinesFile(file, format);
  if (host === undefined) throw new Error('host: is missing, and file, too.');
  const wrapped = insideSyslog(hostname, format);
  const framed: Format =
    settings.type === 'json' ? (record) => `${json(record)}\n` : (record) => octetCounted(wrapped(record));
  return overNetwork({ ...settings, host }, clock, framed);
}

/** @throws Error that names the key when a value can't be used. */
export function openFeed(settings: FeedSettings, ports: FeedPorts): Feed {
  const { id, type, from, events, timeout } = settings;
  const takes = (event: string): boolean =>
    events.length === 0 || events.some((one) => (one.endsWith('.') ? event.startsWith(one) : event === one));
  return { id, type, from, longest: timeout, takes, ...carrierOf(settings, ports) };
}
