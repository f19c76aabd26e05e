/** A page as a browser without script sees it: its forms with hidden fields, its choices, its title and its text. */

export interface Form {
  action: string;
  fields: Record<string, string>;
}

const decode = (text: string): string =>
  text
    .replace(/&quot;/g, '"')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, '&');

const attribute = (tag: string, name: string): string | undefined => {
  const found = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1];
  return found === undefined ? undefined : decode(found);
};

export abstract class Page {
  /** The page shown now. */
  html = '';

  forms(): Form[] {
    return [...this.html.matchAll(/<form\b[^>]*>([\s\S]*?)<\/form>/g)].map(([whole, body = '']) => ({
      action: attribute(whole.slice(0, whole.indexOf('>') + 1), 'action') ?? '',
      fields: Object.fromEntries(
        [...body.matchAll(/<input\b[^>]*>/g)]
          .filter(([tag]) => attribute(tag, 'type') === 'hidden')
          .map(([tag]) => [attribute(tag, 'name') ?? '', attribute(tag, 'value') ?? '']),
      ),
    }));
  }

  /** The form whose action this is. @throws Error with the page's text when there is none. */
  form(action: string): Form {
    const form = this.forms().find((one) => one.action === action);
    if (!form) throw new Error(`No form for ${action} on this page: ${this.text().slice(0, 400)}`);
    return form;
  }

  /** Values of the radio buttons of a group. */
  choices(name: string): string[] {
    return [...this.html.matchAll(/<input\b[^>]*>/g)]
      .map(([tag]) => tag)
      .filter((tag) => attribute(tag, 'type') === 'radio' && attribute(tag, 'name') === name)
      .map((tag) => attribute(tag, 'value') ?? '');
  }

  get title(): string {
    return decode(/<h1[^>]*>([\s\S]*?)<\/h1>/.exec(this.html)?.[1] ?? '');
  }

  text(): string {
    const body = this.html.slice(this.html.indexOf('<main'));
    return decode(body.replace(/<svg[\s\S]*?<\/svg>/g, ' ').replace(/<[^>]+>/g, ' '))
      .replace(/\s+/g, ' ')
      .trim();
  }
}
