"use client";

import { Button } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useTranslations } from "next-intl";
import { useRef } from "react";
import { fetchJson } from "@/app/_components/data/fetch-json";
import { DisplayName } from "@/app/_components/text/display-name";
import type { MemberPage, SeatedMember } from "@/lib/directory/members/schema";
import { MEMBERS_PER_PAGE } from "@/lib/directory/page-sizes";
import { InPageLink } from "./facts";
import classes from "./member-list.module.css";
import { LoadError, LoadingSkeleton } from "./panel-state";
import { usePagedList } from "./use-paged-list";

/** Longer lists have their own scrollbar and render only the rows in view. */
const PLAIN_LIST_MAX = 200;
const ROW_PX = 52;

type Props = {
  /** Address of the directory page. */
  readonly address: string;
  readonly department: string;
  readonly at: string | null;
  readonly onMember: (id: string, name: string) => void;
};

type RowProps = {
  readonly member: SeatedMember;
  readonly query: string;
  readonly onMember: Props["onMember"];
};

function Member({ member, query, onMember }: RowProps) {
  const t = useTranslations("directory");
  const { id, name, title, isLeader, isActive } = member;
  return (
    <InPageLink
      query={`${query}&member=${encodeURIComponent(id)}`}
      onOpen={() => onMember(id, name)}
      className={classes.member}
    >
      <span className={classes.name}>
        <DisplayName name={name} nameless={t("nameless")} isClamped />
        {isLeader && <span className={classes.mark}>{t("leader")}</span>}
        {isActive === false && <span className={classes.inactive}>{t("inactive")}</span>}
      </span>
      {title !== null && <bdi className={classes.title}>{title}</bdi>}
    </InPageLink>
  );
}

type ListProps = Omit<RowProps, "member"> & {
  readonly members: readonly SeatedMember[];
  readonly total: number;
};

function PlainList({ members, ...row }: ListProps) {
  return (
    <ul className={classes.list}>
      {members.map((member) => (
        <li key={member.id}>
          <Member member={member} {...row} />
        </li>
      ))}
    </ul>
  );
}

function VirtualList({ members, total, ...row }: ListProps) {
  const t = useTranslations("directory");
  const scroller = useRef<HTMLDivElement>(null);
  // oxlint-disable-next-line react/incompatible-library -- the React compiler is not in use
  const virtualizer = useVirtualizer({
    count: members.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => members[index]?.id ?? index,
    overscan: 10,
  });
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scroll container must be reachable by keyboard
    <section ref={scroller} className={classes.scroller} tabIndex={0} aria-label={t("members")}>
      <ul className={classes.list} style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map(({ index, start }) => {
          const member = members[index];
          return (
            member && (
              <li
                key={member.id}
                className={classes.placed}
                style={{ transform: `translateY(${start}px)` }}
                aria-setsize={total}
                aria-posinset={index + 1}
              >
                <Member member={member} {...row} />
              </li>
            )
          );
        })}
      </ul>
    </section>
  );
}

/** The direct members of a department. */
export function MemberList({ address, department, at, onMember }: Props) {
  const t = useTranslations("directory");
  const list = usePagedList(async (after, signal) => {
    const query = { department, at: at ?? undefined, after };
    const page = await fetchJson<MemberPage>(`${address}/detail/members`, query, signal);
    return {
      items: page.items.map((member) => ({ member, total: page.total })),
      next: page.items.length === MEMBERS_PER_PAGE ? (page.items.at(-1)?.id ?? null) : null,
    };
  });
  const { items, failed, isLoading } = list;
  const members = items?.map(({ member }) => member) ?? [];
  const total = items?.[0]?.total ?? 0;
  const row = { members, total, onMember, query: `node=${department}${at === null ? "" : `&at=${at}`}` };
  return (
    <>
      {items?.length === 0 && <p className={classes.none}>{t("noMembers")}</p>}
      {members.length > PLAIN_LIST_MAX ? (
        <VirtualList {...row} />
      ) : (
        members.length > 0 && <PlainList {...row} />
      )}
      {items === null && isLoading && <LoadingSkeleton rows={3} />}
      {failed && (
        <LoadError state={{ status: "failed", code: failed }} notFoundText={t("gone")} onRetry={list.retry} />
      )}
      {list.more && !failed && members.length < total && (
        <Button variant="default" size="xs" loading={isLoading} onClick={list.more}>
          {t("more", { n: Math.min(MEMBERS_PER_PAGE, total - members.length), total })}
        </Button>
      )}
    </>
  );
}
