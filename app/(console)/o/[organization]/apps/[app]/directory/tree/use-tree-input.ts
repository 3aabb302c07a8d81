"use client";

import { useTranslations } from "next-intl";
import { type ClipboardEvent, type KeyboardEvent, type MouseEvent, useRef } from "react";
import { announce } from "@/app/_components/feedback/announce";
import { type Intent, intentOf, TREE_KEYS } from "./tree-keys";
import type { Row } from "./tree-rows";
import type { TreeStore } from "./tree-store";
import { findByName, TypeAhead } from "./type-ahead";

/** Callbacks to the surrounding page. */
export type TreeEvents = {
  /** @param isAgain the row was already selected and Enter was pressed */
  readonly onSelect: (id: string, name: string, isAgain: boolean) => void;
  readonly onSearch: () => void;
  readonly onEscape: () => void;
  readonly onToDetail: (row: Row) => void;
};

type Context = TreeEvents & {
  readonly store: TreeStore;
  readonly rows: readonly Row[];
  /** Index of the row that receives keys. */
  readonly stop: number;
  readonly selected: string | null;
  readonly rowOf: (target: EventTarget) => Row | undefined;
};

/** The actions of keys and clicks on a row. */
function useActions({ store, rows, stop, selected, ...events }: Context) {
  const t = useTranslations("directory");
  const typeAhead = useRef(new TypeAhead());

  const activate = (row: Row, isEnter: boolean) => {
    if (row.kind === "department") return events.onSelect(row.key, row.name, isEnter && row.key === selected);
    if (row.failed === "unauthenticated") return location.reload();
    void store.load({ parent: row.parent, after: row.kind === "more" ? row.after : undefined });
  };

  const openSiblings = async (row: Row) => {
    const { opened, left } = await store.openSiblings(row);
    announce(left > 0 ? t("openedSome", { opened, left }) : t("opened", { n: opened }));
  };

  const type = (text: string, at: number) => {
    const row = rows[findByName(rows, stop, typeAhead.current.add(text, at))];
    if (row) store.focus(row.key);
  };

  const act = (intent: Intent, row: Row, at: number) => {
    switch (intent.type) {
      case "focus":
        return store.focus(rows[intent.index]?.key ?? null);
      case "open":
        return void store.open(row.key);
      case "close":
        return store.close(row.key);
      case "select":
      case "enter":
        return activate(row, intent.type === "enter");
      case "open-siblings":
        return void openSiblings(row);
      case "search":
        return events.onSearch();
      case "leave":
        return events.onEscape();
      case "to-detail":
        return events.onToDetail(row);
      case "type":
        return type(intent.text, at);
    }
  };
  return { activate, type, act };
}

/** Returns the tree's key, click and clipboard handlers. */
export function useTreeInput(context: Context) {
  const { store, rows, stop, rowOf } = context;
  const t = useTranslations("directory");
  const { activate, type, act } = useActions(context);

  const onKeyDown = (event: KeyboardEvent) => {
    const row = rows[stop];
    if (!row) return;
    const { isComposing } = event.nativeEvent;
    const { key, ctrlKey, metaKey, altKey } = event;
    if (TREE_KEYS.has(key) && !ctrlKey && !metaKey && !altKey) event.preventDefault();
    const intent = intentOf({ key, ctrlKey, metaKey, altKey, isComposing }, rows, stop);
    if (intent) act(intent, row, event.timeStamp);
  };

  const onClick = (event: MouseEvent) => {
    const row = rowOf(event.target);
    if (!row) return;
    const isChevron = (event.target as Element).closest("[data-chevron]") !== null;
    if (!isChevron || row.kind !== "department") activate(row, false);
    else if (row.isOpen) store.close(row.key);
    else void store.open(row.key);
  };

  // Handles the copy event, which also works by menu and where scripts can't write to the clipboard.
  const onCopy = (event: ClipboardEvent) => {
    const row = rowOf(event.target);
    if (row?.kind !== "department" || getSelection()?.isCollapsed === false) return;
    event.preventDefault();
    event.clipboardData.setData("text/plain", row.key);
    announce(t("copiedId"));
  };

  return {
    onKeyDown,
    onClick,
    onCopy,
    onCompositionEnd: (event: { data: string; timeStamp: number }) => type(event.data, event.timeStamp),
  };
}
