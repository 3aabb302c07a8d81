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
import type { PanelProps } from "./detail/panel-props";
import { LoadingSkeleton, useDetail } from "./detail/panel-state";
import classes from "./directory.module.css";
import { FoundMembers, type FoundMembersHandle } from "./search/found-members";
import { SearchField } from "./search/search-field";
import { SearchStatus } from "./search/search-status";
import { DepartmentTree } from "./tree/department-tree";
import type { Row } from "./tree/tree-rows";
import type { TreeHandle } from "./tree/use-tree-focus";
import { type DirectoryStart, useDirectory } from "./use-directory";

/** Below it the panel is a drawer. The same in directory.module.css. */
const WIDE = "(min-width: 64em)";

/** It comes with the first person who is opened, and reads in the browser only. */
const MemberPanel = dynamic(() => import("./detail/member-panel"), {
  ssr: false,
  loading: () => <LoadingSkeleton />,
});

/** The panel's heading. What was pressed in a panel goes with it: the next panel's heading then takes the focus. */
function useHeading() {
  const node = useRef<HTMLHeadingElement>(null);
  const isAwaited = useRef(false);
  const ref = useCallback((next: HTMLHeadingElement | null) => {
    node.current = next;
    if (next && isAwaited.current) {
      isAwaited.current = false;
      next.focus();
    }
  }, []);
  return {
    ref,
    focus: () => node.current?.focus(),
    focusNext: () => {
      isAwaited.current = true;
    },
  };
}

type Props = { readonly start: DirectoryStart };

/** Search, tree and the panel beside it, or before it on a small screen. */
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
  const { address, app, at, decides } = start;
  const asked = selected && { id: selected.id, at: at ?? undefined };
  const detail = useDetail<DepartmentDetail | RemovedDetail>(
    `${address}/detail/department`,
    asked,
    start.selected,
  );
  const isWide = useMediaQuery(WIDE, true);
  // What the address names and the tree doesn't have would be seen nowhere else.
  const isElsewhere = start.memberId !== null || (start.selectedId !== null && start.selected === null);
  const [isDrawerOpen, drawer] = useDisclosure(isElsewhere);

  const toHeading = () => (isWide ? heading.focus() : drawer.open());
  const select = (id: string, name: string, isAgain = false) => {
    if (isAgain) return toHeading();
    directory.select(id, name);
    if (!isWide) drawer.open();
  };
  const toDetail = (row: Row) => {
    if (selected ?? member) toHeading();
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
  const toMember = (person: { readonly id: string; readonly name: string } | null) => {
    directory.selectMember(person);
    heading.focusNext();
  };
  const toField = () => field.current?.focus();
  const toTree = () => tree.current?.focus(directory.firstHit());
  const onEscape = () => directory.text !== "" && void clear();
  const onStep = ({ id, name }: Step) => {
    directory.select(id, name);
    // The link that was pressed goes with the old path.
    if (member) heading.focusNext();
    else heading.focus();
    tree.current?.scrollTo(id);
  };
  const onDecided = (path: readonly string[]) => {
    heading.focus();
    const last = path.at(-1);
    void directory.reload(path).then(() => last && tree.current?.scrollTo(last));
  };
  const decider = decides === null || at !== null ? null : { organization: decides, app, onDecided };
  const onMember = (id: string, name: string) => toMember({ id, name });
  const links: PanelProps = { address, at, decider, onStep, onMember };
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
            onDown={() => (people.current ? people.current.focus() : toTree())}
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
            onToDetail={toHeading}
            onSearch={toField}
            onEscape={onEscape}
            onLeave={toTree}
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
              onSearch={toField}
              onEscape={onEscape}
              onToDetail={toDetail}
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
            onBack={selected && (() => toMember(null))}
            {...links}
          />
        ) : (
          selected && (
            <DepartmentPanel
              headingRef={heading.ref}
              name={selected.name}
              state={detail.state}
              onRetry={detail.retry}
              {...links}
            />
          )
        )}
      </DetailPane>
    </div>
  );
}
