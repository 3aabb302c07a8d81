"use client";

import { ActionIcon, Menu } from "@mantine/core";
import { IconBell, IconChecks } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import { useEffect, useRef } from "react";
import { Link } from "@/app/_components/navigation/link";
import { ClientDateTime } from "@/app/_components/time/client-date-time";
import type { ShownNotice } from "./load-notices";
import { APPEARANCE, ENDED, NoticeSentence, useMarkNoticesSeen } from "./notice-parts";
import classes from "./notices.module.css";

function Line({ notice }: { readonly notice: ShownNotice }) {
  const t = useTranslations("notices");
  const { reason, since, endedAt, isSeen } = notice;
  return (
    <span className={classes.line}>
      <span className={classes.name}>
        {!isSeen && (
          <>
            <span className={classes.dot} aria-hidden />
            <span className="visually-hidden">{t("unread")} </span>
          </>
        )}
        <NoticeSentence notice={notice} />
      </span>
      {reason && <span>{reason}</span>}
      <span className={classes.when}>
        {endedAt ? t("over") : t("since")} <ClientDateTime at={endedAt ?? since} />
      </span>
    </span>
  );
}

type Props = { readonly organization: string; readonly items: readonly ShownNotice[] };

/** Recent notices, with the number of unseen ones. */
export function NoticeBell({ organization, items }: Props) {
  const t = useTranslations("notices");
  const { markSeen } = useMarkNoticesSeen(organization);
  const unread = items.filter(({ isSeen }) => !isSeen).length;
  const list = useRef<HTMLDivElement>(null);
  // "Mark all as read" disappears with the last unread notice. If it had the focus, the arrow keys would stop working.
  useEffect(() => {
    if (unread > 0 || document.activeElement !== document.body) return;
    list.current?.querySelector<HTMLElement>("a[role=menuitem]")?.focus();
  }, [unread]);
  return (
    <Menu position="bottom-end" width={320}>
      <Menu.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          size={36}
          aria-label={unread > 0 ? t("bell", { n: unread }) : t("title")}
        >
          <span className={classes.bell}>
            <IconBell size={22} aria-hidden />
            {unread > 0 && (
              <span className={classes.count} aria-hidden>
                {unread}
              </span>
            )}
          </span>
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown ref={list} className={classes.list}>
        {items.length === 0 && <Menu.Label>{t("none")}</Menu.Label>}
        {unread > 0 && (
          <>
            <Menu.Item
              closeMenuOnClick={false}
              leftSection={<IconChecks size={16} aria-hidden />}
              onClick={() => markSeen(null)}
            >
              {t("seeAll")}
            </Menu.Item>
            <Menu.Divider />
          </>
        )}
        {items.map((notice) => {
          const [tone, Icon] = notice.endedAt ? ENDED : APPEARANCE[notice.state];
          return (
            <Menu.Item
              key={notice.id}
              component={Link}
              href={`/o/${organization}/${notice.path}`}
              onClick={() => markSeen(notice.id)}
              leftSection={
                <span data-tone={tone} className={classes.icon}>
                  <Icon size={16} aria-hidden />
                </span>
              }
            >
              <Line notice={notice} />
            </Menu.Item>
          );
        })}
      </Menu.Dropdown>
    </Menu>
  );
}
