/** What reports work with. */
import type { FlowDeps } from '../../flow/deps.ts';
import type { Calendar } from './calendar.ts';
import type { Channel } from './counts.ts';

export interface ReportSettings {
  /** What a call to the help desk costs; absent: nobody said, so no money is shown. */
  costPerCall?: number | undefined;
  /** ISO 4217 */
  currency: string;
  /** 0 to 1: how many of those who helped themselves would have called. */
  callsAvoidedShare: number;
  /** Of one message. */
  prices: Readonly<Record<Channel, number>>;
  /** Who gets the weekly mail. */
  weekly: readonly string[];
  /** ms */
  keep: number;
}

export interface ReportDeps extends Pick<FlowDeps, 'storage' | 'audit' | 'outbox' | 'clock' | 'log'> {
  settings: ReportSettings;
  calendar: Calendar;
  /** Of mails. */
  language: string;
  /** Names of today's rules. */
  rules: readonly string[];
}
