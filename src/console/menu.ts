/** The parts of the console in the order in which they are offered; each to whoever has the right for it. */
import type { Right } from '../staff/rights.ts';

export const menu = [
  { id: 'desk', path: '/console/desk', right: 'people.find' },
  { id: 'readiness', path: '/console/readiness', right: 'readiness.view' },
  { id: 'rules', path: '/console/rules', right: 'rules.try' },
  { id: 'incidents', path: '/console/incidents', right: 'incidents.view' },
  { id: 'systems', path: '/console/systems', right: 'systems.view' },
  { id: 'rollout', path: '/console/rollout', right: 'rollout.view' },
  { id: 'reports', path: '/console/reports', right: 'reports.view' },
  { id: 'audit', path: '/console/audit', right: 'audit.view' },
  { id: 'settings', path: '/console/settings', right: 'settings.view' },
  { id: 'tokens', path: '/console/tokens', right: 'tokens.manage' },
  { id: 'privacy', path: '/console/privacy', right: 'privacy.act' },
] as const satisfies readonly { id: string; path: string; right: Right }[];

export type MenuId = (typeof menu)[number]['id'];
