/** Back from another site: takes its answer out of the address bar at once, then hands it in. */
export {};

const form = document.querySelector<HTMLFormElement>('[data-returned] form');

if (form) {
  history.replaceState(null, '', location.pathname);
  form.requestSubmit();
}
