"use client";

import { useTranslations } from "next-intl";
import { type KeyboardEvent, type Ref, useId, useImperativeHandle, useRef, useState } from "react";
import { DisplayName } from "@/app/_components/text/display-name";
import type { FoundMember } from "@/lib/directory/search/schema";
import classes from "./found-members.module.css";

const SEPARATOR = " › ";
export type FoundMembersHandle = { focus(): void };

type Props = {
  readonly ref: Ref<FoundMembersHandle>;
  readonly members: readonly FoundMember[];
  readonly selected: string | null;
  /** Search text to highlight. */
  readonly query: string;
  readonly onSelect: (member: FoundMember) => void;
  /** Moves the focus to the selected member's panel. */
  readonly onToDetail: () => void;
  /** Moves the focus to the search field. */
  readonly onSearch: () => void;
  readonly onEscape: () => void;
  /** Moves the focus below the last member. */
  readonly onLeave: () => void;
};

function Member({ member, query }: { readonly member: FoundMember; readonly query: string }) {
  const t = useTranslations("directory");
  const { name, title, jobNumber, isActive, isRemoved, departments, departmentCount } = member;
  const facts = [title, jobNumber].filter((fact) => fact);
  const [first] = departments;
  return (
    <>
      <span className={classes.name}>
        <DisplayName name={name} nameless={t("nameless")} query={query} isClamped />
        {facts.length > 0 && <bdi className={classes.facts}>{facts.join(" · ")}</bdi>}
        {isRemoved && <span className={classes.facts}>{t("removed")}</span>}
        {!isRemoved && isActive === false && <span className={classes.facts}>{t("inactive")}</span>}
      </span>
      {first && (
        <span className={classes.departmentPath}>
          <bdi>{first.path.join(SEPARATOR)}</bdi>
          {departmentCount > 1 && ` · ${t("moreWays", { n: departmentCount - 1 })}`}
        </span>
      )}
    </>
  );
}

/** The members that a search found, as a list with one tab stop. */
export function FoundMembers({ ref, members, selected, query, onSelect, ...to }: Props) {
  const t = useTranslations("directory");
  const heading = useId();
  const list = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(0);
  const stop = Math.min(active, members.length - 1);

  const focus = (index: number) => {
    setActive(index);
    list.current?.querySelectorAll<HTMLElement>("[role=option]")[index]?.focus();
  };
  useImperativeHandle(ref, () => ({ focus: () => focus(stop) }));

  const choose = () => {
    const member = members[stop];
    if (member?.id === selected) to.onToDetail();
    else if (member) onSelect(member);
  };
  const moves: Readonly<Record<string, () => void>> = {
    ArrowDown: () => (stop < members.length - 1 ? focus(stop + 1) : to.onLeave()),
    ArrowUp: () => (stop > 0 ? focus(stop - 1) : to.onSearch()),
    Home: () => focus(0),
    End: () => focus(members.length - 1),
    Enter: choose,
    " ": choose,
    F6: () => (selected === null ? choose() : to.onToDetail()),
    "/": to.onSearch,
    Escape: to.onEscape,
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const move = event.ctrlKey || event.metaKey || event.altKey ? undefined : moves[event.key];
    if (!move) return;
    event.preventDefault();
    move();
  };
  return (
    <div className={classes.members}>
      <h2 id={heading} className={classes.heading}>
        {t("members")}
      </h2>
      {/* oxlint-disable-next-line jsx-a11y/interactive-supports-focus -- its options get the focus */}
      <div ref={list} role="listbox" aria-labelledby={heading} className={classes.list} onKeyDown={onKeyDown}>
        {members.map((member, index) => (
          // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the list handles keys
          <div
            key={member.id}
            role="option"
            aria-selected={member.id === selected}
            data-member={member.id}
            tabIndex={index === stop ? 0 : -1}
            className={classes.member}
            onFocus={() => setActive(index)}
            onClick={() => onSelect(member)}
          >
            <Member member={member} query={query} />
          </div>
        ))}
      </div>
    </div>
  );
}
