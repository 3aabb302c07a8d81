/** More are not restored: each is a read of its own. */
const OPENED_MAX = 100;

const keyOf = (app: string) => `dingkeep.opened.${app}`;

/** The departments that were open in this tab, `null` when nothing was kept. */
export function loadOpenNodes(app: string): string[] | null {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(keyOf(app)) ?? "null");
    if (!Array.isArray(kept)) return null;
    return kept.filter((id) => typeof id === "string").slice(0, OPENED_MAX);
  } catch {
    // Storage is closed to us, or holds what we didn't write: the tree just begins as it does.
    return null;
  }
}

export function saveOpenNodes(app: string, open: ReadonlySet<string>): void {
  try {
    sessionStorage.setItem(keyOf(app), JSON.stringify([...open].slice(0, OPENED_MAX)));
  } catch {
    // Full or closed: the next load begins anew.
  }
}
