/** What the journeys work with. compose.ts makes it once; tests make it with a fake clock. */
import type { Audit } from '../audit/audit.ts';
import type { Directory } from '../directory/directory.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Keyring } from '../kernel/keyring.ts';
import type { VerificationMethod } from '../methods/method.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { Blocklist } from '../policy/passwords/blocklist.ts';
import type { RecoveryPolicy } from '../policy/plan.ts';
import type { Authenticators } from '../storage/repositories/authenticators.ts';
import type { Flows } from '../storage/repositories/flows.ts';
import type { Sessions } from '../storage/repositories/sessions.ts';
import type { Storage } from '../storage/storage.ts';
import type { Throttle } from './throttle.ts';

export interface Lifetimes {
  /** ms without a request after which a journey is over; also the window for choosing the password. */
  flowIdle: number;
  flowAbsolute: number;
  sessionIdle: number;
  sessionAbsolute: number;
  /** How fresh a proof must be before ways to verify may be changed. */
  stepUp: number;
  /** Before a new code may be asked for. */
  resendWait: number;
}

export interface PasswordSettings {
  minLength: number;
  maxLength: number;
  /** Earlier passwords that are refused where the directory keeps no history itself. */
  history: number;
  contextWords: readonly string[];
}

export interface FlowDeps {
  storage: Storage;
  flows: Flows;
  sessions: Sessions;
  authenticators: Authenticators;
  audit: Audit;
  outbox: Outbox;
  directory: Directory;
  methods: ReadonlyMap<string, VerificationMethod>;
  policy: RecoveryPolicy;
  throttle: Throttle;
  keyring: Keyring;
  clock: Clock;
  lifetimes: Lifetimes;
  /** Languages that mails can be written in. */
  languages: readonly string[];
  /** New codes per journey and method, the first one not counted. */
  resends: number;
  passwords: PasswordSettings;
  blocklist: Blocklist;
  /** For operators: exact causes. Never gets a secret. */
  log: { warn(detail: object, message: string): void; error(detail: object, message: string): void };
}

/** Where a request came from. */
export interface Origin {
  /** As the connection (or a trusted proxy) says. */
  ip: string;
  /** What limits count: the IPv4 address or the IPv6 /64. */
  network: string;
  userAgent: string;
}
