/** Addresses of the roll-out, and its states in words. */
import type { Campaign } from '../../rollout/campaigns.ts';
import type { Import } from '../../rollout/import/imports.ts';
import type { Translate } from '../../text/index.ts';

export const PATH = '/console/rollout';
export const CAMPAIGNS = `${PATH}/campaigns`;
export const LISTS = `${PATH}/lists`;

export const KINDS = ['csv', 'pwm', 'ssp', 'attributes'] as const satisfies readonly Import['kind'][];
export const WHO = ['never-enrolled', 'not-ready'] as const satisfies readonly Campaign['who'][];

export const campaignState = (t: Translate, { state }: Pick<Campaign, 'state'>): string =>
  t(`rollout.campaign.${state}`);
export const listState = (t: Translate, { state }: Pick<Import, 'state'>): string => t(`rollout.list.${state}`);
export const kindText = (t: Translate, kind: Import['kind']): string => t(`rollout.kind.${kind}`);
