"use client";

import { useTranslations } from "next-intl";
import { type Ref, useEffect, useSyncExternalStore } from "react";
import { announce } from "@/app/_components/feedback/announce";
import classes from "./tree.module.css";
import { TreeRow } from "./tree-row";
import type { TreeStore } from "./tree-store";
import { type TreeHandle, useTreeFocus } from "./use-tree-focus";
import { type TreeEvents, useTreeInput } from "./use-tree-input";

/** Slower loads are announced. */
const ANNOUNCE_AFTER_MS = 400;

type Props = TreeEvents & {
  readonly ref: Ref<TreeHandle>;
  readonly store: TreeStore;
  readonly selected: string | null;
  /** Search text to highlight. */
  readonly query: string;
};

function useBusyAnnouncement(isBusy: boolean): void {
  const t = useTranslations("directory");
  const sentence = t("loading");
  useEffect(() => {
    if (!isBusy) return;
    const timer = setTimeout(() => announce(sentence), ANNOUNCE_AFTER_MS);
    return () => clearTimeout(timer);
  }, [isBusy, sentence]);
}

/** The department tree (ARIA tree pattern): one tab stop, virtual rows, children loaded from the server. */
export function DepartmentTree({ ref, store, selected, query, ...events }: Props) {
  const t = useTranslations("directory");
  const view = useSyncExternalStore(store.subscribe, store.view, store.view);
  const { rows, state } = view;
  const { scroller, virtualizer, stop, rowOf, onFocus, onBlur } = useTreeFocus(ref, store, view, selected);
  const input = useTreeInput({ ...events, store, rows, stop, selected, rowOf });
  useBusyAnnouncement([...state.loads.values()].includes("loading"));
  return (
    <div ref={scroller} className={classes.scroller}>
      {/* oxlint-disable-next-line jsx-a11y/interactive-supports-focus -- its rows get the focus */}
      <div
        role="tree"
        aria-label={t("tree")}
        className={classes.tree}
        style={{ height: virtualizer.getTotalSize() }}
        onFocus={onFocus}
        onBlur={onBlur}
        {...input}
      >
        {virtualizer.getVirtualItems().map(({ index }) => {
          const row = rows[index];
          if (!row) return null;
          return (
            <TreeRow
              key={row.key}
              row={row}
              index={index}
              isSelected={row.key === selected}
              isTabStop={index === stop}
              query={query}
            />
          );
        })}
      </div>
    </div>
  );
}
