/** What every page in every state and language keeps, whatever it shows. */
import { describe, expect, test } from 'vitest';
import { languages } from '../../../src/text/index.ts';
import { renderPage, states } from '../../../tools/gallery-states.tsx';

const all = (html: string, pattern: RegExp): string[] =>
  [...html.matchAll(pattern)].map((match) => match[1] ?? match[0]);

describe.each(languages)('$name', ({ code, direction }) => {
  test.each(Object.entries(states(code)))('%s', (_, page) => {
    const html = renderPage(page);
    expect(html).toMatch(new RegExp(`^<!doctype html><html lang="${code}" dir="${direction}">`));

    // Strict CSP: nothing inline, nothing from elsewhere.
    expect(html).not.toMatch(/\sstyle=|<style|\son[a-z]+=|javascript:/i);
    for (const script of all(html, /<script[^>]*>/g)) expect(script).toMatch(/nonce="[^"]+"/);

    // Every form posts with its token, and only to us; a filter only asks, and changes nothing.
    const forms = all(html, /<form[^>]*>.*?<\/form>/gs).filter(
      (form) => !/^<form class="filter" method="get" action="\/console\/[^/]/.test(form),
    );
    for (const form of forms) {
      expect(form).toMatch(/^<form method="post" action="\/[^/]/);
      expect(form).toContain('name="_csrf"');
    }

    // One title, a way to skip to it, a person to ask.
    expect(all(html, /<h1/g)).toHaveLength(1);
    expect(html).toContain('href="#content"');
    expect(all(html, /<footer/g)).toHaveLength(1);
    expect(html).toContain('555 0100');

    // Ids are unique, and labels, descriptions and summaries point at something.
    const ids = all(html, /\sid="([^"]+)"/g);
    expect(new Set(ids).size).toBe(ids.length);
    const wanted = [
      ...all(html, /\sfor="([^"]+)"/g),
      ...all(html, /href="#([^"]+)"/g),
      ...all(html, /aria-(?:describedby|labelledby)="([^"]+)"/g).flatMap((list) => list.split(' ')),
    ];
    for (const id of wanted) expect(ids, id).toContain(id);

    // A password is never sent back to the browser.
    for (const input of all(html, /<input[^>]*type="password"[^>]*>/g)) expect(input).not.toContain(' value=');
  });
});
