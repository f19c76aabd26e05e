/** Terms and what is true of them. */
import type { ComponentChildren } from 'preact';

export const Facts = ({ items }: { items: readonly (readonly [string, ComponentChildren])[] }) => (
  <dl class="terms">
    {items.map(([term, value]) => (
      <div key={term}>
        <dt>{term}</dt>
        <dd>{value}</dd>
      </div>
    ))}
  </dl>
);
