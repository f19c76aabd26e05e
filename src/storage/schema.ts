/** The tables, as Kysely sees them. Times are ms since 1970 (UTC); booleans are 0/1; JSON and sealed values are text. */

/** Authenticators of people, one row each. */
export interface AuthenticatorTable {
  id: string;
  account_id: string;
  method: string;
  label: string;
  /** Sealed JSON, context `authenticator:<id>`. */
  data: string;
  version: number;
  created_at: number;
  last_used_at: number | null;
  disabled_at: number | null;
  /** ms; before it, it opens nothing. */
  settles_at: number | null;
  /** ms; from then on it opens nothing. null: lasts. */
  expires_at: number | null;
  /** HMAC of what it must be found by without knowing the account; null: by nothing. */
  lookup: string | null;
}

/** What is known of people beside their ways to verify; a row from the first enrolment or the first stop on. */
export interface PersonTable {
  account_id: string;
  directory: string;
  directory_key: string;
  /** When the first way to verify was bound. Never reset, so that a later change of address is known as one. */
  enrolled_at: number | null;
  /** When the person last said that everything is still right. */
  confirmed_at: number | null;
  /** Recovery is stopped since then. */
  frozen_at: number | null;
  frozen_reason: string | null;
  /** ms; until then every recovery has to pass one more gate. */
  watched_until: number | null;
}

/** One-use values that open something in somebody's name: "it wasn't me", a contact's approval. */
export interface TicketTable {
  id: string;
  /** HMAC of the value. */
  token_hash: string;
  purpose: string;
  account_id: string;
  /** Sealed JSON, context `ticket:<id>`. */
  data: string;
  /** What was answered; sealed likewise. */
  answer: string | null;
  created_at: number;
  expires_at: number;
  used_at: number | null;
}

/** Where an account was seen: what risk compares with. */
export interface SightingTable {
  id: string;
  account_id: string;
  /** HMAC of the browser's own cookie. */
  device: string;
  /** HMAC of the IPv4 address or IPv6 /64. */
  network: string;
  /** Degrees, where a location database is configured. */
  latitude: number | null;
  longitude: number | null;
  first_at: number;
  last_at: number;
  /** Times a recovery or sign-in succeeded from there. */
  successes: number;
  /** Bit n: a success in hour n of the organisation's day. */
  hours: number;
}

/** A text or call that a provider goes on telling us about. */
export interface DeliveryTable {
  id: string;
  kind: string;
  /** Idempotency key of the message. */
  job: string;
  stage: string;
  /** Sealed JSON, context `delivery:<id>`. */
  data: string;
  /** Counts up with every step, so that one step is taken once. */
  version: number;
  created_at: number;
  expires_at: number;
}

/** Something that somebody has to look at. */
export interface IncidentTable {
  id: string;
  account_id: string;
  /** `not-me`, `risk`, `shared-phone`, `clone` … */
  kind: string;
  /** One sentence for operators. */
  says: string;
  opened_at: number;
  closed_at: number | null;
  closed_by: string | null;
}

/** One row per journey under way; also those of decoys. */
export interface FlowTable {
  id: string;
  kind: string;
  /** HMAC of the cookie's value: the value itself is never stored. */
  token_hash: string;
  /** Account id; for decoys a value derived from what was typed. */
  subject: string;
  /** Sealed JSON, context `flow:<id>`. */
  state: string;
  /** Counts up at every transition; a transition that read an older version is refused. */
  version: number;
  created_at: number;
  seen_at: number;
  expires_at: number;
  ended_at: number | null;
}

/** Signed-in people in the portal. */
export interface SessionTable {
  /** HMAC of the cookie's value. */
  token_hash: string;
  account_id: string;
  directory: string;
  directory_key: string;
  created_at: number;
  seen_at: number;
  /** When the person last proved who they are (step-up). */
  proved_at: number;
  expires_at: number;
  ended_at: number | null;
  user_agent: string;
  /** Method of the second factor that opened it; null: none was asked for. */
  factor: string | null;
}

/** Roles of the console that were given to single accounts. */
export interface StaffGrantTable {
  account_id: string;
  /** As it was when the role was given; for people who read the list. */
  username: string;
  role: string;
  granted_by: string;
  granted_at: number;
}

/** Counters of the throttle. */
export interface CounterTable {
  /** `<limit>:<HMAC of what is counted>` */
  key: string;
  count: number;
  window_ends_at: number;
  /** Nothing is let through before this instant. */
  blocked_until: number;
}

/** Work that must happen after commit: the truth about a message. The engine (lease or pg-boss) only schedules it. */
export interface OutboxTable {
  id: string;
  kind: string;
  /** Sealed JSON, context `outbox:<id>`; emptied when done, dead or expired. */
  payload: string;
  state: 'waiting' | 'done' | 'dead' | 'expired';
  attempt: number;
  run_at: number;
  lease_until: number;
  expires_at: number;
  reason: string | null;
  created_at: number;
  finished_at: number | null;
}

export interface AuditTable {
  /** 1, 2, 3 … without gaps. */
  seq: number;
  /** Canonical JSON of the record. */
  body: string;
  /** Hash of the record before. */
  previous: string;
  hash: string;
  /** Copies of what the record says, to find it by. Not part of the chain. Event null: not filled in yet. */
  subject: string | null;
  event?: string | null;
  actor?: string | null;
  ip?: string | null;
  flow?: string | null;
  outcome?: string | null;
}

/** One row: the end of the chain. */
export interface AuditHeadTable {
  id: number;
  seq: number;
  hash: string;
}

/** How far each feed of the audit is: everything up to `seq` was delivered, or is not what it wants. */
export interface AuditFeedTable {
  id: string;
  seq: number;
  /** The node that sends. */
  lease: string | null;
  lease_until: number;
  /** In a row. */
  failures: number;
  /** ms; nothing is tried before. */
  next_at: number;
  failing_since: number | null;
  /** Operators were told of this outage. */
  told: number;
  delivered_at: number | null;
  /** Of the last failure; for operators. */
  cause: string | null;
  fix: string | null;
}

/** One row: what takes the place of the records that were deleted. */
export interface AuditCheckpointTable {
  id: number;
  /** The last record that was deleted, and its hash: what the first one that is left follows. */
  seq: number;
  hash: string;
  at: number;
  /** Up to here the audit tells of the deletion. */
  told_seq: number;
  /** Keyed hash of `seq`, `hash` and `at`. */
  seal: string;
}

/** People who were no longer found in the directory. */
export interface PrivacyLeaverTable {
  account_id: string;
  missed_at: number;
}

/** How many rows of a class of data were deleted by age. */
export interface PrivacyDeletionTable {
  /** `2026-11-24`, UTC. */
  day: string;
  class: string;
  rows: number;
}

/** One row: which node looks for people who left, and what it found. */
export interface PrivacyStateTable {
  id: number;
  lease: string | null;
  lease_until: number;
  looked_at: number | null;
  /** People of whom something is kept. */
  known: number;
  missing: number;
  /** Too many are missing, since then: nobody is erased. */
  held_at: number | null;
  /** When operators were told last. */
  told_at: number | null;
  /** So many missing people an operator has said to be right. */
  accepted: number;
  problem: string | null;
}

/** Hashes of earlier passwords, only where no directory keeps them. */
export interface PasswordHistoryTable {
  id: string;
  account_id: string;
  hash: string;
  created_at: number;
}

/** The built-in directory. */
export interface BuiltinAccountTable {
  id: string;
  /** Case-folded NFC, for look-up. */
  username_key: string;
  username: string;
  mail_key: string | null;
  mail: string | null;
  display_name: string;
  given_name: string | null;
  language: string | null;
  /** JSON array of names. */
  groups: string;
  /** argon2id in PHC form. */
  password_hash: string;
  password_changed_at: number;
  must_change: number;
  disabled: number;
  cannot_change: number;
  expires_at: number | null;
  locked_until: number | null;
  failed_binds: number;
  /** JSON object of name to values. */
  attributes: string;
}

/** A new password (or an unlock) on its way to the connected systems. */
export interface SpreadTable {
  id: string;
  account_id: string;
  action: 'password' | 'unlock' | 'must-change';
  /** `held`: the directory is being asked. `released`: it said yes. `ended`: all done, too late, or overtaken. */
  state: 'held' | 'released' | 'ended';
  /** Sealed JSON, context `spread:<id>`; emptied when ended. */
  secret: string;
  created_at: number;
  /** ms; what is not done by then is given up. */
  deadline: number;
  ended_at: number | null;
}

/** How one connected system stands with one account: always the newest password only. */
export interface SpreadTargetTable {
  account_id: string;
  system: string;
  action: 'password' | 'unlock' | 'must-change';
  spread_id: string;
  state: 'waiting' | 'done' | 'no-account' | 'rejected' | 'late';
  attempt: number;
  due_at: number;
  /** Whose attempt is under way. Only its holder writes; a newer password waits for it or for its end. */
  lease: string | null;
  lease_until: number;
  /** For operators. */
  reason: string | null;
  changed_at: number;
}

/** Health of a connected system, the same for all nodes. A row from the first failure or pause on. */
export interface SystemTable {
  id: string;
  /** In a row. */
  failures: number;
  /** Circuit breaker: nothing is tried before this instant. */
  open_until: number;
  paused_at: number | null;
  paused_by: string | null;
  delivered_at: number | null;
  failed_at: number | null;
  /** Of the last failure. */
  cause: string | null;
}

/** Who could recover, and why not; one row an account of the directory. */
export interface ReadinessTable {
  account_id: string;
  directory: string;
  directory_key: string;
  username: string;
  /** Case-folded, for look-up. */
  username_key: string;
  display_name: string;
  /** Case-folded display name, for the order of lists. */
  sort_key: string;
  locator: string;
  /** JSON array of names. */
  groups: string;
  /** JSON object: those that rules and roles look at. */
  attributes: string;
  /** JSON: what the verdict was made of. */
  facts: string;
  /** Name of the rule that holds. */
  rule: string;
  /** `off`: disabled or ended, so that nobody misses a recovery. */
  verdict: 'ready' | 'not-ready' | 'off';
  /** JSON array of codes. */
  reasons: string;
  /** Changes with the directory's entry. */
  stamp: string | null;
  /** Number of the last walk that met it. */
  seen_walk: number;
  /** When the directory was asked. */
  read_at: number;
  checked_at: number;
  /** When time alone may change the verdict. */
  recheck_at: number | null;
}

/** One row for each group of an account (and `*`) and each of its verdict and reasons: what lists are read from. */
export interface ReadinessMarkTable {
  group_id: string;
  mark: string;
  sort_key: string;
  account_id: string;
}

export interface ReadinessGroupTable {
  id: string;
  /** As the directory spells it. */
  name: string;
  /** Case-folded short name. */
  name_key: string;
}

export interface ReadinessCountTable {
  group_id: string;
  mark: string;
  people: number;
}

/** The figures of a group as a day began. */
export interface ReadinessDayTable {
  /** `2026-11-24`, in the organisation's time zone. */
  day: string;
  group_id: string;
  ready: number;
  not_ready: number;
  /** Operators were told on this day that it fell. */
  alarmed: number;
}

/** Accounts to look at again. */
export interface ReadinessDirtyTable {
  account_id: string;
  directory_key: string | null;
  stamp: string | null;
  /** Counts up with every change, so that none is lost while one is worked off. */
  version: number;
}

/** One row: which node is at it, and how far. */
export interface ReadinessStateTable {
  id: number;
  lease: string | null;
  lease_until: number;
  /** Number of the walk through the directory, under way or last. */
  walk: number;
  walk_started_at: number | null;
  /** Entries met so far. */
  walk_listed: number;
  walk_ended_at: number | null;
  /** Fingerprint of the rules that the rows were judged by. */
  rules: string;
  /** Where judging anew is; null: done. */
  rules_after: string | null;
  /** Why it can't go on just now. */
  problem: string | null;
}

/** A caller whom a helper attends to: whom it is about, how far the caller is verified. */
export interface CallTable {
  id: string;
  helper_id: string;
  helper: string;
  account_id: string;
  directory_key: string;
  username: string;
  /** Number in a ticket system. */
  ticket: string;
  opened_at: number;
  expires_at: number;
  ended_at: number | null;
  /** Why it ended: `helper`, `tries`. */
  ended_by: string | null;
  /** Counts up at every write. */
  version: number;
  verified_at: number | null;
  /** Sealed JSON, context `call:<id>`: verifications, and the challenge under way. */
  data: string;
}

/** What was done in a call; each act once. */
export interface CallActTable {
  call_id: string;
  act: string;
  at: number;
}

/** A second person is asked to agree to one act of one call. */
export interface SecondRequestTable {
  id: string;
  call_id: string;
  act: string;
  account_id: string;
  username: string;
  directory_key: string;
  helper_id: string;
  helper: string;
  reason: string;
  created_at: number;
  expires_at: number;
  decision: 'agreed' | 'refused' | null;
  decided_by: string | null;
  decided_at: number | null;
  used_at: number | null;
}

/** Reminds people to enrol, round after round. */
export interface CampaignTable {
  id: string;
  name: string;
  /** Whom: a mark of readiness. */
  who: 'never-enrolled' | 'not-ready';
  /** JSON array of names; empty: everybody. */
  groups: string;
  /** JSON object: own words by language. */
  texts: string;
  every_days: number;
  /** Reminders that one person gets. */
  most: number;
  state: 'active' | 'paused' | 'ended';
  /** From 1 on. */
  round: number;
  /** When the round begins, or has begun. */
  next_at: number;
  /** JSON: how far the round is; '' at its beginning. */
  cursor: string;
  /** Who sends just now, and from when on somebody else may. */
  lease: string | null;
  lease_until: number;
  /** Why it can't go on just now. */
  problem: string | null;
  created_by: string;
  created_at: number;
}

/** A person was reminded in a round: once, whatever happens. */
export interface ReminderTable {
  campaign_id: string;
  account_id: string;
  round: number;
  at: number;
  outcome: 'sent' | 'no-address';
}

/** People who want no reminders. */
export interface ReminderOptOutTable {
  account_id: string;
  at: number;
}

/** What is known of a person before they have enrolled. */
export interface PreRegistrationTable {
  id: string;
  account_id: string;
  /** One of each. */
  kind: 'email' | 'phone' | 'language';
  /** Sealed JSON, context `pre-registration:<id>`. */
  data: string;
  /** `csv`, `pwm`, `ssp`, `attributes`. */
  source: string;
  created_at: number;
}

/** A list from outside on its way in. */
export interface ImportTable {
  id: string;
  kind: 'csv' | 'pwm' | 'ssp' | 'attributes';
  /** Name of the file. */
  name: string;
  /** Of the content: the very same again is told. */
  digest: string;
  state: 'reading' | 'checking' | 'checked' | 'applying' | 'done' | 'refused' | 'cancelled';
  /** JSON. */
  options: string;
  /** JSON array of sentences about the whole. */
  notes: string;
  /** Lines that were read, looked at, and carried out or left alone. */
  lines: number;
  checked: number;
  applied: number;
  lease: string | null;
  lease_until: number;
  problem: string | null;
  actor: string;
  created_at: number;
  ended_at: number | null;
}

/** One line of it, and what becomes of it. */
export interface ImportLineTable {
  id: string;
  import_id: string;
  /** As the file counts, from 1 on. */
  line: number;
  account_id: string | null;
  username: string;
  state: 'read' | 'ready' | 'done' | 'same' | 'refused';
  /** One English sentence. */
  says: string;
  /** Sealed JSON, context `import-line:<id>`; emptied when done or refused. */
  data: string;
}

/** What happened in a day or month, counted from the audit. Nothing in it says who. */
export interface ReportCountTable {
  /** `d2026-11-24` or `m2026-11`, in the organisation's time zone. */
  period: string;
  measure: string;
  /** Of the journey; empty where there is none. */
  kind: string;
  /** Name of the rule that held. */
  grp: string;
  method: string;
  reason: string;
  n: number;
}

/** Who could have enrolled, and who has; as that day ended (or now, today). */
export interface ReportPeopleTable {
  day: string;
  grp: string;
  eligible: number;
  enrolled: number;
}

/** One row: how far the audit is counted, and which node is at it. */
export interface ReportStateTable {
  id: number;
  /** Of the last record that is counted. */
  seq: number;
  counted_at: number | null;
  people_at: number | null;
  /** Monday of the last week in which the weekly mail was looked after. */
  mailed: string | null;
  lease: string | null;
  lease_until: number;
}

/** A token of the API. */
export interface ApiTokenTable {
  id: string;
  name: string;
  /** HMAC of the token. */
  hash: string;
  /** JSON array. */
  scopes: string;
  made_by: string;
  created_at: number;
  expires_at: number;
  revoked_at: number | null;
  revoked_by: string | null;
  last_used_at: number | null;
  /** The last minute in which it was used, counted from 1970, and how often. */
  minute: number;
  used: number;
}

/** What a request with an Idempotency-Key was answered. */
export interface ApiAnswerTable {
  /** HMAC of token and key. */
  id: string;
  /** HMAC of the request. */
  fingerprint: string;
  /** Null: still at work. */
  status: number | null;
  /** Sealed JSON, context `api-answer:<id>`. */
  data: string;
  lease_until: number;
  expires_at: number;
}

/** One version of the settings: whole, with who, when and why. */
export interface SettingsVersionTable {
  number: number;
  base: number;
  state: 'proposed' | 'applied' | 'rejected';
  /** JSON: values by path. */
  content: string;
  comment: string;
  author: string;
  created_at: number;
  rolls_back_to: number | null;
  decided_by: string | null;
  decided_at: number | null;
  note: string | null;
}

/** One row: the version in force and the highest number. */
export interface SettingsStateTable {
  id: number;
  current: number;
  newest: number;
}

/** Facts about the database itself. */
export interface MetaTable {
  name: string;
  value: string;
}

export interface Schema {
  api_tokens: ApiTokenTable;
  api_answers: ApiAnswerTable;
  report_counts: ReportCountTable;
  report_people: ReportPeopleTable;
  report_state: ReportStateTable;
  campaigns: CampaignTable;
  reminders: ReminderTable;
  reminder_opt_outs: ReminderOptOutTable;
  pre_registrations: PreRegistrationTable;
  imports: ImportTable;
  import_lines: ImportLineTable;
  calls: CallTable;
  call_acts: CallActTable;
  second_requests: SecondRequestTable;
  readiness: ReadinessTable;
  readiness_marks: ReadinessMarkTable;
  readiness_groups: ReadinessGroupTable;
  readiness_counts: ReadinessCountTable;
  readiness_days: ReadinessDayTable;
  readiness_dirty: ReadinessDirtyTable;
  readiness_state: ReadinessStateTable;
  people: PersonTable;
  staff_grants: StaffGrantTable;
  tickets: TicketTable;
  sightings: SightingTable;
  deliveries: DeliveryTable;
  incidents: IncidentTable;
  settings_versions: SettingsVersionTable;
  settings_state: SettingsStateTable;
  meta: MetaTable;
  spreads: SpreadTable;
  spread_targets: SpreadTargetTable;
  systems: SystemTable;
  authenticators: AuthenticatorTable;
  flows: FlowTable;
  sessions: SessionTable;
  counters: CounterTable;
  outbox: OutboxTable;
  audit: AuditTable;
  audit_head: AuditHeadTable;
  audit_feeds: AuditFeedTable;
  audit_checkpoint: AuditCheckpointTable;
  privacy_leavers: PrivacyLeaverTable;
  privacy_deletions: PrivacyDeletionTable;
  privacy_state: PrivacyStateTable;
  password_history: PasswordHistoryTable;
  builtin_accounts: BuiltinAccountTable;
}
