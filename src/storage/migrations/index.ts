/** All migrations, oldest first. One list for both engines. A name, once released, never changes. */
import { initial } from './0001-initial.ts';
import { ways } from './0002-ways.ts';
import { spread } from './0003-spread.ts';
import { staff } from './0004-console.ts';
import { desk } from './0005-desk.ts';
import { readiness } from './0006-readiness.ts';
import { settings } from './0007-settings.ts';
import { rollout } from './0008-rollout.ts';
import { reports } from './0009-reports.ts';
import { auditFeeds } from './0010-audit.ts';
import { api } from './0011-api.ts';
import { privacy } from './0012-privacy.ts';
import type { Migrations } from './migration.ts';

export const migrations: Migrations = {
  '0001-initial': initial,
  '0002-ways': ways,
  '0003-spread': spread,
  '0004-console': staff,
  '0005-desk': desk,
  '0006-readiness': readiness,
  '0007-settings': settings,
  '0008-rollout': rollout,
  '0009-reports': reports,
  '0010-audit': auditFeeds,
  '0011-api': api,
  '0012-privacy': privacy,
};
