"use client";

import { useEffect, useMemo, useState } from "react";
import type { ChildPage, DepartmentDetail } from "@/lib/directory/tree/schema";
import { replaceInAddress } from "./address";
import { foundTree } from "./found-tree";
import { keepOpened, openedBefore } from "./opened-nodes";
import { read } from "./read";
import { pathIn, startState } from "./tree-state";
import { TreeStore } from "./tree-store";
import { useSearch } from "./use-search";

/** What the page comes with. */
export type DirectoryStart = {
  /** The page's own path; its routes lie below it. */
  readonly address: string;
  readonly app: string;
  readonly roots: ChildPage;
  readonly children: Readonly<Record<string, ChildPage>>;
  readonly selectedId: string | null;
  readonly selected: DepartmentDetail | null;
  readonly query: string;
};

type Selected = { readonly id: string; readonly name: string };

/** All that a search leaves is there: nothing of it is loaded later. */
const readNothing = () => Promise.resolve({ items: [], total: 0 });

/** Gives back what was open in this tab before a reload, and keeps what is open from then on. */
function useOpened(full: TreeStore, { app, selected }: DirectoryStart, onRestored: () => void): void {
  const [path] = useState(() => selected?.path.map(({ id }) => id) ?? []);
  useEffect(() => {
    let isOver = false;
    const keep = () => keepOpened(app, full.view().state.open);
    const begin = async () => {
      const ids = openedBefore(app);
      if (ids) await full.restore(ids, path.slice(0, -1));
      if (!isOver) onRestored();
    };
    let stop = () => {};
    void begin().then(() => {
      if (!isOver) stop = full.subscribe(keep);
    });
    return () => {
      isOver = true;
      stop();
    };
    // oxlint-disable-next-line react/exhaustive-deps -- once for each tree: what is called at its end changes with every render
  }, [app, full, path]);
}

/** The state of the directory page: its tree, the search that may stand before it, and what is selected. */
export function useDirectory(start: DirectoryStart, onRestored: () => void) {
  const { address } = start;
  const [full] = useState(
    () =>
      new TreeStore(startState(start.roots, start.children), (query) => read(`${address}/children`, query)),
  );
  const [text, setText] = useState(start.query);
  const [selected, setSelected] = useState<Selected | null>(
    start.selectedId === null ? null : { id: start.selectedId, name: start.selected?.name ?? "" },
  );
  const { state: searching, search } = useSearch(address);
  const answer = "answer" in searching ? searching.answer : null;
  const found = useMemo(
    () => answer && { text: answer.text, store: new TreeStore(foundTree(answer.found), readNothing) },
    [answer],
  );
  useOpened(full, start, onRestored);
  useEffect(() => {
    if (start.query !== "") search(start.query, true);
  }, [search, start.query]);

  // With the answer, not with each letter: browsers refuse an address that changes too often.
  useEffect(() => {
    if (searching.is === "found") replaceInAddress("q", searching.answer.text);
  }, [searching]);

  const select = (id: string, name: string) => {
    setSelected({ id, name });
    replaceInAddress("node", id);
  };

  /** Back to the whole tree, as it was left, with the way open to what was selected among the hits. */
  const toWholeTree = async () => {
    search("");
    replaceInAddress("q", null);
    await full.reveal(found && selected ? pathIn(found.store.view().state, selected.id) : []);
  };

  const leaveSearch = () => {
    setText("");
    return toWholeTree();
  };

  const type = async (typed: string, isComposing: boolean) => {
    setText(typed);
    if (isComposing) return;
    if (typed.trim() === "") await toWholeTree();
    else search(typed);
  };

  return {
    store: found?.store ?? full,
    query: found?.text ?? "",
    text,
    searching,
    selected,
    select,
    type,
    leaveSearch,
    /** The first row that was searched for itself, not an ancestor's. */
    firstHit: () => {
      const hits = new Set(answer?.found.hitIds);
      return found?.store.view().rows.find(({ key }) => hits.has(key))?.key;
    },
    searchAgain: () => search(text, true),
  };
}
