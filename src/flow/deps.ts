/** What the journeys work with. compose.ts makes it once; tests make it with a fake clock. */
import type { Audit } from '../audit/audit.ts';
import type { BreachCorpus } from '../breach/breach.ts';
import type { Directory } from '../directory/directory.ts';
import type { Account } from '../kernel/account.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Keyring } from '../kernel/keyring.ts';
import type { VerificationMethod } from '../methods/method.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { Blocklist } from '../policy/passwords/blocklist.ts';
import type { RuleBook } from '../policy/rules.ts';
import type { Spread } from '../spread/spread.ts';
import type { Authenticators } from '../storage/repositories/authenticators.ts';
import type { Flows } from '../storage/repositories/flows.ts';
import type { Sessions } from '../storage/repositories/sessions.ts';
import type { Tickets } from '../storage/repositories/tickets.ts';
import type { Storage } from '../storage/storage.ts';
import type { PhoneCosts } from './phone-costs.ts';
import type { RiskService } from './risk/service.ts';
import type { Meter } from './strength/meter.ts';
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
  /** Own words are refused anywhere in a password. */
  substrings?: boolean;
  /** Whoever signs in with a leaked password is asked for a new one. */
  leakedAtSignIn?: boolean;
}

export interface ContactSettings {
  /** ms before an address that was added later opens anything. */
  recent: number;
  /** A number that another account has. */
  sharedPhone: 'refuse' | 'flag';
  /** ms after which people are asked whether everything is still right. */
  reconfirmAfter: number;
}

/** The roll-out, as the journeys see it. */
export interface Admission {
  /** Whether a phase is open for this account. */
  isOpen(account: Account): Promise<boolean>;
  /** An address or number that the organisation knows and nobody has confirmed. */
  suggestion(accountId: string, method: string): Promise<string | undefined>;
}

export interface FlowDeps {
  storage: Storage;
  flows: Flows;
  sessions: Sessions;
  authenticators: Authenticators;
  tickets: Tickets;
  audit: Audit;
  outbox: Outbox;
  /** Absent: no connected systems. */
  spread?: Spread | undefined;
  directory: Directory;
  methods: ReadonlyMap<string, VerificationMethod>;
  rules: RuleBook;
  /** What policy says of addresses and numbers, beside the rules. */
  contacts: ContactSettings;
  /** Absent: everybody may begin, and nothing is known of anybody. */
  admission?: Admission | undefined;
  /** Operators who are told of incidents at once. */
  alerts: { addresses: readonly string[]; language: string };
  risk: RiskService;
  throttle: Throttle;
  phoneCosts: PhoneCosts;
  keyring: Keyring;
  clock: Clock;
  lifetimes: Lifetimes;
  /** Languages that mails can be written in. */
  languages: readonly string[];
  /** New codes per journey and method, the first one not counted. */
  resends: number;
  passwords: PasswordSettings;
  blocklist: Blocklist;
  /** Leaked passwords; absent: nobody is asked. */
  breach?: BreachCorpus | undefined;
  /** Absent: password pages show no meter. */
  meter?: Meter | undefined;
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
  /** The browser's own cookie, when it has one. */
  device?: string | undefined;
  /** Came with the page that is being answered: who has it can fetch the new cookie when the answer's own answer is lost. */
  heir?: string | undefined;
}
