"use client";

import { useEffect, useEffectEvent, useMemo, useRef, useState } from "react";
import { fetchJson } from "@/app/_components/data/fetch-json";
import { type Answer, useDirectorySearch } from "@/app/_components/data/use-directory-search";
import type { FoundMember } from "@/lib/directory/search/schema";
import type { ChildPage, DepartmentDetail } from "@/lib/directory/tree/schema";
import { foundTree } from "./search/found-tree";
import { pathIn, startState } from "./tree/loaded-tree";
import { loadOpenNodes, saveOpenNodes } from "./tree/open-nodes";
import { TreeStore } from "./tree/tree-store";
import { setUrlParameter } from "./url-state";

/** Data with which the server renders the page. */
export type DirectoryStart = {
  /** The page's path, to which its routes are relative. */
  readonly address: string;
  readonly app: string;
  /** The organization's public id if the user may restore removed entries; else `null`. */
  readonly restoreOrganization: string | null;
  /** How many removed entries can be restored. */
  readonly removedCount: number;
  readonly roots: ChildPage;
  readonly children: Readonly<Record<string, ChildPage>>;
  readonly selectedId: string | null;
  readonly selected: DepartmentDetail | null;
  /** Userid of the member in the address. */
  readonly memberId: string | null;
  /** The run whose directory is shown; `null` for the present. */
  readonly at: string | null;
  readonly query: string;
  /** Changes with the directory. */
  readonly revision: number;
};

type Selected = { readonly id: string; readonly name: string };

/** A search result is complete, so nothing is loaded later. */
const loadNothing = () => Promise.resolve({ items: [], total: 0 });

/** Restores the departments that were open in this tab before a reload, and saves changes from then on. */
function useOpenNodes(full: TreeStore, { app, selected }: DirectoryStart, onRestored: () => void): void {
  const [path] = useState(() => selected?.path.map(({ id }) => id) ?? []);
  useEffect(() => {
    let isCancelled = false;
    const keep = () => saveOpenNodes(app, full.view().state.open);
    const begin = async () => {
      const ids = loadOpenNodes(app);
      if (ids) await full.restore(ids, path.slice(0, -1));
      if (!isCancelled) onRestored();
    };
    let stop = () => {};
    void begin().then(() => {
      if (!isCancelled) stop = full.subscribe(keep);
    });
    return () => {
      isCancelled = true;
      stop();
    };
    // oxlint-disable-next-line react/exhaustive-deps -- runs once per tree; `onRestored` changes with every render
  }, [app, full, path]);
}

/** The full tree, and the tree of search hits that replaces it while there is an answer. */
function useTrees({ address, roots, children, at }: DirectoryStart, answer: Answer | null) {
  const [full] = useState(
    () =>
      new TreeStore(startState(roots, children), (query) =>
        fetchJson(`${address}/tree/children`, { ...query, at: at ?? undefined }),
      ),
  );
  const found = useMemo(
    () => answer && { text: answer.text, store: new TreeStore(foundTree(answer.found), loadNothing) },
    [answer],
  );
  return { full, found };
}

/** The search, whose text is read from the address and written back. */
function useSearchInUrl({ address, query }: DirectoryStart) {
  const { state, search } = useDirectorySearch(address);
  // The first value, even after a page refresh.
  const [first] = useState(query);
  useEffect(() => {
    if (first !== "") search(first, { isNow: true });
  }, [search, first]);
  // Once per answer and not per keystroke, because browsers limit how often the address may change.
  useEffect(() => {
    if (state.status === "found") setUrlParameter("q", state.answer.text);
  }, [state]);
  return { searching: state, answer: "answer" in state ? state.answer : null, search };
}

/** Returns the part after the last path separator, which is the part that matches names. */
const lastPathPart = (text: string): string => text.split(/[/›>]/).at(-1)?.trim() ?? "";

/** The department selected in the tree, and the member that the panel shows instead. */
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
  /** `null` returns to the department. */
  const selectMember = (person: Selected | null) => show(null, person);
  return { selected, member, select, selectFound, selectMember };
}

/** Reloads what is open when a refresh of the page brought another revision of the directory. */
function useNewRevision({ revision, at }: DirectoryStart, reload: () => Promise<void>): void {
  const shown = useRef(revision);
  const onNew = useEffectEvent(() => void reload());
  useEffect(() => {
    if (shown.current === revision) return;
    shown.current = revision;
    if (at === null) onNew();
  }, [revision, at]);
}

/** The state of the directory page: tree, search and selection. */
export function useDirectory(start: DirectoryStart, onRestored: () => void) {
  const [text, setText] = useState(start.query);
  const { searching, answer, search } = useSearchInUrl(start);
  const { full, found } = useTrees(start, answer);
  const { selected, ...selection } = useSelected(start);
  useOpenNodes(full, start, onRestored);
  useNewRevision(start, () => full.reload([]));

  /** Returns to the full tree, with the path to the selected hit opened. */
  const showFullTree = async () => {
    search("");
    setUrlParameter("q", null);
    await full.reveal(found && selected ? pathIn(found.store.view().state, selected.id) : []);
  };

  const leaveSearch = () => {
    setText("");
    return showFullTree();
  };

  const type = async (typed: string, isComposing: boolean) => {
    setText(typed);
    if (isComposing) return;
    if (typed.trim() === "") await showFullTree();
    else search(typed);
  };

  return {
    store: found?.store ?? full,
    query: lastPathPart(found?.text ?? ""),
    members: answer?.found.members.hits ?? [],
    text,
    searching,
    selected,
    ...selection,
    type,
    leaveSearch,
    /** Key of the first row that is a hit and not only an ancestor of one. */
    firstHit: () => {
      const hits = new Set(answer?.found.hitIds);
      return found?.store.view().rows.find(({ key }) => hits.has(key))?.key;
    },
    /** Reloads everything shown, with the path to a restored entry. */
    reload: (path: readonly string[]) => {
      if (answer) search(answer.text, { isNow: true, includesRemoved: answer.includesRemoved });
      return full.reload(path);
    },
    searchAgain: () => search(text, { isNow: true }),
    searchRemovedToo: () => search(text, { isNow: true, includesRemoved: true }),
  };
}
