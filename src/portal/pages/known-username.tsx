/** Tells password managers whose password this is (P-05). Not shown, not posted. */
export const KnownUsername = ({ username }: { username: string }) => (
  <input type="text" autocomplete="username" value={username} hidden readOnly tabIndex={-1} aria-hidden="true" />
);
