"use client";

import { defaultRangeExtractor, useVirtualizer } from "@tanstack/react-virtual";
import {
  type FocusEvent,
  type Ref,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useSyncExternalStore,
} from "react";
import type { Row } from "./tree-rows";
import type { TreeStore, TreeView } from "./tree-store";

const OVERSCAN = 10;
/** Of the screen that the server paints for: it doesn't know the real one. */
const PAINTED_PX = 720;

export type TreeHandle = {
  /** Gives the focus to that row, or to the one that Tab would enter at. */
  focus(key?: string): void;
  scrollTo(key: string): void;
};

const indexOf = (rows: readonly Row[], key: string | null) => rows.findIndex((row) => row.key === key);

/** Where Tab enters: at the row that has the focus, else at the selected one, else at the first. */
function tabStop({ rows, active }: TreeView, selected: string | null): number {
  const activeIndex = active === null ? -1 : indexOf(rows, active);
  return activeIndex >= 0 ? activeIndex : Math.max(indexOf(rows, selected), 0);
}

/** The rows that stand in the DOM: those in view, and the one that has the focus wherever it is. */
function useVirtualRows(rows: readonly Row[], pinned: number) {
  const scroller = useRef<HTMLDivElement>(null);
  const height = useRowHeight();
  // oxlint-disable-next-line react/incompatible-library -- no compiler memoizes our components
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: OVERSCAN,
    initialRect: { width: 0, height: PAINTED_PX },
    rangeExtractor: (range) => {
      const shown = defaultRangeExtractor(range);
      return shown.includes(pinned) || pinned >= rows.length
        ? shown
        : [...shown, pinned].sort((a, b) => a - b);
    },
  });
  useEffect(() => virtualizer.measure(), [virtualizer, height]);
  return { scroller, virtualizer };
}

function focusRow(scroller: HTMLElement | null, key: string): void {
  scroller?.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
}

type List = ReturnType<typeof useVirtualRows>;

/** Keeps the browser's focus and the list's place at `store`'s active row, as long as the tree has the focus. */
function useActiveRow(
  ref: Ref<TreeHandle>,
  store: TreeStore,
  { rows, active }: TreeView,
  { scroller, virtualizer, stop }: List & { readonly stop: number },
) {
  /** Whether the focus is in the tree, or on its way to it. */
  const holdsFocus = useRef(false);

  useLayoutEffect(() => {
    if (!holdsFocus.current || active === null) return;
    const index = indexOf(store.view().rows, active);
    if (index < 0) return;
    // The row is pinned, so it is there before the list has scrolled to it.
    focusRow(scroller.current, active);
    virtualizer.scrollToIndex(index, { align: "auto" });
    // Only when the focus moves: whoever scrolls away from the row is not taken back to it.
  }, [active, store, scroller, virtualizer]);

  useImperativeHandle(ref, () => ({
    focus: (key = rows[stop]?.key) => {
      if (key === undefined) return;
      holdsFocus.current = true;
      store.focus(key);
      focusRow(scroller.current, key);
    },
    scrollTo: (key) => {
      const index = indexOf(store.view().rows, key);
      if (index >= 0) virtualizer.scrollToIndex(index, { align: "center" });
    },
  }));
  return holdsFocus;
}

/** Which rows are there, which of them is the tab stop, and the focus that follows `store`'s active row. */
export function useTreeFocus(
  ref: Ref<TreeHandle>,
  store: TreeStore,
  view: TreeView,
  selected: string | null,
) {
  const { rows } = view;
  const stop = tabStop(view, selected);
  const { scroller, virtualizer } = useVirtualRows(rows, stop);
  const holdsFocus = useActiveRow(ref, store, view, { scroller, virtualizer, stop });

  const rowOf = (target: EventTarget): Row | undefined => {
    const key = (target as Element).closest<HTMLElement>("[data-key]")?.dataset.key;
    return key === undefined ? undefined : rows[indexOf(rows, key)];
  };

  const onFocus = (event: FocusEvent) => {
    holdsFocus.current = true;
    const row = rowOf(event.target);
    if (row) store.focus(row.key);
  };

  const onBlur = (event: FocusEvent) => {
    const next = event.relatedTarget;
    // Nobody took it: the window was left, or the row was taken away. It comes back to where it was.
    if (next === null || event.currentTarget.contains(next)) return;
    holdsFocus.current = false;
    store.focus(null);
  };

  return { scroller, virtualizer, stop, rowOf, onFocus, onBlur };
}

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
