"use client";

const KEY = "dingkeep.arrives";

/**
 * Loads another page anew, with nothing left of this one: for when the person behind the pages changes. Its focus
 * begins at its heading, as after any other step within the console.
 */
export function loadPage(path: string): void {
  try {
    sessionStorage.setItem(KEY, "1");
  } catch {
    // Storage is closed to us: the focus begins where the browser begins.
  }
  location.assign(path);
}

/** Whether this page was loaded by `loadPage`; asked once. */
export function takeArrival(): boolean {
  try {
    const hasArrived = sessionStorage.getItem(KEY) !== null;
    sessionStorage.removeItem(KEY);
    return hasArrived;
  } catch {
    return false;
  }
}
