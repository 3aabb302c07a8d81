"use client";

import { useEffect, useRef } from "react";
import { announce } from "./announce";

type Item = { readonly key: string; readonly sentence: string };

/** Says what was not there a moment ago, and nothing of what the page began with. */
export function AnnounceNew({ items }: { readonly items: readonly Item[] }) {
  const known = useRef<ReadonlySet<string> | null>(null);
  useEffect(() => {
    const before = known.current;
    known.current = new Set(items.map(({ key }) => key));
    const added = before && items.find(({ key }) => !before.has(key));
    if (added) announce(added.sentence);
  }, [items]);
  return null;
}
