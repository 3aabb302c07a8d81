"use client";

import { Button } from "@mantine/core";
import { useTranslations } from "next-intl";
import { fetchJson } from "@/app/_components/data/fetch-json";
import { DisplayName } from "@/app/_components/text/display-name";
import type { Step } from "@/lib/directory/reader/paths";
import type { Child, ChildPage } from "@/lib/directory/tree/schema";
import { InPageLink } from "./facts";
import classes from "./member-list.module.css";
import { LoadError, LoadingSkeleton } from "./panel-state";
import { type ListPage, usePagedList } from "./use-paged-list";

type Props = {
  readonly address: string;
  readonly parent: string;
  readonly at: string | null;
  readonly onStep: (step: Step) => void;
};

/** The direct sub-departments of a department. */
export function SubDepartments({ address, parent, at, onStep }: Props) {
  const t = useTranslations("directory");
  const list = usePagedList(async (after, signal): Promise<ListPage<Child>> => {
    const query = { parent, at: at ?? undefined, after };
    const { items, total } = await fetchJson<ChildPage>(`${address}/tree/children`, query, signal);
    const last = items.at(-1);
    return { items, next: last && last.position < total ? last.id : null };
  });
  const { items, failed, isLoading } = list;
  return (
    <>
      {items?.length === 0 && <p className={classes.none}>{t("noChildren")}</p>}
      {items && items.length > 0 && (
        <ul className={classes.list}>
          {items.map(({ id, name, people }) => (
            <li key={id}>
              <InPageLink
                query={`node=${id}${at === null ? "" : `&at=${at}`}`}
                onOpen={() => onStep({ id, name })}
                className={classes.member}
              >
                <DisplayName name={name} nameless={t("nameless")} isClamped />
                {people !== undefined && <span className={classes.title}>{t("people", { n: people })}</span>}
              </InPageLink>
            </li>
          ))}
        </ul>
      )}
      {items === null && isLoading && <LoadingSkeleton rows={3} />}
      {failed && (
        <LoadError state={{ status: "failed", code: failed }} notFoundText={t("gone")} onRetry={list.retry} />
      )}
      {list.more && !failed && (
        <Button variant="default" size="xs" loading={isLoading} onClick={list.more}>
          {t("moreChildren")}
        </Button>
      )}
    </>
  );
}
