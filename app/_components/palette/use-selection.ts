"use client";

import { type createSpotlight, useSpotlight } from "@mantine/spotlight";
import { type RefObject, useEffect } from "react";

type Store = ReturnType<typeof createSpotlight>[0];

type Parts = {
  readonly listId: string;
  readonly input: RefObject<HTMLInputElement | null>;
};

/**
 * Says which line is selected to screen readers, which Spotlight says to the eye alone, and keeps one selected while
 * lines come and go.
 */
export function useSelection(store: Store, { listId, input }: Parts): void {
  // A new selection renders anew, and what it is has to be read from the lines themselves.
  useSpotlight(store);
  useEffect(() => {
    // What Spotlight's own list does: its keys look for lines within it.
    store.updateState((state) => ({ ...state, listId }));
  }, [store, listId]);
  useEffect(() => {
    const options = [...(document.getElementById(listId)?.querySelectorAll("[data-action]") ?? [])];
    const chosen = options.find((option) => option.hasAttribute("data-selected")) ?? options[0];
    chosen?.setAttribute("data-selected", "true");
    for (const option of options) option.setAttribute("aria-selected", String(option === chosen));
    if (chosen) input.current?.setAttribute("aria-activedescendant", chosen.id);
    else input.current?.removeAttribute("aria-activedescendant");
    const index = chosen ? options.indexOf(chosen) : -1;
    if (index !== store.getState().selected) store.updateState((state) => ({ ...state, selected: index }));
  });
}
