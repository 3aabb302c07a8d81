"use client";

import { useDisclosure, useMediaQuery } from "@mantine/hooks";
import dynamic from "next/dynamic";
import { useTranslations } from "next-intl";
import { useCallback, useRef } from "react";
import { Link } from "@/app/_components/navigation/link";
import type { Step } from "@/lib/directory/reader/paths";
import type { RemovedDetail } from "@/lib/directory/removed/schema";
import type { FoundMember } from "@/lib/directory/search/schema";
import type { DepartmentDetail } from "@/lib/directory/tree/schema";
import { DepartmentPanel } from "./detail/department-panel";
import { DetailPane } from "./detail/detail-pane";
import type { PanelProps, RestoreContext } from "./detail/panel-props";
import { LoadingSkeleton, useDetail } from "./detail/panel-state";
import classes from "./directory.module.css";
import { FoundMembers, type FoundMembersHandle } from "./search/found-members";
import { SearchField } from "./search/search-field";
import { SearchStatus } from "./search/search-status";
import { DepartmentTree } from "./tree/department-tree";
import type { Row } from "./tree/tree-rows";
import type { TreeHandle } from "./tree/use-tree-focus";
import { type DirectoryStart, useDirectory } from "./use-directory";

/** Narrower windows show the panel as a drawer. directory.module.css has the same value. */
const WIDE = "(min-width: 64em)";

/** Loaded with the first member that is opened. It fetches in the browser only. */
const MemberPanel = dynamic(() => import("./detail/member-panel"), {
  ssr: false,
  loading: () => <LoadingSkeleton />,
});

/**
 * The focus of the panel's heading. `focusNext` focuses the next panel's heading, because a click in a panel can
 * replace it and lose the focus.
 */
function useHeading() {
  const node = useRef<HTMLHeadingElement>(null);
  const isExpected = useRef(false);
  const ref = useCallback((next: HTMLHeadingElement | null) => {
    node.current = next;
    if (next && isExpected.current) {
      isExpected.current = false;
      next.focus();
    }
  }, []);
  return {
    ref,
    focus: () => node.current?.focus(),
    focusNext: () => {
      isExpected.current = true;
    },
  };
}

type Props = { readonly start: DirectoryStart };

/** Search, tree and detail panel. On a small screen the panel covers the tree. */
export function DirectoryView({ start }: Props) {
  const t = useTranslations("directory");
  const removed = useTranslations("removed");
  const tree = useRef<TreeHandle>(null);
  const field = useRef<HTMLInputElement>(null);
  const people = useRef<FoundMembersHandle>(null);
  const heading = useHeading();
  const directory = useDirectory(start, () => {
    if (start.selectedId !== null) tree.current?.scrollTo(start.selectedId);
  });
  const { selected, member, searching, store, members } = directory;
  const { address, app, at, restoreOrganization } = start;
  const query = selected && { id: selected.id, at: at ?? undefined };
  const detail = useDetail<DepartmentDetail | RemovedDetail>(
    `${address}/detail/department`,
    query,
    start.selected,
  );
  const isWide = useMediaQuery(WIDE, true);
  // The panel is the only place that shows an entry outside the tree.
  const isOutsideTree = start.memberId !== null || (start.selectedId !== null && start.selected === null);
  const [isDrawerOpen, drawer] = useDisclosure(isOutsideTree);

  const focusHeading = () => (isWide ? heading.focus() : drawer.open());
  const select = (id: string, name: string, isAgain = false) => {
    if (isAgain) return focusHeading();
    directory.select(id, name);
    if (!isWide) drawer.open();
  };
  const openDetail = (row: Row) => {
    if (selected ?? member) focusHeading();
    else if (row.kind === "department") select(row.key, row.name);
  };
  const clear = async () => {
    field.current?.focus();
    await directory.leaveSearch();
    if (selected) tree.current?.scrollTo(selected.id);
  };
  const selectFound = (found: FoundMember) => {
    directory.selectFound(found);
    if (isWide) return;
    heading.focusNext();
    drawer.open();
  };
  const selectMember = (person: { readonly id: string; readonly name: string } | null) => {
    directory.selectMember(person);
    heading.focusNext();
  };
  const focusSearch = () => field.current?.focus();
  const focusTree = () => tree.current?.focus(directory.firstHit());
  const onEscape = () => directory.text !== "" && void clear();
  const onStep = ({ id, name }: Step) => {
    directory.select(id, name);
    // The clicked link disappears with the old path.
    if (member) heading.focusNext();
    else heading.focus();
    tree.current?.scrollTo(id);
  };
  const onRestored = (path: readonly string[]) => {
    heading.focus();
    const last = path.at(-1);
    void directory.reload(path).then(() => last && tree.current?.scrollTo(last));
  };
  const restore: RestoreContext | null =
    restoreOrganization === null || at !== null
      ? null
      : { organization: restoreOrganization, app, onRestored };
  const onMember = (id: string, name: string) => selectMember({ id, name });
  const panel: PanelProps = { address, at, restore, onStep, onMember };
  return (
    <div className={classes.panes}>
      <section className={classes.pane} aria-label={t("treePane")}>
        {at === null && (
          <SearchField
            ref={field}
            text={directory.text}
            isSearching={searching.status === "searching"}
            onText={(text, isComposing) => void directory.type(text, isComposing)}
            onClear={() => void clear()}
            onDown={() => (people.current ? people.current.focus() : focusTree())}
          />
        )}
        <SearchStatus
          state={searching}
          onRetry={directory.searchAgain}
          onRemovedToo={directory.searchRemovedToo}
        />
        {searching.status !== "failed" && members.length > 0 && (
          <FoundMembers
            ref={people}
            members={members}
            selected={member?.id ?? null}
            query={directory.query}
            onSelect={selectFound}
            onToDetail={focusHeading}
            onSearch={focusSearch}
            onEscape={onEscape}
            onLeave={focusTree}
          />
        )}
        {searching.status !== "failed" && store.view().rows.length > 0 && (
          <div className={classes.tree}>
            <DepartmentTree
              ref={tree}
              store={store}
              selected={selected?.id ?? null}
              query={directory.query}
              onSelect={select}
              onSearch={focusSearch}
              onEscape={onEscape}
              onToDetail={openDetail}
            />
          </div>
        )}
        {start.removedCount > 0 && (
          <p className={classes.removed}>
            <Link href={`${address}/removed`}>{removed("link", { n: start.removedCount })}</Link>{" "}
            {removed("linkHelp")}
          </p>
        )}
      </section>
      <DetailPane
        isWide={isWide}
        isOpen={isDrawerOpen}
        onClose={drawer.close}
        onToTree={() => tree.current?.focus()}
      >
        {member ? (
          <MemberPanel
            key={member.id}
            headingRef={heading.ref}
            id={member.id}
            name={member.name}
            onBack={selected && (() => selectMember(null))}
            {...panel}
          />
        ) : (
          selected && (
            <DepartmentPanel
              headingRef={heading.ref}
              name={selected.name}
              state={detail.state}
              onRetry={detail.retry}
              {...panel}
            />
          )
        )}
      </DetailPane>
    </div>
  );
}
