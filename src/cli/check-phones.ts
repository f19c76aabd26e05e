/** What `sparekey check` says of texts and calls. Nothing is sent and nobody is called, because both cost, unless a number is given. */
import { systemClock } from '../kernel/clock.ts';
import { maskPhone, readPhone } from '../kernel/phone.ts';
import type { Finding } from '../kernel/plugin.ts';
import { newId } from '../kernel/random.ts';
import { createDemoPhone } from '../notify/demo-phone.ts';
import type { TextNotifier } from '../notify/text-notifier.ts';
import { renderStoredText } from '../notify/texts/index.ts';
import { openCalls, openTextSender, senderName } from '../phones.ts';
import type { SparekeyConfig } from '../registries.ts';
import { tried } from './tried.ts';

interface Section {
  title: string;
  path: string;
  findings: Finding[];
}

/** `textTo`: a number, in any writing, that gets a text from every sender. */
export async function phoneSections(config: SparekeyConfig, textTo: string | undefined): Promise<Section[]> {
  const { texts, calls } = config;
  if (texts.senders.length === 0 && calls === undefined) return [];
  const ports = { clock: systemClock, phone: createDemoPhone(), onReceipt: () => {} };
  const sections: Section[] = [{ title: 'Texts and calls', path: 'texts', findings: [costs(config)] }];
  for (const [index, section] of texts.senders.entries()) {
    const send = async (notifier: TextNotifier) => (textTo ? [await testText(config, notifier, textTo)] : []);
    sections.push({
      title: `Texts (${senderName(section.type, index)})`,
      path: `texts.senders[${index}]`,
      findings: await tried('open the sender of texts', () => openTextSender(section, ports), send),
    });
  }
  if (calls)
    sections.push({
      title: `Calls (${calls.type})`,
      path: 'calls',
      findings: await tried('open the sender of calls', () => openCalls(calls, ports)),
    });
  return sections;
}

function costs({ texts: { countries, budgetPerDay } }: SparekeyConfig): Finding {
  return { is: 'ok', what: `at most ${budgetPerDay} a day, to numbers of ${countries.join(', ')}` };
}

async function testText(
  { texts, ...config }: SparekeyConfig,
  notifier: TextNotifier,
  written: string,
): Promise<Finding> {
  const read = readPhone(written, texts.countries[0]);
  if (read.is === 'fault')
    return { is: 'failed', what: 'send a test text', cause: `The number can’t be used (${read.fault}).` };
  const what = `send a test text to ${maskPhone(read.e164)}`;
  if (read.country === undefined || !texts.countries.includes(read.country)) {
    const cause = `Its country is ${read.country ?? 'unknown'}.`;
    return { is: 'failed', what, cause, fix: 'Add it to texts.countries, or take another number.' };
  }
  const language = config.language.default;
  const brand = { organisation: config.organisation.name, origin: config.publicUrl, help: {} };
  const text = renderStoredText({ template: 'code', language, values: { code: '000000', minutes: 10 } }, brand);
  const outcome = await notifier.deliver({ idempotencyKey: `check-${newId()}`, to: read.e164, text, language });
  return outcome.is === 'delivered' ? { is: 'ok', what } : { is: 'failed', what, cause: outcome.cause };
}
