"use client";

import { useEffect, useMemo, useState } from "react";
import { fetchJson } from "@/app/_components/data/fetch-json";
import { type Answer, useDirectorySearch } from "@/app/_components/data/use-directory-search";
import type { FoundMember } from "@/lib/directory/search/schema";
import type { ChildPage, DepartmentDetail } from "@/lib/directory/tree/schema";
import { foundTree } from "./search/found-tree";
import { loadOpenNodes, saveOpenNodes } from "./tree/open-nodes";
import { pathIn, startState } from "./tree/tree-state";
import { TreeStore } from "./tree/tree-store";
import { setUrlParameter } from "./url-state";

/** What the page comes with. */
export type DirectoryStart = {
  /** The page's own path; its routes lie below it. */
  readonly address: string;
  readonly app: string;
  /** The public id of whose it is, for who may restore what was removed; else `null`. */
  readonly decides: string | null;
  /** How much was removed and can be restored. */
  readonly removedCount: number;
  readonly roots: ChildPage;
  readonly children: Readonly<Record<string, ChildPage>>;
  readonly selectedId: string | null;
  readonly selected: DepartmentDetail | null;
  /** The person whom the address names, by their userid. */
  readonly memberId: string | null;
  /** The run after which the directory is looked at; `null`: now. */
  readonly at: string | null;
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
    const keep = () => saveOpenNodes(app, full.view().state.open);
    const begin = async () => {
      const ids = loadOpenNodes(app);
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

/** The whole tree, and before it the tree of the hits while a search has an answer. */
function useTrees({ address, roots, children, at }: DirectoryStart, answer: Answer | null) {
  const [full] = useState(
    () =>
      new TreeStore(startState(roots, children), (query) =>
        fetchJson(`${address}/tree/children`, { ...query, at: at ?? undefined }),
      ),
  );
  const found = useMemo(
    () => answer && { text: answer.text, store: new TreeStore(foundTree(answer.found), readNothing) },
    [answer],
  );
  return { full, found };
}

/** The search, which begins with what stands in the address and keeps it up to date. */
function useAddressedSearch({ address, query }: DirectoryStart) {
  const { state, search } = useDirectorySearch(address);
  // What the page came with, even when it comes anew.
  const [first] = useState(query);
  useEffect(() => {
    if (first !== "") search(first, { isNow: true });
  }, [search, first]);
  // With the answer, not with each letter: browsers refuse an address that changes too often.
  useEffect(() => {
    if (state.status === "found") setUrlParameter("q", state.answer.text);
  }, [state]);
  return { searching: state, answer: "answer" in state ? state.answer : null, search };
}

/** What comes after the last sign between the parts of a path: that is what names are searched for. */
const lastPart = (text: string): string => text.split(/[/›>]/).at(-1)?.trim() ?? "";

/** The department that is selected in the tree, and the person whom the panel shows before it. */
function useSelected({ selectedId, selected: known, memberId }: DirectoryStart) {
  const [member, setMember] = useState<Selected | null>(
    memberId === null ? null : { id: memberId, name: "" },
  );
  const [selected, setSelected] = useState<Selected | null>(
    selectedId === null ? null : { id: selectedId, name: known?.name ?? "" },
  );
  const show = (node: Selected | null, person: Selected | null) => {
    setMember(person);
    setUrlParameter("member", person?.id ?? null);
    if (node === null) return;
    setSelected(node);
    setUrlParameter("node", node.id);
  };
  const select = (id: string, name: string) => show({ id, name }, null);
  const selectFound = ({ id, name, departments: [first] }: FoundMember) =>
    show(first ? { id: first.id, name: first.path.at(-1) ?? "" } : null, { id, name });
  /** `null`: back to the department. */
  const selectMember = (person: Selected | null) => show(null, person);
  return { selected, member, select, selectFound, selectMember };
}

/** The state of the directory page: its tree, the search that may stand before it, and what is selected. */
export function useDirectory(start: DirectoryStart, onRestored: () => void) {
  const [text, setText] = useState(start.query);
  const { searching, answer, search } = useAddressedSearch(start);
  const { full, found } = useTrees(start, answer);
  const { selected, ...selection } = useSelected(start);
  useOpened(full, start, onRestored);

  /** Back to the whole tree, as it was left, with the way open to what was selected among the hits. */
  const toWholeTree = async () => {
    search("");
    setUrlParameter("q", null);
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
    query: lastPart(found?.text ?? ""),
    /** The people whom the search found. */
    members: answer?.found.members.hits ?? [],
    text,
    searching,
    selected,
    ...selection,
    type,
    leaveSearch,
    /** The first row that was searched for itself, not an ancestor's. */
    firstHit: () => {
      const hits = new Set(answer?.found.hitIds);
      return found?.store.view().rows.find(({ key }) => hits.has(key))?.key;
    },
    /** After something was restored: what is shown is read anew, with the way to it. */
    reload: (path: readonly string[]) => {
      if (answer) search(answer.text, { isNow: true, includesRemoved: answer.includesRemoved });
      return full.reload(path);
    },
    searchAgain: () => search(text, { isNow: true }),
    searchRemovedToo: () => search(text, { isNow: true, includesRemoved: true }),
  };
}
