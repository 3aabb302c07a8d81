"use client";

import type { createSpotlight } from "@mantine/spotlight";
import { type RefObject, useEffect } from "react";

type Store = ReturnType<typeof createSpotlight>[0];

type Parts = {
  readonly listId: string;
  readonly input: RefObject<HTMLInputElement | null>;
};

/** Tells a screen reader which line is selected, and keeps one selected while lines come and go. */
function tellSelection(store: Store, { listId, input }: Parts): void {
  const options = [...(document.getElementById(listId)?.querySelectorAll("[data-action]") ?? [])];
  const chosen = options.find((option) => option.hasAttribute("data-selected")) ?? options[0];
  // Only where it is missing: marking is what this is called for.
  if (chosen && !chosen.hasAttribute("data-selected")) chosen.setAttribute("data-selected", "true");
  for (const option of options) option.setAttribute("aria-selected", String(option === chosen));
  if (chosen) input.current?.setAttribute("aria-activedescendant", chosen.id);
  else input.current?.removeAttribute("aria-activedescendant");
  const index = chosen ? options.indexOf(chosen) : -1;
  if (index !== store.getState().selected) store.updateState((state) => ({ ...state, selected: index }));
}

/** Says which line is selected to screen readers, which Spotlight says to the eye alone. */
export function useSelection(store: Store, { listId, input }: Parts): void {
  useEffect(() => {
    // What Spotlight's own list does: its keys look for lines within it.
    store.updateState((state) => ({ ...state, listId }));
  }, [store, listId]);
  useEffect(() => tellSelection(store, { listId, input }));
  useEffect(() => {
    const list = document.getElementById(listId);
    if (!list) return;
    // Its keys mark the line in the page itself, and tell nobody who listens to the store.
    const observer = new MutationObserver(() => tellSelection(store, { listId, input }));
    observer.observe(list, { attributeFilter: ["data-selected"], subtree: true });
    return () => observer.disconnect();
  }, [store, listId, input]);
}
