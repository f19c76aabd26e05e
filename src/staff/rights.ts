/** What people may do in the console. A role is a list of these; the configuration may put its own together. */

export const RIGHTS = {
  'people.find': 'find people inside the own scope and see how they stand',
  'people.assist': 'verify callers, unlock, issue passes, ask for a new password',
  'people.clear': 'take all ways to verify of a person away, so that they start anew',
  'people.freeze': 'stop the recovery of an account, and allow it again',
  'people.approve': 'agree, as the second person, to what somebody else asks for',
  'readiness.view': 'see who could not recover today, and why',
  'rules.try': 'preview a change of the rules, and try what would happen to a person',
  'settings.view': 'see the settings and their history',
  'settings.edit': 'change settings',
  'settings.approve': 'agree to a change of somebody else',
  'systems.view': 'see senders and connected systems',
  'systems.act': 'pause and retry connected systems, send test messages',
  'incidents.view': 'see suspicious activity',
  'incidents.act': 'act on suspicious activity',
  'rollout.view': 'see the roll-out',
  'rollout.edit': 'run the roll-out: phases, reminders, imports',
  'reports.view': 'see the reports',
  'audit.view': 'read and search the audit',
  'audit.export': 'download the audit',
  'tokens.manage': 'make and revoke tokens of the API',
  'privacy.act': 'export and erase what is kept about a person',
} as const;

export type Right = keyof typeof RIGHTS;

export const rights = Object.keys(RIGHTS) as Right[];

export const isRight = (name: string): name is Right => Object.hasOwn(RIGHTS, name);

/** The roles that need no writing down. */
export const ROLES = {
  operator: rights,
  helper: ['people.find', 'people.assist', 'people.clear', 'people.freeze', 'people.approve'],
  auditor: [
    'readiness.view',
    'settings.view',
    'systems.view',
    'incidents.view',
    'reports.view',
    'audit.view',
    'audit.export',
  ],
} as const satisfies Record<string, readonly Right[]>;

export type RoleName = keyof typeof ROLES;
