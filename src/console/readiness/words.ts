/** Verdicts, reasons and links of readiness in words. */

import { shortName } from '../../insight/readiness/figures.ts';
import { REASONS, type Reason } from '../../insight/readiness/reason.ts';
import type { TextKey, Translate } from '../../text/index.ts';

export const PATH = '/console/readiness';
export const PEOPLE = `${PATH}/people`;

const isReason = (mark: string): mark is Reason => (REASONS as readonly string[]).includes(mark);

export const markText = (t: Translate, mark: string): string =>
  t(`readiness.${isReason(mark) ? 'reason' : 'verdict'}.${mark}` as TextKey);

export const groupText = (name: string): string => shortName(name).replace(/\\(.)/g, '$1');

export function address(path: string, filter: Record<string, string | undefined>): string {
  const given = Object.entries(filter).filter((one): one is [string, string] => one[1] !== undefined);
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}
