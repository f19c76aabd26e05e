/** What can be wrong with a typed number, as the key of one sentence. */
import type { InvalidInput } from '../../methods/method.ts';
import type { TextKey } from '../../text/index.ts';

const SENTENCES: Partial<Record<InvalidInput['why'], TextKey>> = {
  missing: 'phone.missing',
  'phone-not-a-number': 'phone.not-a-number',
  'phone-invalid-country': 'phone.invalid-country',
  'phone-too-short': 'phone.too-short',
  'phone-too-long': 'phone.too-long',
  'phone-not-in-use': 'phone.not-in-use',
  'phone-extension': 'phone.extension',
  'phone-premium-rate': 'phone.premium-rate',
  country: 'phone.country',
  shared: 'phone.shared',
  'too-many': 'phone.too-many',
};

export const phoneError = (why: InvalidInput['why']): TextKey => SENTENCES[why] ?? 'phone.not-a-number';
