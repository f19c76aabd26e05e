/** The page that HAProxy shows says what our own page says, in every language, and leads where a page is. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createTranslator, languages } from '../../../src/text/index.ts';
import { build } from '../../kit/build.ts';

const read = (name: string) => readFileSync(resolve(import.meta.dirname, '../../../deploy/haproxy', name), 'utf8');
const page = read('one-moment.html');
const settings = read('haproxy.cfg');

describe('the page of HAProxy', () => {
  test.each(languages.map(({ code }) => code))('says in %s what our page says', (code) => {
    const t = createTranslator(code);
    expect(page).toContain(`>${t('error.503.title')}</h`);
    expect(page).toContain(`<p>${t('error.503.text')}</p>`);
  });

  test('asks for nothing from elsewhere and holds nothing that a request said', () => {
    expect(page).not.toMatch(/(src|href)="(?!data:,)/);
    expect([...page.matchAll(/%\[([^\]]*)\]/g)].map(([, found]) => found)).toEqual(['var(txn.again)']);
    const values = [...settings.matchAll(/set-var\(txn\.again\) (\S+)/g)].map(([, found]) => found);
    expect(values.length).toBeGreaterThan(1);
    for (const value of values) expect(value).toMatch(/^str\("(;url=\/[a-z-]*)?"\)$/);
  });

  test('leads to pages that there are, and no form goes without one', async () => {
    const { server } = await build({ people: [] });
    const rules = [...settings.matchAll(/";url=(\S*)"\)\s+if form(?: \{ path_beg (.*) \})?/g)];
    for (const [, to = ''] of rules) expect(server.hasRoute({ method: 'GET', url: to }), to).toBe(true);
    const known = rules.flatMap(([, , paths]) => paths?.split(' ') ?? []);
    expect(known).toEqual(expect.arrayContaining(['/recover', '/change', '/sign-in', '/ways', '/unlock', '/username']));
  });
});
