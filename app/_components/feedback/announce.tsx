"use client";

import { useEffect, useRef } from "react";

/** Announces a sentence to screen readers, politely, in the root layout's live region. */
export function announce(sentence: string): void {
  const region = document.getElementById("status");
  if (!region) return;
  // Screen readers skip a repeated sentence unless the region was empty in between.
  region.textContent = "";
  requestAnimationFrame(() => {
    region.textContent = sentence;
  });
}

type Item = { readonly key: string; readonly sentence: string };

/** Announces items that appear after the first render. */
export function AnnounceNewItems({ items }: { readonly items: readonly Item[] }) {
  const known = useRef<ReadonlySet<string> | null>(null);
  useEffect(() => {
    const before = known.current;
    known.current = new Set(items.map(({ key }) => key));
    const added = before && items.find(({ key }) => !before.has(key));
    if (added) announce(added.sentence);
  }, [items]);
  return null;
}
