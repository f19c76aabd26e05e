/** One filled button a page; everything else is quiet, a link, or says that it destroys something. */
import type { ComponentChildren } from 'preact';

export type Look = 'main' | 'quiet' | 'danger' | 'link';

const classes: Record<Look, string> = { main: 'button', quiet: 'button quiet', danger: 'button danger', link: 'link' };

export interface ButtonProps {
  look?: Look;
  name?: string;
  value?: string;
  children: ComponentChildren;
}

export const Button = ({ look = 'main', name, value, children }: ButtonProps) => (
  <button type="submit" class={classes[look]} name={name} value={value}>
    {children}
  </button>
);

export interface ButtonLinkProps {
  look?: Look;
  href: string;
  children: ComponentChildren;
}

export const ButtonLink = ({ look = 'main', href, children }: ButtonLinkProps) => (
  <a class={classes[look]} href={href}>
    {children}
  </a>
);
