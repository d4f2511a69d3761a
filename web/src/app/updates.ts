// After an update of the server, parts of the page that were not loaded yet are gone: loading the page anew brings the new ones.

const KEY = "flowstone.reloaded";
/** A second failure so soon, in milliseconds, is no update; then the error page tells. */
const SOON = 30_000;

export function watchUpdates(): void {
  window.addEventListener("vite:preloadError", (event) => {
    const last = Number(sessionStorage.getItem(KEY) ?? 0);
    if (Date.now() - last < SOON || !navigator.onLine) return;
    event.preventDefault();
    sessionStorage.setItem(KEY, String(Date.now()));
    window.location.reload();
  });
}
