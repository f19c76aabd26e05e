/** What readiness works with. */
import type { FlowDeps } from '../../flow/deps.ts';
import type { Judging } from './judge.ts';

export interface ReadinessSettings {
  /** ms between two walks through the directory. */
  walkEvery: number;
  /** ms after which an unchanged entry is read again: memberships change without it. */
  rereadAfter: number;
  /** Told when so many more people of a group can't recover … */
  alarmPeople: number;
  /** … or when the share that can falls by so much (0 to 1). */
  alarmShare: number;
  /** ms */
  keepDays: number;
}

export interface ReadinessDeps
  extends Pick<
    FlowDeps,
    'storage' | 'directory' | 'methods' | 'authenticators' | 'clock' | 'alerts' | 'outbox' | 'audit' | 'log'
  > {
  judging: Judging;
  /** Names of attributes that are kept: those that rules and roles look at. */
  keeps: readonly string[];
  /** Changes whenever the rules do. */
  fingerprint: string;
  settings: ReadinessSettings;
  /** `2026-11-24` in the organisation's time zone. */
  dayOf(at: number): string;
}
