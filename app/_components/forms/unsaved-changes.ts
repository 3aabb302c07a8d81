"use client";

type Snapshot = { pristine: string; hasInput: boolean };

/** The page's forms that may have unsaved changes. */
const forms = new Map<HTMLFormElement, Snapshot>();

/** The first of these events takes the snapshot, because selects change values without an input event. */
const INPUT_EVENTS = ["focusin", "keydown", "pointerdown"] as const;

/** Contains secrets, so the text must not leave this module. */
const valuesOf = (form: HTMLFormElement): string =>
  JSON.stringify([...new FormData(form)].filter(([, value]) => typeof value === "string"));

/**
 * Watches a form for unsaved changes. Only user input counts, not values that a server refresh brings.
 *
 * @returns a function that stops watching
 */
export function watchUnsaved(form: HTMLFormElement): () => void {
  const snapshot: Snapshot = { pristine: valuesOf(form), hasInput: false };
  const onFirstInput = () => {
    if (!snapshot.hasInput) snapshot.pristine = valuesOf(form);
    snapshot.hasInput = true;
  };
  // Password managers fill in fields without focus or keys.
  const onInput = () => {
    snapshot.hasInput = true;
  };
  forms.set(form, snapshot);
  for (const event of INPUT_EVENTS) form.addEventListener(event, onFirstInput);
  form.addEventListener("input", onInput);
  return () => {
    forms.delete(form);
    for (const event of INPUT_EVENTS) form.removeEventListener(event, onFirstInput);
    form.removeEventListener("input", onInput);
  };
}

/** Marks the form's present values as saved. */
export function markSaved(form: HTMLFormElement | null): void {
  const snapshot = form && forms.get(form);
  if (!snapshot) return;
  snapshot.hasInput = false;
  snapshot.pristine = valuesOf(form);
}

/** Returns whether a form on the page has unsaved changes. */
export const hasUnsaved = (): boolean =>
  [...forms].some(([form, { hasInput, pristine }]) => hasInput && valuesOf(form) !== pristine);

export function discardUnsaved(): void {
  for (const form of forms.keys()) markSaved(form);
}
