"use client";

import { useSyncExternalStore } from "react";

/** The same as `--row-height` in tree.module.css. */
const FINE_PX = 36;
const COARSE_PX = 44;
const COARSE = "(pointer: coarse)";

function subscribe(listener: () => void): () => void {
  const media = matchMedia(COARSE);
  media.addEventListener("change", listener);
  return () => media.removeEventListener("change", listener);
}

/** How high a row is under this pointer, in pixels. */
export const useRowHeight = (): number =>
  useSyncExternalStore(
    subscribe,
    () => (matchMedia(COARSE).matches ? COARSE_PX : FINE_PX),
    () => FINE_PX,
  );
