"use client";

import { useEffect, useRef } from "react";

/** Says a result to screen readers, politely, in the live region of the root layout. */
export function announce(sentence: string): void {
  const region = document.getElementById("status");
  if (!region) return;
  // The same sentence twice in a row is heard only if the region was empty in between.
  region.textContent = "";
  requestAnimationFrame(() => {
    region.textContent = sentence;
  });
}

type Item = { readonly key: string; readonly sentence: string };

/** Says what was not there a moment ago, and nothing of what the page began with. */
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
