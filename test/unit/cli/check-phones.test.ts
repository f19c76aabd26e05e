/** What `sparekey check` says of texts and calls: every sender tried, nothing sent unless a number is given. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { phoneSections } from '../../../src/cli/check-phones.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { registries } from '../../../src/registries.ts';
import { startHttpGateway, type TestHttpGateway } from '../../kit/servers/http-gateway.ts';

let gateway: TestHttpGateway;
beforeEach(async () => {
  gateway = await startHttpGateway({});
});
afterEach(() => gateway.close());

const run = async (senders: string, textTo?: string) => {
  const loaded = loadConfig({
    file: undefined,
    env: {
      SPAREKEY_PUBLIC_URL: 'https://reset.example.test',
      SPAREKEY_ORGANISATION_NAME: 'Northfield',
      SPAREKEY_DIRECTORY_TYPE: 'builtin',
      SPAREKEY_MAIL_TYPE: 'demo-inbox',
      SPAREKEY_MAIL_FROM: 'it@northfield.example',
      SPAREKEY_TEXTS_COUNTRIES: 'DE',
      SPAREKEY_TEXTS_SENDERS: senders,
      ...(senders === '[]' ? {} : { SPAREKEY_CALLS_TYPE: 'demo-phone' }),
    },
    registries,
  });
  if (loaded.is === 'invalid') throw new Error('invalid');
  return phoneSections(loaded.config, textTo);
};
const http = () => `{type: http-gateway, url: "${gateway.url}", encoding: form, body: "to={to}&text={text}"}`;

describe('sparekey check of texts and calls', () => {
  test('says nothing where neither is set up', async () => {
    expect(await run('[]')).toEqual([]);
  });

  test('names every sender with the key that it stands under, and sends nothing', async () => {
    const sections = await run(`[${http()}, {type: demo-phone}]`);
    expect(sections.map(({ title, path }) => `${title} ${path}`)).toEqual([
      'Texts and calls texts',
      'Texts (http-gateway) texts.senders[0]',
      'Texts (demo-phone 2) texts.senders[1]',
      'Calls (demo-phone) calls',
    ]);
    expect(sections[0]?.findings).toEqual([{ is: 'ok', what: 'at most 500 a day, to numbers of DE' }]);
    expect(gateway.accepted).toEqual([]);
  });

  test('sends one text through every sender when a number is given, in any writing', async () => {
    const sections = await run(`[${http()}, {type: demo-phone}]`, '0170 1234567');
    expect(gateway.accepted.map(({ fields }) => fields['to'])).toEqual(['+491701234567']);
    for (const { findings } of sections.slice(1, 3))
      expect(findings.at(-1)).toEqual({ is: 'ok', what: 'send a test text to •••• ••• 67' });
  });

  test.each(['+43 664 1234567', '0900 1234567', 'hello'])('does not text to %s', async (number) => {
    const [, first] = await run(`[${http()}]`, number);
    expect(first?.findings.at(-1)).toMatchObject({ is: 'failed', cause: expect.any(String) });
    expect(gateway.accepted).toEqual([]);
  });

  test('a sender that can’t be opened is a finding under its key, and the others are tried all the same', async () => {
    const broken = '{type: http-gateway, url: "http://sms.example.org/", encoding: form, body: "to={to}&text={text}"}';
    const sections = await run(`[${broken}, {type: demo-phone}]`);
    expect(sections[1]?.findings[0]).toMatchObject({ is: 'failed', key: 'url' });
    expect(sections).toHaveLength(4);
  });
});
