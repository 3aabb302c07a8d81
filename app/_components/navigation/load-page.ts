"use client";

const KEY = "dingkeep.arrives";

/**
 * Loads a page with a full navigation, so that no state of the previous user stays in the tab. The focus then goes to
 * the heading, as after a client-side navigation.
 */
export function loadPage(path: string): void {
  try {
    sessionStorage.setItem(KEY, "1");
  } catch {
    // Storage is blocked: the focus stays at the browser's default.
  }
  location.assign(path);
}

/** Returns whether `loadPage` loaded this page, and clears the mark. */
export function takeLoadMark(): boolean {
  try {
    const isMarked = sessionStorage.getItem(KEY) !== null;
    sessionStorage.removeItem(KEY);
    return isMarked;
  } catch {
    return false;
  }
}
