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
/** Assumed viewport height for server rendering. */
const SERVER_HEIGHT_PX = 720;

export type TreeHandle = {
  /** Focuses this row, or the tab stop. */
  focus(key?: string): void;
  scrollTo(key: string): void;
};

const indexOf = (rows: readonly Row[], key: string | null) => rows.findIndex((row) => row.key === key);

/** Returns the index of the tab stop: the focused row, else the selected one, else the first. */
function tabStop({ rows, active }: TreeView, selected: string | null): number {
  const activeIndex = active === null ? -1 : indexOf(rows, active);
  return activeIndex >= 0 ? activeIndex : Math.max(indexOf(rows, selected), 0);
}

/** Renders the rows in view, and always the pinned (focused) row. */
function useVirtualRows(rows: readonly Row[], pinned: number) {
  const scroller = useRef<HTMLDivElement>(null);
  const height = useRowHeight();
  // oxlint-disable-next-line react/incompatible-library -- the React compiler is not in use
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: OVERSCAN,
    initialRect: { width: 0, height: SERVER_HEIGHT_PX },
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

/** Moves browser focus and scroll position to the store's active row while the tree has the focus. */
function useActiveRow(
  ref: Ref<TreeHandle>,
  store: TreeStore,
  { rows, active }: TreeView,
  { scroller, virtualizer, stop }: List & { readonly stop: number },
) {
  /** Set while the focus is in the tree or moving into it. */
  const holdsFocus = useRef(false);

  useLayoutEffect(() => {
    if (!holdsFocus.current || active === null) return;
    const index = indexOf(store.view().rows, active);
    if (index < 0) return;
    // The pinned row is already in the DOM before the list scrolls to it.
    focusRow(scroller.current, active);
    virtualizer.scrollToIndex(index, { align: "auto" });
    // Only when the focus moves, so that scrolling away from the row stays possible.
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

/** Manages virtual rows, the tab stop, and the focus, which follows the store's active row. */
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
    // The window lost the focus or the row was removed, so the focus will return to the tree.
    if (next === null || event.currentTarget.contains(next)) return;
    holdsFocus.current = false;
    store.focus(null);
  };

  return { scroller, virtualizer, stop, rowOf, onFocus, onBlur };
}

/** Same as `--row-height` in tree.module.css. */
const FINE_POINTER_PX = 36;
const COARSE_POINTER_PX = 44;
const COARSE = "(pointer: coarse)";

function subscribe(listener: () => void): () => void {
  const media = matchMedia(COARSE);
  media.addEventListener("change", listener);
  return () => media.removeEventListener("change", listener);
}

/** Returns the row height in pixels for the current pointer type. */
export const useRowHeight = (): number =>
  useSyncExternalStore(
    subscribe,
    () => (matchMedia(COARSE).matches ? COARSE_POINTER_PX : FINE_POINTER_PX),
    () => FINE_POINTER_PX,
  );
