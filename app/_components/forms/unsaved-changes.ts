"use client";

type Watched = { pristine: string; isTouched: boolean };

/** The forms on the page whose values somebody may have changed. */
const forms = new Map<HTMLFormElement, Watched>();

/** Before any of them a value is as the server sent it; a choice from a list changes one without an input event. */
const TOUCHES = ["focusin", "keydown", "pointerdown"] as const;

/** Secrets are among the values: the text stays in this module, in the browser's memory. */
const valuesOf = (form: HTMLFormElement): string =>
  JSON.stringify([...new FormData(form)].filter(([, value]) => typeof value === "string"));

/**
 * Watches a form for changes that are not saved. Only what a person did counts: a value that the server
 * brought meanwhile is no change.
 *
 * @returns ends it
 */
export function watchUnsaved(form: HTMLFormElement): () => void {
  const watched: Watched = { pristine: valuesOf(form), isTouched: false };
  const onTouch = () => {
    if (!watched.isTouched) watched.pristine = valuesOf(form);
    watched.isTouched = true;
  };
  // What a password manager fills in comes without a touch.
  const onInput = () => {
    watched.isTouched = true;
  };
  forms.set(form, watched);
  for (const touch of TOUCHES) form.addEventListener(touch, onTouch);
  form.addEventListener("input", onInput);
  return () => {
    forms.delete(form);
    for (const touch of TOUCHES) form.removeEventListener(touch, onTouch);
    form.removeEventListener("input", onInput);
  };
}

/** What the form holds is saved now. */
export function markSaved(form: HTMLFormElement | null): void {
  const watched = form && forms.get(form);
  if (!watched) return;
  watched.isTouched = false;
  watched.pristine = valuesOf(form);
}

/** Whether a form on the page holds something that would be lost. */
export const hasUnsaved = (): boolean =>
  [...forms].some(([form, { isTouched, pristine }]) => isTouched && valuesOf(form) !== pristine);

/** The person chose to lose it. */
export function discardUnsaved(): void {
  for (const form of forms.keys()) markSaved(form);
}
