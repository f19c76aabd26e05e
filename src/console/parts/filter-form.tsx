/** Filters as a plain GET form: every view has an address of its own. */
import type { ComponentChildren } from 'preact';

export const FilterForm = ({
  action,
  label,
  button,
  children,
}: {
  action: string;
  /** What it filters, for screen readers. */
  label: string;
  button: string;
  children: ComponentChildren;
}) => (
  <form class="filter" method="get" action={action} aria-label={label}>
    {children}
    <button class="button quiet" type="submit">
      {button}
    </button>
  </form>
);
