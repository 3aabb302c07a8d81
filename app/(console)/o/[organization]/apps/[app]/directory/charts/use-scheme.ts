"use client";

import { useSyncExternalStore } from "react";

const ATTRIBUTE = "data-mantine-color-scheme";

function subscribe(onChange: () => void): () => void {
  const observer = new MutationObserver(onChange);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: [ATTRIBUTE] });
  return () => observer.disconnect();
}

/** The scheme that is shown, known as soon as the style sheets have it: what is drawn on a canvas asks them. */
export const useScheme = (): string | null =>
  useSyncExternalStore(
    subscribe,
    () => document.documentElement.getAttribute(ATTRIBUTE),
    () => null,
  );
