/**
 * Every event that the audit knows, one sentence each. docs/audit-events.md is generated from it; a name, once released,
 * never changes its meaning, because operators build alarms on it.
 */

const journeys = {
  recovery: 'Recovery',
  practice: 'Practice run',
  'sign-in': 'Second step of a sign-in',
  change: 'Change of a known password',
  unlock: 'Unlocking',
  'lost-factor': 'Lost factor',
} as const;

const journeyEvents = {
  started: 'begun, or refused with the reason why the account can not do it now.',
  challenged: 'a way to verify was chosen or a new code asked for; an older code is void.',
  held: 'too many tries: the answer was not looked at, the person has to wait.',
  mismatched: 'a wrong answer was given.',
  voided: 'a code was made worthless: too many wrong answers, or too late.',
  unanswered: 'a way to verify could not be reached, or was broken off elsewhere; no try was counted.',
  verified: 'a way to verify was answered rightly.',
  completed: 'all gates that the policy asks for are passed.',
  'password-refused': 'the chosen password broke a rule of ours or of the directory; nothing was consumed.',
  'password-set': 'the new password is in force in the directory.',
  'password-failed': 'the directory could not set the password for another reason than a rule.',
  'password-unknown': 'the directory gave no clear answer to the write; it is looked into afterwards.',
  'password-not-set': 'an unanswered write turned out to have had no effect.',
  failed: 'what was asked for could not be done in the directory.',
  waiting: 'all gates are passed, but risk asks for a wait; everybody was told.',
  stopped: 'ended, because the account may not go on.',
  cancelled: 'ended by the person.',
  expired: 'ended, because it took too long.',
} as const;

export type JourneyStep = keyof typeof journeyEvents;
export type JourneyEvent = `${keyof typeof journeys}.${keyof typeof journeyEvents}`;

const otherEvents = {
  'enrolment.begun': 'A person began to add a way to verify.',
  'enrolment.added': 'A way to verify was confirmed and can be used from now on.',
  'enrolment.failed': 'The confirmation of a new way to verify was wrong or too late.',
  'enrolment.removed': 'A way to verify was taken away by the person.',
  'enrolment.cleared': 'All ways to verify of an account were taken away by an operator; the reason says why.',
  'enrolment.renamed': 'A person gave a way to verify another name.',
  'enrolment.confirmed': 'A person said that all ways to verify are still right.',
  'enrolment.shared': 'A phone number was added that another account has, too.',
  'recovery.frozen': 'Recovery of an account was stopped, by the person ("it wasn’t me") or an operator.',
  'recovery.thawed': 'Recovery of an account was allowed again by an operator.',
  'risk.assessed': 'Signs of risk led to an extra gate, a wait or a stop; the reason says which signs.',
  'incident.opened': 'Something happened that somebody has to look at; the reason says what.',
  'incident.watched': 'An operator asked for one more gate at every recovery of an account, for some time.',
  'incident.closed': 'An operator looked at what had happened.',
  'username.asked': 'Somebody asked for the usernames of a mail address.',
  'username.sent': 'Usernames were sent to a confirmed address.',
  'helper-pass.issued':
    'A helper verified a caller and issued a one-use pass, or was refused one; the reason says how, or why not.',
  'desk.opened': 'A helper opened a call about somebody.',
  'desk.ended': 'A call was ended: by the helper, after too many wrong codes, or by the person; the reason says which.',
  'desk.refused': 'A helper asked for somebody outside of their scope, or for what the rules do not allow.',
  'desk.challenged': 'A helper sent a code to a caller, asked on their device, or showed who they are.',
  'caller.verified': 'A caller was verified; the reason says how, the detail how often in this call.',
  'caller.refused': 'A caller could not be verified.',
  'helper.checked': 'A caller looked whether the helper is one.',
  'desk.unlocked': 'A helper unlocked an account for a verified caller.',
  'desk.change-required': 'A helper asked for a new password at the next sign-in.',
  'second.asked': 'A helper asked a second person to agree to an act.',
  'second.agreed': 'A second person agreed to an act.',
  'second.refused': 'A second person did not agree to an act.',
  'policy.risk-accepted':
    'A node started with a setting that goes against a standard; the reason names setting and standard.',
  'approval.given': 'A contact confirmed who somebody is.',
  'approval.refused': 'A contact refused, or gave a wrong number.',
  'audit.exported': 'Records of the audit were saved as a file; the detail says which.',
  'audit.pruned':
    'Records older than they are kept were deleted; the detail says which, and a sealed checkpoint takes their place.',
  'audit.feed-stuck': 'A feed of the audit has not reached its receiver for an hour; the reason says why.',
  'audit.feed-lost': 'Records were deleted before a feed could deliver them; the detail says which.',
  'data.exported': 'Everything that is kept about a person was saved as a file, by them or by an operator.',
  'person.missing': 'Somebody of whom something is kept was no longer found in the directory.',
  'person.erased': 'Everything that leads to a person was erased; the reason says why.',
  'privacy.leavers-accepted':
    'An operator said that the many people who are missing in the directory have really left.',
  'texts.budget': 'Texts and calls reached 80 % or all of what may be sent in a day.',
  'texts.withheld': 'A text or call was not sent, because it looked like fraud.',
  'texts.lost': 'A sender took a text, but the network could not bring it to the phone.',
  'calls.unspoken': 'A call ended before the code was spoken; the reason says how.',
  'authenticator.disabled': 'A way to verify was disabled after too many failures in a row; it must be bound again.',
  'sign-in.refused': 'The directory refused a sign-in: wrong password, locked, disabled or expired.',
  'sign-in.throttled': 'A limit stopped a sign-in before the directory was asked.',
  'console.invited': 'A one-use link was made that gives an account a role in the console.',
  'console.granted': 'An account was given a role in the console.',
  'console.revoked': 'A role that was given by hand was taken away.',
  'console.refused': 'Somebody asked in the console for what their role does not allow.',
  'settings.proposed': 'A change of the settings was proposed as a numbered version; the reason is its comment.',
  'settings.approved': 'A second person agreed to a version of the settings.',
  'settings.rejected': 'A version of the settings was rejected, or taken back by whoever proposed it.',
  'settings.applied': 'A version of the settings took force.',
  'settings.rolled-back': 'A version that brings back an older one took force; the detail says which.',
  'trial.run': 'A trial run showed what would happen to a person; nothing was sent or changed.',
  'rollout.reminded': 'A person was reminded to enrol; the detail names campaign and round.',
  'rollout.opted-out': 'A person wants no more reminders.',
  'rollout.campaign-created': 'A reminder campaign was begun.',
  'rollout.campaign-changed':
    'A reminder campaign was paused, resumed, ended, or asked to send now; the reason says which.',
  'rollout.import-begun': 'A list was read in; the detail says which, and whether it was only tried.',
  'rollout.import-ended': 'A list was carried out, refused or given up; the detail has the figures.',
  'rollout.pre-registered':
    'What an organisation knows of a person was taken from a list; the detail says what, never its value.',
  'token.made': 'A token of the API was made; the detail says what it may do.',
  'token.revoked': 'A token of the API was revoked.',
  'token.refused': 'A token of the API was used for what it is not for.',
  'readiness.exported': 'A list of who could recover, and who not, was saved as a file.',
  'session.opened': 'A person signed in to the portal.',
  'session.closed': 'A person signed out of the portal.',
  'session.ended': 'Sessions were ended by a password change, a reset or an operator.',
  'journey.rated': 'Somebody said how a journey was that ended well; who, nobody keeps.',
  'report.exported': 'The counts of a report were saved as a file.',
  'report.mailed': 'The weekly report was handed to the mail sender; the detail says of which week.',
  'notice.failed': 'A notice about the account could not be delivered and was given up.',
  'directory.unavailable': 'A directory did not answer.',
  'directory.account-added': 'An account was added to the built-in directory.',
  'system.password-set': 'A connected system took the new password, or refused it for good; the reason says why.',
  'system.unlocked': 'An account was unlocked in a connected system, too.',
  'system.must-change-set': 'A connected system was told to ask for a new password at the next sign-in.',
  'system.paused': 'An operator paused a connected system, or let it go on.',
  'system.retried': 'An operator had a connected system tried again.',
  'system.started': 'A node started, with its version.',
  'system.moved': 'The database was moved to another engine, whole and verified.',
  'system.restored': 'The database was replaced by a backup of the time that the detail names.',
  'keys.added': 'A new key was made and handed out to the nodes; it seals nothing yet.',
  'keys.rotated': 'A new key seals from now on.',
  'keys.removed': 'Old keys were taken out of the key file, after nothing was sealed with them any more.',
} as const;

export type AuditEvent = JourneyEvent | keyof typeof otherEvents;

const ofJourneys = Object.entries(journeys).flatMap(([kind, name]) =>
  Object.entries(journeyEvents).map(([event, says]) => [`${kind}.${event}`, `${name}: ${says}`] as const),
);

/** One plain sentence for each event, by name. */
export const auditEvents = { ...Object.fromEntries(ofJourneys), ...otherEvents } as Record<AuditEvent, string>;
