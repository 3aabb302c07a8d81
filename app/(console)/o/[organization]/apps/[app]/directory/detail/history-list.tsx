"use client";

import { Button } from "@mantine/core";
import { useTranslations } from "next-intl";
import { ChangedField, pathText } from "@/app/_components/changes/changed-field";
import { fetchJson } from "@/app/_components/data/fetch-json";
import { Link } from "@/app/_components/navigation/link";
import { DisplayName } from "@/app/_components/text/display-name";
import { ClientDateTime } from "@/app/_components/time/client-date-time";
import type { HistoryEntry, HistoryPage } from "@/lib/directory/history/schema";
import classes from "./history.module.css";
import { LoadError, LoadingSkeleton } from "./panel-state";
import { type ListPage, usePagedList } from "./use-paged-list";

type Props = {
  readonly address: string;
  readonly object: "department" | "member";
  readonly id: string;
  readonly at: string | null;
};

function Entry({ entry, address }: { readonly entry: HistoryEntry; readonly address: string }) {
  const t = useTranslations("directory");
  const changes = useTranslations("changes");
  const { kind, reason, path, fields, appliedAt, runId, runNumber, madeBy } = entry;
  const app = address.slice(0, address.lastIndexOf("/"));
  return (
    <li className={classes.entry}>
      <p className={classes.head}>
        <strong>{changes(`kindOf.${kind}`)}</strong> <ClientDateTime at={appliedAt} />{" "}
        {runId !== null && runNumber !== null && (
          <Link href={`${app}/syncs/${runId}`}>{t("history.run", { number: runNumber })}</Link>
        )}
        {madeBy !== null && <bdi>{t("history.by", { who: madeBy })}</bdi>}
      </p>
      {reason !== null && <p className={classes.note}>{changes(`reason.${reason}`)}</p>}
      {fields.length === 0 && path.length > 0 && (
        <p className={classes.note}>
          <DisplayName name={pathText(path)} nameless="" />
        </p>
      )}
      {fields.length > 0 && (
        <dl className={classes.fields}>
          {fields.map((field) => (
            <ChangedField key={`${field.field} ${field.department}`} field={field} />
          ))}
        </dl>
      )}
    </li>
  );
}

/** All changes of a department or member, newest first. */
export function HistoryList({ address, object, id, at }: Props) {
  const t = useTranslations("directory");
  const list = usePagedList(async (after, signal): Promise<ListPage<HistoryEntry>> => {
    const query = { object, id, at: at ?? undefined, after };
    const { entries, older } = await fetchJson<HistoryPage>(`${address}/detail/history`, query, signal);
    return { items: entries, next: older };
  });
  const { items, failed, isLoading } = list;
  return (
    <>
      {items?.length === 0 && <p className={classes.note}>{t("history.none")}</p>}
      {items && items.length > 0 && (
        <ol className={classes.list}>
          {items.map((entry) => (
            <Entry key={entry.revision} entry={entry} address={address} />
          ))}
        </ol>
      )}
      {items === null && isLoading && <LoadingSkeleton rows={3} />}
      {failed && (
        <LoadError state={{ status: "failed", code: failed }} notFoundText={t("gone")} onRetry={list.retry} />
      )}
      {list.more && !failed && (
        <Button variant="default" size="xs" loading={isLoading} onClick={list.more}>
          {t("history.older")}
        </Button>
      )}
    </>
  );
}
