"use client";

import { useDisclosure, useMediaQuery } from "@mantine/hooks";
import { useTranslations } from "next-intl";
import { useRef } from "react";
import type { FoundMember, Step } from "@/lib/directory/tree/schema";
import { DepartmentTree } from "./department-tree";
import { DetailPane } from "./detail-pane";
import { DetailPanel } from "./detail-panel";
import classes from "./directory.module.css";
import { FoundMembers, type FoundMembersHandle } from "./found-members";
import { SearchField } from "./search-field";
import { SearchSays } from "./search-says";
import type { Row } from "./tree-rows";
import { useDetail } from "./use-detail";
import { type DirectoryStart, useDirectory } from "./use-directory";
import type { TreeHandle } from "./use-tree-focus";

/** Below it the panel is a drawer. The same in directory.module.css. */
const WIDE = "(min-width: 64em)";

type Props = { readonly start: DirectoryStart };

/** Search, tree and the panel beside it, or before it on a small screen. */
export function DirectoryView({ start }: Props) {
  const t = useTranslations("directory");
  const tree = useRef<TreeHandle>(null);
  const field = useRef<HTMLInputElement>(null);
  const people = useRef<FoundMembersHandle>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const directory = useDirectory(start, () => {
    if (start.selectedId !== null) tree.current?.scrollTo(start.selectedId);
  });
  const { selected, searching, store, members } = directory;
  const detail = useDetail(start.address, selected?.id ?? null, start.selected);
  const isWide = useMediaQuery(WIDE, true);
  const [isDrawerOpen, drawer] = useDisclosure();

  const toHeading = () => (isWide ? heading.current?.focus() : drawer.open());
  const select = (id: string, name: string, isAgain = false) => {
    if (isAgain) return toHeading();
    directory.select(id, name);
    if (!isWide) drawer.open();
  };
  const toDetail = (row: Row) => {
    if (selected) toHeading();
    else if (row.kind === "department") select(row.key, row.name);
  };
  const clear = async () => {
    field.current?.focus();
    await directory.leaveSearch();
    if (selected) tree.current?.scrollTo(selected.id);
  };
  const selectMember = (member: FoundMember) => {
    directory.selectMember(member);
    if (!isWide && member.departments.length > 0) drawer.open();
  };
  const toField = () => field.current?.focus();
  const toTree = () => tree.current?.focus(directory.firstHit());
  const onEscape = () => directory.text !== "" && void clear();
  const onStep = ({ id, name }: Step) => {
    directory.select(id, name);
    // The link that was pressed goes with the old path.
    heading.current?.focus();
    tree.current?.scrollTo(id);
  };
  return (
    <div className={classes.panes}>
      <section className={classes.pane} aria-label={t("treePane")}>
        <SearchField
          ref={field}
          text={directory.text}
          isSearching={searching.is === "searching"}
          onText={(text, isComposing) => void directory.type(text, isComposing)}
          onClear={() => void clear()}
          onDown={() => (people.current ? people.current.focus() : toTree())}
        />
        <SearchSays
          state={searching}
          onRetry={directory.searchAgain}
          onRemovedToo={directory.searchRemovedToo}
        />
        {searching.is !== "failed" && members.length > 0 && (
          <FoundMembers
            ref={people}
            members={members}
            selected={directory.member}
            query={directory.query}
            onSelect={selectMember}
            onSearch={toField}
            onEscape={onEscape}
            onLeave={toTree}
          />
        )}
        {searching.is !== "failed" && store.view().rows.length > 0 && (
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
      </section>
      <DetailPane
        isWide={isWide}
        isOpen={isDrawerOpen}
        onClose={drawer.close}
        onToTree={() => tree.current?.focus()}
      >
        {selected && (
          <DetailPanel
            headingRef={heading}
            name={selected.name}
            state={detail.state}
            onRetry={detail.retry}
            onStep={onStep}
          />
        )}
      </DetailPane>
    </div>
  );
}
