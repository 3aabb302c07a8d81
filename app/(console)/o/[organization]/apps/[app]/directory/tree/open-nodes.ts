/** Limits the requests of a restore, one per department. */
const OPEN_NODES_MAX = 100;

const keyOf = (app: string) => `dingkeep.opened.${app}`;

/** Returns the departments that were open in this tab; `null` when none are saved. */
export function loadOpenNodes(app: string): string[] | null {
  try {
    const saved: unknown = JSON.parse(sessionStorage.getItem(keyOf(app)) ?? "null");
    if (!Array.isArray(saved)) return null;
    return saved.filter((id) => typeof id === "string").slice(0, OPEN_NODES_MAX);
  } catch {
    // Storage is blocked, or contains something else.
    return null;
  }
}

export function saveOpenNodes(app: string, open: ReadonlySet<string>): void {
  try {
    sessionStorage.setItem(keyOf(app), JSON.stringify([...open].slice(0, OPEN_NODES_MAX)));
  } catch {
    // Storage is full or blocked.
  }
}
